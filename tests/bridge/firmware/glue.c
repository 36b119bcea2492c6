/* What Python cannot see of struct el_link. */
#include "link_internal.h"

size_t glue_size(void);
size_t glue_waiting(const el_link *l);
uint32_t glue_round_trip_us(const el_link *l);
uint32_t glue_credit_left(const el_link *l);
void glue_counters(const el_link *l, uint32_t *to);
void glue_describe(el_hello *m, uint32_t applied, const char *firmware);
void glue_tag(const uint8_t *key, uint8_t role, uint32_t seq, uint32_t ack, const uint8_t *frame, uint16_t n,
              uint8_t *tag);
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

/* What may still be spent; little below 2^32: too much was. */
uint32_t glue_credit_left(const el_link *l) {
    return l->tx_limit - l->tx_cost;
}

void glue_counters(const el_link *l, uint32_t *to) {
    const el_counters *c = &l->counters;
    const uint32_t all[] = {c->frames_sent, c->frames_received, c->resent,        c->duplicates, c->bad_frames,
                            c->oversize,    c->bad_tag,         c->unexpected,    c->refused_hello, c->malformed};
    memcpy(to, all, sizeof all);
}

void glue_describe(el_hello *m, uint32_t applied, const char *firmware) {
    m->applied = applied;
    memcpy(m->firmware, firmware, strlen(firmware));
}

#if EL_AUTH
/* The tag of a frame of n bytes, header included, in the session of this key. */
void glue_tag(const uint8_t *key, uint8_t role, uint32_t seq, uint32_t ack, const uint8_t *frame, uint16_t n,
              uint8_t *tag) {
    static el_link link;
    memcpy(link.session.key, key, EL_KEY_BYTES);
    el_session_tag(&link, tag, role, seq, ack, frame, frame + EL_HEADER, (uint16_t)(n - EL_HEADER));
}
#endif

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
