/* What Python cannot see of struct el_link. */
#include "el_link.h"

size_t glue_size(void);
size_t glue_waiting(const el_link *l);
uint32_t glue_round_trip_us(const el_link *l);
uint32_t glue_credit_left(const el_link *l);
void glue_counters(const el_link *l, uint32_t *to);
size_t glue_raw_max(void);
size_t glue_wire_max(void);
size_t glue_decoder_size(void);
bool glue_read(unsigned number, void *m, const uint8_t *payload, uint16_t n);
uint16_t glue_write(unsigned number, const void *m, uint8_t *to);
size_t glue_decode(el_decoder *d, const uint8_t *bytes, size_t n, uint8_t *to, uint32_t *damaged);

size_t glue_size(void) {
    return sizeof(el_link);
}

size_t glue_waiting(const el_link *l) {
    return l->tx_end - l->tx_base;
}

uint32_t glue_round_trip_us(const el_link *l) {
    return (uint32_t)l->round_trip_us;
}

/* What may still be spent; above 2^31: too much was. */
uint32_t glue_credit_left(const el_link *l) {
    return l->tx_limit - l->tx_cost;
}

void glue_counters(const el_link *l, uint32_t *to) {
    const el_counters *c = &l->counters;
    const uint32_t all[] = {c->frames_sent, c->frames_received, c->resent,        c->duplicates, c->bad_frames,
                            c->oversize,    c->bad_tag,         c->unexpected,    c->refused_hello, c->malformed};
    memcpy(to, all, sizeof all);
}

size_t glue_raw_max(void) {
    return EL_RAW_MAX;
}

size_t glue_wire_max(void) {
    return EL_WIRE_MAX;
}

size_t glue_decoder_size(void) {
    return sizeof(el_decoder);
}

#define READ(type, name, upper) \
    case EL_##upper: \
        return el_read_##name((type *)m, payload, n);
#define WRITE(type, name, upper) \
    case EL_##upper: \
        return el_write_##name(to, (const type *)m);

bool glue_read(unsigned number, void *m, const uint8_t *payload, uint16_t n) {
    switch (number) {
        EL_MESSAGES(READ)
    default:
        return false;
    }
}

uint16_t glue_write(unsigned number, const void *m, uint8_t *to) {
    switch (number) {
        EL_MESSAGES(WRITE)
    default:
        return 0;
    }
}

/* Decodes n bytes; frames go to `to`, each after its size u16; damaged[0]: broken, damaged[1]: oversize. */
size_t glue_decode(el_decoder *d, const uint8_t *bytes, size_t n, uint8_t *to, uint32_t *damaged) {
    size_t written = 0;
    while (n--) {
        const el_decoded what = el_decode(d, *bytes++);
        if (what == EL_FRAME) {
            el_put_u16(to + written, d->size);
            memcpy(to + written + 2, d->raw, d->size);
            written += 2 + (size_t)d->size;
        } else if (what != EL_MORE) {
            damaged[what == EL_OVERSIZE]++;
        }
    }
    return written;
}
