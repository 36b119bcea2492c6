/* The frame decoder on damaged frames and on noise: stays within its memory, and what it takes is what was encoded. */
#include "el_frame.h"
#include "fuzz.h"

static el_decoder decoder; /* lives on, as on a line */

static size_t encoded(uint8_t *wire, uint8_t *raw, size_t *raw_n) {
    uint8_t *tail;
    const size_t payload = below(3) ? below(EL_MTU + 1) : below(2) ? EL_MTU : below(8), tail_n = EL_TAG + EL_CHECK;
    fill(raw, EL_HEADER + payload + tail_n);
    tail = raw + EL_HEADER + payload;
    *raw_n = EL_HEADER + payload + tail_n;
    const size_t n = el_encode(wire, raw, raw + EL_HEADER, payload, tail, tail_n);
    CHECK(n <= EL_WIRE_MAX && n >= *raw_n + 2 && wire[n - 1] == 0 && memchr(wire, 0, n - 1) == NULL);

    uint8_t *same = malloc(EL_WIRE_MAX); /* encoded where it lies: the same */
    memcpy(same + EL_WIRE_MAX - EL_MTU, raw + EL_HEADER, payload);
    CHECK(el_encode(same, raw, same + EL_WIRE_MAX - EL_MTU, payload, tail, tail_n) == n && !memcmp(same, wire, n));
    free(same);
    return n;
}

static void undamaged(const uint8_t *wire, size_t n, const uint8_t *raw, size_t raw_n) {
    el_decode(&decoder, 0);
    for (size_t i = 0; i < n; i++) {
        CHECK(el_decode(&decoder, wire[i]) == (i + 1 < n ? EL_MORE : EL_FRAME));
    }
    CHECK(decoder.size == raw_n && !memcmp(decoder.raw, raw, raw_n));
}

static void damaged(uint8_t *wire, size_t n) {
    uint8_t *given = malloc(n ? n : 1);
    memcpy(given, wire, n);
    for (size_t i = 0; i < n; i++) {
        const el_decoded what = el_decode(&decoder, given[i]);
        CHECK(decoder.size <= EL_RAW_MAX);
        CHECK(what == EL_MORE || given[i] == 0);
        if (what == EL_FRAME) {
            (void)el_crc32(0, decoder.raw, decoder.size);
        }
    }
    free(given);
}

static void one(void) {
    static uint8_t wire[2 * EL_WIRE_MAX + 64], raw[EL_RAW_MAX];
    size_t raw_n, n = encoded(wire, raw, &raw_n);
    undamaged(wire, n, raw, raw_n);
    if (below(8) == 0) { /* noise without end */
        n = sizeof wire;
        fill(wire, n);
    } else if (below(2)) {
        n += encoded(wire + n, raw, &raw_n);
    }
    damaged(wire, mutate(wire, n, sizeof wire));
}

int main(int argc, char **argv) {
    el_decoder_init(&decoder);
    return fuzz(argc, argv, one, 1);
}
