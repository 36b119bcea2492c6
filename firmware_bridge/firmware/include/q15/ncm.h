/* Nearest class mean: whole sums and counts, exact distances. Twin of edgelearn/fixed/ncm.py. */
#ifndef EL_Q15_NCM_H
#define EL_Q15_NCM_H

#include "q15/functions.h"

#define EL_Q_FULL 65535

/* The mean of a sum of n values, to the nearest; |sum| is at most n 2**15, so all is below 2**32. by: n as a divisor,
 * with which the quotient is at most 5 too small. */
EL_Q int16_t el_q_mean(int32_t sum, uint32_t n, el_q_divisor by) {
    const uint32_t above = (uint32_t)sum + (n << 15) + (n >> 1);
#if defined(__ARM_ARCH_6M__) /* no instruction divides there; the same quotient */
    uint32_t mean = (((above << -by.shift) >> 16) * by.reciprocal) >> 15;
    for (uint32_t rest = above - mean * n; rest >= n; rest -= n) {
        mean++;
    }
#else
    (void)by;
    const uint32_t mean = above / n;
#endif
    return (int16_t)(mean > 65535U ? INT16_MAX : (int32_t)mean - 32768);
}

/* The means (n_pre, n_post) of a state that came from outside, which is held within what samples can make. */
EL_Q void el_q_ncm_means(int32_t *sums, int32_t *counts, int16_t *means, size_t n_pre, size_t n_post) {
    for (size_t c = 0; c < n_post; c++) {
        counts[c] = el_q_held(counts[c], 0, EL_Q_FULL);
        const int32_t most = (int32_t)((uint32_t)counts[c] << 15);
        const el_q_divisor by = el_q_divide_by(counts[c] > 0 ? (uint32_t)counts[c] : 1);
        for (size_t k = c; k < n_pre * n_post; k += n_post) {
            sums[k] = el_q_held(sums[k], -most, most);
            means[k] = counts[c] == 0 ? 0 : el_q_mean(sums[k], (uint32_t)counts[c], by);
        }
    }
}

EL_Q void el_q_ncm_learn(int32_t *sums, int32_t *counts, int16_t *means, const int16_t *x, size_t c, size_t n_pre,
                         size_t n_post) {
    const bool full = counts[c] == EL_Q_FULL;
    counts[c] = (full ? (EL_Q_FULL + 1) >> 1 : counts[c]) + 1;
    const el_q_divisor by = el_q_divide_by((uint32_t)counts[c]);
    for (size_t i = 0, k = c; i < n_pre; i++, k += n_post) {
        sums[k] = (full ? sums[k] >> 1 : sums[k]) + x[i];
        means[k] = el_q_mean(sums[k], (uint32_t)counts[c], by);
    }
}

/* Writes the scores and returns the class, -1 where none has samples. */
EL_Q int16_t el_q_ncm_predict(const int32_t *counts, const int16_t *means, const int16_t *x, int16_t *scores,
                              size_t n_pre, size_t n_post) {
    int16_t label = -1;
    uint64_t least = UINT64_MAX;
    int shift = 17;
    while ((size_t)1 << (shift - 17) < n_pre) {
        shift++;
    }
    for (size_t c = 0; c < n_post; c++) {
        uint64_t far = 0;
        for (size_t i = 0, k = c; i < n_pre; i++, k += n_post) {
            const uint32_t apart = el_q_size((int32_t)x[i] - means[k]);
            far += apart * apart; /* below 2**16 each */
        }
        scores[c] = INT16_MIN;
        if (counts[c] > 0) {
            scores[c] = (int16_t)-(int32_t)(far >> shift);
            label = far < least ? (int16_t)c : label;
            least = far < least ? far : least;
        }
    }
    return label;
}

#endif
