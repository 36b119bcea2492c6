/* Pair STDP. Twin of edgelearn/fixed/stdp.py. */
#ifndef EL_Q15_STDP_H
#define EL_Q15_STDP_H

#include "q15/number.h"

enum {
    EL_Q_ETA_PRE, EL_Q_T_PRE, EL_Q_ETA_POST, EL_Q_T_POST, EL_Q_DECAY_PRE, EL_Q_DECAY_POST, EL_Q_ONE, EL_Q_ADDITIVE,
    EL_Q_SOFT, EL_Q_STDP_LOW, EL_Q_STDP_HIGH,
};

EL_Q void el_q_traces(const int32_t *p, int32_t decay, int16_t *trace, const int16_t *spikes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const int32_t faded = (trace[i] * decay) >> 15, one = p[EL_Q_ONE];
        const int32_t risen = !p[EL_Q_ADDITIVE] ? one : faded + one > INT16_MAX ? INT16_MAX : faded + one;
        trace[i] = (int16_t)(spikes[i] > 0 ? risen : faded);
    }
}

/* w after a change of `by` (at most 2**30), rounded by r. */
EL_Q int16_t el_q_stdp_moved(const int32_t *p, int32_t w, int32_t by, int32_t r, int32_t t) {
    return (int16_t)el_q_held(w + ((by + r) >> t), p[EL_Q_STDP_LOW], p[EL_Q_STDP_HIGH]);
}

/* third becomes its product with the rate of potentiation; down (n_post,) is scratch. */
EL_Q void el_q_stdp(const int32_t *p, int16_t *x, int16_t *y, int16_t *w, const int16_t *pre, const int16_t *out,
                    int16_t *third, int32_t *down, uint32_t *dither, size_t n_pre, size_t n_post) {
    bool late = false;
    el_q_traces(p, p[EL_Q_DECAY_PRE], x, pre, n_pre);
    el_q_traces(p, p[EL_Q_DECAY_POST], y, out, n_post);
    for (size_t j = 0; j < n_post; j++) {
        late = late || out[j] > 0;
        down[j] = el_q_scaled(third[j], p[EL_Q_ETA_PRE]) * y[j];
        third[j] = (int16_t)el_q_scaled(third[j], p[EL_Q_ETA_POST]);
    }
    for (size_t i = 0; i < n_pre; i++) {
        if (pre[i] > 0) {
            *dither = el_q_draw(*dither);
            const int32_t r = (int32_t)(*dither >> (32 - p[EL_Q_T_PRE]));
            int16_t *row = w + i * n_post;
            for (size_t j = 0; j < n_post; j++) {
                const int32_t by = p[EL_Q_SOFT] ? (down[j] >> 15) * (row[j] - p[EL_Q_STDP_LOW]) : down[j];
                row[j] = el_q_stdp_moved(p, row[j], -by, r, p[EL_Q_T_PRE]);
            }
        }
    }
    for (size_t i = 0; late && i < n_pre; i++) {
        if (x[i] != 0) {
            *dither = el_q_draw(*dither);
            const int32_t r = (int32_t)(*dither >> (32 - p[EL_Q_T_POST]));
            int16_t *row = w + i * n_post;
            for (size_t j = 0; j < n_post; j++) {
                if (out[j] > 0) {
                    const int32_t up = x[i] * third[j];
                    const int32_t by = p[EL_Q_SOFT] ? (up >> 15) * (p[EL_Q_STDP_HIGH] - row[j]) : up;
                    row[j] = el_q_stdp_moved(p, row[j], by, r, p[EL_Q_T_POST]);
                }
            }
        }
    }
}

#endif
