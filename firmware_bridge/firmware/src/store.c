/* The store. A slot is a header, padded to whole units, then the payload. The rules that make it safe:
 *   - the slot of the newest record is never touched: a record is written to the other one;
 *   - that one is always erased first, also where it looks blank: an erase that was cut may read as one that was not;
 *   - every unit is written once and read back; the header goes last, so that half a record has none;
 *   - opening believes a record only if both checks hold, takes the newer of two, and writes nothing.
 * A unit half written may read as anything; the check of 32 bits is what stands against that. */
#include "el_store.h"

#include <string.h>

#include "el_frame.h"
#include "el_port.h"

#define MAGIC 0x31534C45U /* "ELS1" */

typedef struct {
    uint32_t magic;
    uint32_t version; /* one higher with each record, never 0 */
    uint32_t applied;
    uint32_t layout;
    uint32_t size;
    uint32_t payload_check;
    uint32_t header_check; /* of all before it */
} header;

#define HEADER_BYTES ((sizeof(header) + EL_FLASH_UNIT - 1) / EL_FLASH_UNIT * EL_FLASH_UNIT)

typedef char slots_are_whole_units[EL_SLOT_BYTES % EL_FLASH_UNIT == 0 && EL_SLOT_BYTES > HEADER_BYTES ? 1 : -1];

static const uint8_t *payload_of(unsigned slot) {
    return EL_FLASH(slot) + HEADER_BYTES;
}

static unsigned other(const el_store *s) {
    return 1U - s->slot;
}

static uint32_t header_check(const header *h) {
    return el_crc32(0, (const uint8_t *)h, offsetof(header, header_check));
}

static bool whole(unsigned slot, header *h) {
    memcpy(h, EL_FLASH(slot), sizeof *h);
    return h->magic == MAGIC && h->version != 0 && h->header_check == header_check(h) && h->size <= el_store_room() &&
           h->payload_check == el_crc32(0, payload_of(slot), h->size);
}

static bool program(unsigned slot, size_t offset, const uint8_t *from, size_t n) {
    return el_port_flash_write(slot, offset, from, n) && memcmp(EL_FLASH(slot) + offset, from, n) == 0;
}

void el_store_open(el_store *s) {
    memset(s, 0, sizeof *s);
    for (unsigned slot = 0; slot < 2; slot++) {
        header h;
        if (!whole(slot, &h) || (s->version != 0 && (int32_t)(h.version - s->version) < 0)) {
            continue;
        }
        s->version = h.version;
        s->applied = h.applied;
        s->layout = h.layout;
        s->size = h.size;
        s->slot = (uint8_t)slot;
    }
}

bool el_store_begin(el_store *s) {
    s->filled = 0;
    s->writing = el_port_flash_erase(other(s));
    return s->writing;
}

/* Bytes that are in flash; the rest of `filled` waits in `unit`. */
static size_t flushed(const el_store *s) {
    return s->filled - s->filled % EL_FLASH_UNIT;
}

static bool same(const el_store *s, size_t offset, const uint8_t *from, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t at = offset + i;
        uint8_t there = at < flushed(s) ? payload_of(other(s))[at] : s->unit[at - flushed(s)];
        if (there != from[i]) {
            return false;
        }
    }
    return true;
}

static bool flush(const el_store *s, size_t at, const uint8_t *from, size_t n) {
    return program(other(s), HEADER_BYTES + at, from, n);
}

static bool append(el_store *s, const uint8_t *from, size_t n) {
    while (n > 0) {
        size_t waiting = s->filled % EL_FLASH_UNIT;
        size_t units = waiting == 0 ? n - n % EL_FLASH_UNIT : 0; /* those go straight from the caller's bytes */
        size_t take = EL_FLASH_UNIT - waiting < n ? EL_FLASH_UNIT - waiting : n;
        if (units > 0) {
            take = units;
            s->writing = flush(s, s->filled, from, units);
        } else {
            memcpy(s->unit + waiting, from, take);
            if (waiting + take == EL_FLASH_UNIT) {
                s->writing = flush(s, flushed(s), s->unit, EL_FLASH_UNIT);
            }
        }
        if (!s->writing) {
            return false;
        }
        s->filled += (uint32_t)take;
        from += take;
        n -= take;
    }
    return true;
}

bool el_store_part(el_store *s, size_t offset, const uint8_t *from, size_t n) {
    if (!s->writing || offset > s->filled || n > el_store_room() - offset) {
        return false;
    }
    size_t known = s->filled - offset < n ? s->filled - offset : n;
    return same(s, offset, from, known) && append(s, from + known, n - known);
}

uint32_t el_store_crc(const el_store *s) {
    uint32_t crc = el_crc32(0, payload_of(other(s)), flushed(s));
    return el_crc32(crc, s->unit, s->filled % EL_FLASH_UNIT);
}

static bool finish(el_store *s, const header *h) {
    uint8_t bytes[HEADER_BYTES];
    size_t waiting = s->filled % EL_FLASH_UNIT;
    memset(s->unit + waiting, 0xFF, EL_FLASH_UNIT - waiting);
    if (waiting > 0 && !flush(s, flushed(s), s->unit, EL_FLASH_UNIT)) {
        return false;
    }
    if (el_crc32(0, payload_of(other(s)), s->filled) != h->payload_check) {
        return false;
    }
    memset(bytes, 0xFF, sizeof bytes);
    memcpy(bytes, h, sizeof *h);
    return program(other(s), 0, bytes, sizeof bytes);
}

bool el_store_commit(el_store *s, uint32_t applied, uint32_t layout) {
    if (!s->writing) {
        return false;
    }
    header h = {MAGIC, s->version + 1, applied, layout, s->filled, el_store_crc(s), 0};
    h.version += h.version == 0; /* 0 says that there is none */
    h.header_check = header_check(&h);
    s->writing = false;
    if (!finish(s, &h)) {
        (void)el_port_flash_erase(other(s)); /* what was refused shall not turn up after a restart */
        return false;
    }
    s->slot = (uint8_t)other(s);
    s->version = h.version;
    s->applied = applied;
    s->layout = layout;
    s->size = h.size;
    return true;
}

const uint8_t *el_store_data(const el_store *s) {
    return s->version == 0 ? NULL : payload_of(s->slot);
}

size_t el_store_room(void) {
    return EL_SLOT_BYTES - HEADER_BYTES;
}
