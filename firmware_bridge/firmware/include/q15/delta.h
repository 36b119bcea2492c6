/* Delta rule. Twin of edgelearn/fixed/delta.py. */
#ifndef EL_Q15_DELTA_H
#define EL_Q15_DELTA_H

#include "q15/number.h"

enum { EL_Q_ETA, EL_Q_T, EL_Q_LOW, EL_Q_HIGH }; /* the first four parameters of delta and three_factor */

/* third becomes its product with the rate. */
EL_Q void el_q_delta(const int32_t *p, int16_t *w, const int16_t *x, int16_t *third, uint32_t *dither, size_t n_pre,
                     size_t n_post) {
    const int32_t low = p[EL_Q_LOW], high = p[EL_Q_HIGH], t = p[EL_Q_T];
    uint32_t drawn = *dither;
    for (size_t j = 0; j < n_post; j++) {
        third[j] = (int16_t)el_q_scaled(third[j], p[EL_Q_ETA]);
    }
    for (size_t i = 0; i < n_pre; i++, w += n_post) {
        const int32_t value = x[i];
        if (value == 0) {
            continue;
        }
        drawn = el_q_draw(drawn);
        const int32_t r = (int32_t)(drawn >> (32 - t)); /* below 2**30, and the product at most 2**30 */
        for (size_t j = 0; j < n_post; j++) {
            w[j] = (int16_t)el_q_held(w[j] + ((third[j] * value + r) >> t), low, high);
        }
    }
    *dither = drawn;
}

#endif
