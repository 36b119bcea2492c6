/* Two slots of flash: the state is the old one or the new one, never half, wherever the power goes. */
#ifndef EL_STORE_H
#define EL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "el_config.h"

typedef struct {
    uint32_t version; /* of the newest whole record; 0: none */
    uint32_t applied;
    uint32_t layout;
    uint32_t size;
    uint32_t filled;             /* bytes written to the other slot so far */
    uint8_t slot;                /* where the newest record lies */
    bool writing;                /* the other slot is being filled */
    uint8_t unit[EL_FLASH_UNIT]; /* the last bytes of `filled`, until there is a unit of them */
} el_store;

/* Finds the newest whole record; mends nothing, so that a cut in here costs nothing. */
void el_store_open(el_store *s);

/* Writes a record to the other slot: begin (erases), parts in order, commit (its header last, read back). false: failed, the old
 * record stands. A part that repeats bytes already written is taken if they are the same, so a part may be sent again. */
bool el_store_begin(el_store *s);
bool el_store_part(el_store *s, size_t offset, const uint8_t *from, size_t n);
uint32_t el_store_crc(const el_store *s); /* of the parts written so far */
bool el_store_commit(el_store *s, uint32_t applied, uint32_t layout);

/* The payload of the newest record, as mapped; NULL if there is none. */
const uint8_t *el_store_data(const el_store *s);

/* The most bytes a record can have. */
size_t el_store_room(void);

#endif
