/* Frames: COBS, a delimiter, a CRC-32 at the end (SPEC.md, 1). No state but the one the caller owns. */
#ifndef EL_FRAME_H
#define EL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "el_config.h"

#define EL_HEADER 6
#define EL_CHECK 4
#define EL_TAG (EL_AUTH ? 8 : 0)
#define EL_RAW_MAX (EL_HEADER + EL_MTU + EL_TAG + EL_CHECK)
#define EL_WIRE_MAX (EL_RAW_MAX + (EL_RAW_MAX + 253) / 254 + 1)

/* CRC-32 (IEEE) of n bytes after those that gave `crc`; start with 0. */
uint32_t el_crc32(uint32_t crc, const uint8_t *bytes, size_t n);

/* Decodes byte by byte into raw[]. */
typedef struct {
    uint16_t size; /* bytes in raw */
    uint8_t left;  /* bytes until the next code byte */
    uint8_t code;  /* the last code byte: 0xFF means no zero after its block; 0: nothing yet in this frame */
    bool over;     /* the frame is larger than raw[] */
    uint8_t raw[EL_RAW_MAX];
} el_decoder;

typedef enum { EL_MORE, EL_FRAME, EL_BROKEN, EL_OVERSIZE } el_decoded;

void el_decoder_init(el_decoder *d);

/* Takes one byte. EL_FRAME: raw[0 .. size) is a decoded frame, its check not yet looked at; valid until the next byte.
 * EL_BROKEN, EL_OVERSIZE: one is lost. A delimiter after a delimiter is EL_MORE. */
el_decoded el_decode(el_decoder *d, uint8_t byte);

/* Encodes header | payload | tail, delimiter included, to out (room for EL_WIRE_MAX); returns the bytes written. The
 * payload may lie in the last EL_MTU bytes of out: what is written stays behind what is read. */
size_t el_encode(uint8_t *out, const uint8_t header[EL_HEADER], const uint8_t *payload, size_t n, const uint8_t *tail,
                 size_t tail_n);

#endif
