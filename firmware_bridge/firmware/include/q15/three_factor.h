/* Three-factor Hebb with an eligibility trace. Twin of edgelearn/fixed/three_factor.py. */
#ifndef EL_Q15_THREE_FACTOR_H
#define EL_Q15_THREE_FACTOR_H

#include "q15/delta.h"

enum { EL_Q_DECAY = 4, EL_Q_S };

/* third becomes its product with the rate. */
EL_Q void el_q_three_factor(const int32_t *p, int16_t *trace, int16_t *w, const int16_t *x, const int16_t *out,
                            int16_t *third, uint32_t *dither, size_t n_pre, size_t n_post) {
    const int32_t low = p[EL_Q_LOW], high = p[EL_Q_HIGH], t = p[EL_Q_T], decay = p[EL_Q_DECAY], s = p[EL_Q_S];
    uint32_t drawn = *dither;
    for (size_t j = 0; j < n_post; j++) {
        third[j] = (int16_t)el_q_scaled(third[j], p[EL_Q_ETA]);
    }
    for (size_t i = 0; i < n_pre; i++, w += n_post, trace += n_post) {
        const int32_t value = x[i];
        drawn = el_q_draw(drawn);
        const int32_t fading = (int32_t)(drawn >> 17);
        drawn = el_q_draw(drawn);
        const int32_t moving = (int32_t)(drawn >> (32 - t));
        for (size_t j = 0; j < n_post; j++) {
            /* at most (2**15 - 1) 2**15 + 2**30 + 2**15 - 1 = 2**31 - 1 */
            const int16_t e = el_q_saturated((decay * trace[j] + ((value * out[j]) >> s) + fading) >> 15);
            trace[j] = e;
            w[j] = (int16_t)el_q_held(w[j] + ((third[j] * e + moving) >> t), low, high);
        }
    }
    *dither = drawn;
}

#endif
