/* The drive of each unit, exact, rounded once. Twin of edgelearn/fixed/drive.py. */
#ifndef EL_Q15_DRIVE_H
#define EL_Q15_DRIVE_H

#include "q15/number.h"

/* A core with eight registers for arithmetic has room for the loop below only in a function of its own. */
#if defined(__ARM_ARCH_6M__)
#define EL_Q_ALONE static __attribute__((noinline))
#else
#define EL_Q_ALONE EL_Q
#endif

/* The exact sum of x by a column of w, whose values are n_post apart. */
EL_Q_ALONE int64_t el_q_column(const int16_t *x, const int16_t *column, size_t n_pre, size_t n_post) {
    int64_t total = 0;
    for (const int16_t *end = x + n_pre; x != end; column += n_post) {
        total += (int32_t)*x++ * *column;
    }
    return total;
}

/* u (n_post,) of x (n_pre,) by w (n_pre, n_post). One unit after the other: its sum stays in registers. */
EL_Q void el_q_drive(const int16_t *x, const int16_t *w, int16_t *u, size_t n_pre, size_t n_post, int weight_bits) {
    const int shift = EL_Q_INPUT_BITS + weight_bits - EL_Q_DRIVE_BITS;
    const int64_t half = (int64_t)1 << (shift - 1);
    for (size_t j = 0; j < n_post; j++) {
        const int64_t total = (el_q_column(x, w + j, n_pre, n_post) + half) >> shift;
        u[j] = (int16_t)(total < INT16_MIN ? INT16_MIN : total > INT16_MAX ? INT16_MAX : total);
    }
}

#endif
