/* Division and square root in float32 by whole numbers, correctly rounded, for cores on which they are no instruction.
 *
 * Digit by digit (one bit a step), then rounded to the nearest, of two as near to the even one; IEEE 754, 5.4.1. */
#include "el_math.h"

#define FRACTION 0x007FFFFFU
#define IMPLIED 0x00800000U
#define QUIET 0x7FC00000U

/* Takes the size of a float (not 0, finite) apart: m in [2^23, 2^24), value m * 2^(e - 150). */
static uint32_t mantissa(uint32_t size, int32_t *e) {
    uint32_t m = size & FRACTION;
    *e = (int32_t)(size >> 23);
    if (*e != 0) {
        return m | IMPLIED;
    }
    for (*e = 1; m < IMPLIED; (*e)--) {
        m <<= 1;
    }
    return m;
}

float el_sqrt_soft(float x) {
    const uint32_t bits = el_bits(x);
    if ((bits & EL_SIZE) == 0 || bits == EL_INFINITE) {
        return x; /* -0 too */
    }
    if (bits > EL_INFINITE) {
        return el_float(QUIET); /* below 0, or NaN */
    }
    int32_t e;
    uint32_t rest = mantissa(bits, &e);
    if ((e & 1) == 0) { /* value = rest * 2^(e - 150): the power must be even */
        rest <<= 1;
        e -= 1;
    }
    /* the root of rest * 2^25, of 25 bits: the 24 of the mantissa and one to round by */
    uint32_t root = 0, left = 0;
    rest <<= 7; /* the pairs of bits come off the top: 25 of rest, then zeros */
    for (int k = 0; k < 25; k++) {
        left = (left << 2) | (rest >> 30);
        rest <<= 2;
        const uint32_t trial = (root << 2) | 1U;
        root <<= 1;
        if (left >= trial) {
            left -= trial;
            root |= 1U;
        }
    }
    /* an odd root of 25 bits is never exact: it rounds up; the carry into the exponent is right */
    const uint32_t m = (root >> 1) + (root & 1U);
    return el_float(((uint32_t)((e + 125) / 2) << 23) + m);
}

/* m * 2^(e - 150) with a bit to round by (and `more` below it), of sign, as a float. m in [2^24, 2^25). */
static float rounded(uint32_t sign, uint32_t m, int32_t e, bool more) {
    if (e >= 255) {
        return el_float(sign | EL_INFINITE);
    }
    int32_t drop = 1;
    if (e < 1) {
        drop = e < -24 ? 26 : 2 - e;
        e = 1;
    }
    const uint32_t kept = m >> drop, half = 1U << (drop - 1), lost = m & ((half << 1) - 1U);
    const bool up = lost > half || (lost == half && (more || (kept & 1U) != 0));
    const uint32_t found = kept + (up ? 1U : 0U); /* IMPLIED, if it is there, counts the exponent up by one */
    return el_float(sign | (((uint32_t)(e - 1) << 23) + found));
}

float el_divide_soft(float a, float b) {
    const uint32_t sign = (el_bits(a) ^ el_bits(b)) & EL_SIGN, p = el_bits(a) & EL_SIZE, q = el_bits(b) & EL_SIZE;
    if (p > EL_INFINITE || q > EL_INFINITE || (p == q && (p == 0 || p == EL_INFINITE))) {
        return el_float(QUIET);
    }
    if (p == EL_INFINITE || q == 0) {
        return el_float(sign | EL_INFINITE);
    }
    if (p == 0 || q == EL_INFINITE) {
        return el_float(sign);
    }
    int32_t ea, eb;
    uint32_t left = mantissa(p, &ea);
    const uint32_t by = mantissa(q, &eb);
    int32_t e = ea - eb + 127;
    if (left < by) {
        left <<= 1;
        e -= 1;
    }
    uint32_t found = 0; /* 25 bits, the first of them 1 */
    for (int k = 0; k < 25; k++) {
        found <<= 1;
        if (left >= by) {
            left -= by;
            found |= 1U;
        }
        left <<= 1;
    }
    return rounded(sign, found, e, left != 0);
}
