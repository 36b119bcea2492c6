/* Fixed point: saturation, rounding, rates and the dither. Twin of edgelearn/fixed/number.py, which states the formats.
 *
 * Whole numbers only, so that every core and compiler comes to the same bits. No sum or product here overflows; where the
 * bound is not plain it is written beside it. A signed number is shifted right as its two's complement. */
#ifndef EL_Q15_NUMBER_H
#define EL_Q15_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef char el_q_shifts_keep_the_sign[(-1 >> 1) == -1 ? 1 : -1];

/* Inlined, so that sizes and parameters that are constants stay constants. */
#define EL_Q static inline __attribute__((always_inline))

#define EL_Q_INPUT_BITS 15
#define EL_Q_DRIVE_BITS 12

EL_Q int32_t el_q_held(int32_t v, int32_t low, int32_t high) {
    return v < low ? low : v > high ? high : v;
}

EL_Q int16_t el_q_saturated(int32_t v) {
    return (int16_t)el_q_held(v, INT16_MIN, INT16_MAX);
}

/* v m / 2**15, rounded, halves upwards; m in [0, 2**15): the result is an int16. */
EL_Q int32_t el_q_scaled(int32_t v, int32_t m) {
    return (v * m + (1 << 14)) >> 15;
}

EL_Q uint32_t el_q_size(int32_t v) {
    return v < 0 ? 0U - (uint32_t)v : (uint32_t)v;
}

/* The next 32 bits of the generator; the upper ones are used. */
EL_Q uint32_t el_q_draw(uint32_t dither) {
    return dither * 1664525U + 1013904223U;
}

/* The number of bits of v, 0 for 0. */
EL_Q int32_t el_q_bits(uint32_t v) {
    int32_t n = 0;
    for (int32_t step = 16; step > 0; step >>= 1) {
        if (v >> step != 0) {
            v >>= step;
            n += step;
        }
    }
    return n + (int32_t)v;
}

/* The whole part of the root of v, bit by bit. */
static inline uint32_t el_q_root(uint32_t v) {
    uint32_t found = 0;
    for (uint32_t bit = 1U << 30; bit != 0; bit >>= 2) {
        const uint32_t tried = found + bit;
        found >>= 1;
        if (v >= tried) {
            v -= tried;
            found += bit;
        }
    }
    return found;
}

/* v m / 2**15 without its fraction, towards zero; m in [0, 2**15). */
EL_Q int32_t el_q_faded(int32_t v, int32_t m) {
    return v < 0 ? -((-v * m) >> 15) : (v * m) >> 15;
}

#endif
