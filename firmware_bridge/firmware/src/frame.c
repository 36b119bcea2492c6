/* Frames to bytes and back. Nothing here believes a length that came over the line: a frame ends at its delimiter. */
#include "el_frame.h"

uint32_t el_crc32(uint32_t crc, const uint8_t *bytes, size_t n) {
    /* four bits at a time: 64 bytes of table instead of 1024 */
    static const uint32_t table[16] = {
        0x00000000U, 0x1DB71064U, 0x3B6E20C8U, 0x26D930ACU, 0x76DC4190U, 0x6B6B51F4U, 0x4DB26158U, 0x5005713CU,
        0xEDB88320U, 0xF00F9344U, 0xD6D6A3E8U, 0xCB61B38CU, 0x9B64C2B0U, 0x86D3D2D4U, 0xA00AE278U, 0xBDBDF21CU,
    };
    crc = ~crc;
    while (n--) {
        crc ^= *bytes++;
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

void el_decoder_init(el_decoder *d) {
    d->size = 0;
    d->code = 0;
    d->left = 0;
    d->over = false;
}

static void keep(el_decoder *d, uint8_t byte) {
    if (d->size < EL_RAW_MAX) {
        d->raw[d->size++] = byte;
    } else {
        d->over = true;
    }
}

static el_decoded end(el_decoder *d) {
    const el_decoded what = d->code == 0 ? EL_MORE : d->over ? EL_OVERSIZE : d->left ? EL_BROKEN : EL_FRAME;
    d->code = 0;
    return what;
}

el_decoded el_decode(el_decoder *d, uint8_t byte) {
    if (byte == 0) {
        return end(d);
    }
    if (d->code && d->left) {
        keep(d, byte);
        d->left--;
        return EL_MORE;
    }
    if (d->code == 0) { /* the first byte of a frame */
        el_decoder_init(d);
    } else if (d->code != 0xFF) {
        keep(d, 0);
    }
    d->code = byte;
    d->left = (uint8_t)(byte - 1);
    return EL_MORE;
}

typedef struct {
    uint8_t *out;
    size_t at;
    size_t code_at; /* of the block that grows */
    uint8_t code;
} encoder;

static void next_block(encoder *e) {
    e->out[e->code_at] = e->code;
    e->code_at = e->at++;
    e->code = 1;
}

static void put(encoder *e, const uint8_t *bytes, size_t n) {
    while (n--) {
        const uint8_t byte = *bytes++; /* read before anything is written: both may be in one buffer */
        if (e->code == 0xFF) {         /* full: its end stands for no zero */
            next_block(e);
        }
        if (byte == 0) {
            next_block(e);
        } else {
            e->out[e->at++] = byte;
            e->code++;
        }
    }
}

size_t el_encode(uint8_t *out, const uint8_t header[EL_HEADER], const uint8_t *payload, size_t n, const uint8_t *tail,
                 size_t tail_n) {
    encoder e = {out, 1, 0, 1};
    put(&e, header, EL_HEADER);
    put(&e, payload, n);
    put(&e, tail, tail_n);
    out[e.code_at] = e.code;
    out[e.at++] = 0;
    return e.at;
}
