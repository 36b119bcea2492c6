/* What the fuzzers share: draws that a seed repeats, damage to bytes, the command line. A finding ends the process. */
#ifndef EL_FUZZ_H
#define EL_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "%s:%d: not so: %s (replay: 1 %llu)\n", __FILE__, __LINE__, #what, fuzz_seed); \
            abort(); \
        } \
    } while (0)

static unsigned long long fuzz_seed; /* of the input that runs */
static uint64_t fuzz_state;

static inline uint32_t draw(void) { /* xorshift64*, Vigna 2016 */
    fuzz_state ^= fuzz_state >> 12;
    fuzz_state ^= fuzz_state << 25;
    fuzz_state ^= fuzz_state >> 27;
    return (uint32_t)((fuzz_state * 0x2545F4914F6CDD1DULL) >> 32);
}

static inline size_t below(size_t n) {
    return n ? draw() % n : 0;
}

static inline void begin(unsigned long long seed) {
    fuzz_seed = seed;
    fuzz_state = (seed + 1) * 0x9E3779B97F4A7C15ULL;
}

static inline void fill(uint8_t *to, size_t n) {
    const size_t rare = below(8); /* now and then many zeros, or none */
    for (size_t i = 0; i < n; i++) {
        to[i] = rare == 0 && below(2) ? 0 : rare == 1 ? (uint8_t)(1 + below(255)) : (uint8_t)draw();
    }
}

/* Damages n bytes that have room for `room`; returns how many there are then. */
static inline size_t mutate(uint8_t *bytes, size_t n, size_t room) {
    for (size_t times = 1 + below(4); times; times--) {
        const size_t at = below(n), many = 1 + below(below(4) ? 4 : 64);
        switch (below(6)) {
        case 0: /* turn bits */
            if (n) {
                bytes[at] ^= (uint8_t)(1 + below(255));
            }
            break;
        case 1: /* lose some */
            if (at + many <= n) {
                memmove(bytes + at, bytes + at + many, n - at - many);
                n -= many;
            }
            break;
        case 2: /* insert some */
            if (n + many <= room) {
                memmove(bytes + at + many, bytes + at, n - at);
                fill(bytes + at, many);
                n += many;
            }
            break;
        case 3: /* repeat some */
            if (at + many <= n && n + many <= room) {
                memmove(bytes + at + many, bytes + at, n - at);
                n += many;
            }
            break;
        case 4: /* an extreme */
            if (n) {
                bytes[at] = below(2) ? 0xFF : 0;
            }
            break;
        default: /* cut */
            n = at;
        }
    }
    return n;
}

/* Runs `one`, which takes `each` inputs, with seed, seed + 1, … as the arguments say: [count] [seed]. */
static inline int fuzz(int argc, char **argv, void (*one)(void), unsigned long long each) {
    const unsigned long long count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    const unsigned long long seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    for (unsigned long long i = 0; i < count; i += each) {
        begin(seed + i / each);
        one();
    }
    printf("%llu inputs, 0 findings\n", count);
    return 0;
}

#endif
