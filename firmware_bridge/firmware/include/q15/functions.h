/* Powers of two and quotients. Twin of edgelearn/fixed/functions.py. */
#ifndef EL_Q15_FUNCTIONS_H
#define EL_Q15_FUNCTIONS_H

#include "q15/number.h"

/* 2**-z in 15 fraction bits, 0 to 2**15; z has 16. */
static inline uint32_t el_q_power(uint32_t z) {
    static const uint16_t table[65] = {
        32768, 32415, 32066, 31720, 31379, 31041, 30706, 30376, 30048, 29725, 29405, 29088, 28774,
        28464, 28158, 27855, 27554, 27258, 26964, 26674, 26386, 26102, 25821, 25543, 25268, 24995,
        24726, 24460, 24196, 23936, 23678, 23423, 23170, 22921, 22674, 22430, 22188, 21949, 21713,
        21479, 21247, 21019, 20792, 20568, 20347, 20127, 19911, 19696, 19484, 19274, 19066, 18861,
        18658, 18457, 18258, 18061, 17867, 17674, 17484, 17296, 17109, 16925, 16743, 16562, 16384,
    };
    const uint32_t whole = z >> 16, at = (z & 0xFFFFU) >> 10, rest = z & 1023U;
    if (whole > 15) {
        return 0;
    }
    const uint32_t drop = (uint32_t)table[at] - table[at + 1];
    return (table[at] - ((drop * rest + 512) >> 10)) >> whole;
}

/* 1 / v as reciprocal / 2**(31 + shift). */
typedef struct {
    uint32_t reciprocal; /* in [2**15, 2**16] */
    int32_t shift;       /* how far v was shifted right to have 16 bits; below 0: left */
} el_q_divisor;

EL_Q el_q_divisor el_q_divide_by(uint32_t v) {
    const int32_t shift = el_q_bits(v) - 16;
    const uint32_t upper = shift >= 0 ? v >> shift : v << -shift;
    const el_q_divisor by = {0x80000000U / upper, shift};
    return by;
}

#endif
