/* Third factors. Twin of edgelearn/fixed/signals.py. */
#ifndef EL_Q15_SIGNALS_H
#define EL_Q15_SIGNALS_H

#include "q15/number.h"

EL_Q void el_q_unsupervised(int16_t *third, size_t n) {
    for (size_t j = 0; j < n; j++) {
        third[j] = 1 << EL_Q_DRIVE_BITS;
    }
}

/* The index of the highest, of equals the first. */
EL_Q size_t el_q_best(const int16_t *out, size_t n) {
    size_t best = 0;
    for (size_t j = 1; j < n; j++) {
        best = out[j] > out[best] ? j : best;
    }
    return best;
}

EL_Q void el_q_competition(const int16_t *out, int16_t *third, size_t n) {
    const size_t winner = el_q_best(out, n);
    for (size_t j = 0; j < n; j++) {
        third[j] = j == winner ? out[j] : el_q_saturated(-(int32_t)out[j]);
    }
}

EL_Q void el_q_label_error(const int16_t *out, size_t label, int bits, int16_t *third, size_t n) {
    const int32_t one = bits < 15 ? 1 << bits : INT16_MAX;
    for (size_t j = 0; j < n; j++) {
        third[j] = el_q_saturated((j == label ? one : 0) - out[j]);
    }
}

/* A reward in [-8, 8) to 12 fraction bits, from the bits of the float: a core without an FPU needs no library for it. */
static inline bool el_q_reward_of(float reward, int32_t *r) {
    uint32_t bits;
    memcpy(&bits, &reward, sizeof bits);
    const int32_t exponent = (int32_t)((bits >> 23) & 0xFFU) - 127;
    const uint32_t whole = (bits & 0x7FFFFFU) | 0x800000U; /* of 2**(exponent - 23) */
    const bool below = bits >> 31 != 0;
    *r = 0;
    if (exponent >= 3) {
        *r = INT16_MIN;
        return below && exponent == 3 && whole == 0x800000U;
    }
    if (exponent < -13) { /* less than half a unit */
        return true;
    }
    const int32_t half = 1 << (10 - exponent), v = below ? -(int32_t)whole : (int32_t)whole;
    *r = el_q_held((v + half) >> (11 - exponent), INT16_MIN, INT16_MAX);
    return true;
}

/* p: alpha. The running mean stays within the rewards, so it does not overflow. */
EL_Q void el_q_reward(const int32_t *p, int32_t *baseline, int32_t r, int16_t *third, size_t n) {
    const int16_t surprise = el_q_saturated(r - (*baseline >> 16));
    *baseline += p[0] * surprise;
    for (size_t j = 0; j < n; j++) {
        third[j] = surprise;
    }
}

#endif
