/* Pair STDP: traces fade and take the step's own spikes, then depression at pre, then potentiation at post spikes.
 * Twin of edgelearn/rules/stdp.py; s: x (n_pre), y (n_post). A value above 0 is a spike. */
#ifndef EL_RULES_STDP_H
#define EL_RULES_STDP_H

#include "el_math.h"

EL_FORCED void el_stdp_trace(float decay, bool additive, float *trace, const float *spikes, size_t n) {
    for (size_t k = 0; k < n; k++) {
        const float faded = decay * trace[k];
        trace[k] = !(spikes[k] > 0.0f) ? faded : additive ? faded + 1.0f : 1.0f;
    }
}

EL_FORCED void el_rule_stdp(const float *p, float *s, float *w, const float *pre, const float *post, const float *third,
                            size_t n_pre, size_t n_post) {
    const float eta_pre = p[0], eta_post = p[1], low = p[6], high = p[7];
    const bool additive = p[4] > 0.0f, soft = p[5] > 0.0f;
    float *x = s, *y = s + n_pre;
    el_stdp_trace(p[2], additive, x, pre, n_pre);
    el_stdp_trace(p[3], additive, y, post, n_post);
    for (size_t i = 0; i < n_pre; i++) {
        for (size_t j = 0; pre[i] > 0.0f && j < n_post; j++) {
            if (!el_is_zero(y[j])) {
                float *v = w + i * n_post + j;
                const float down = eta_pre * third[j] * y[j];
                *v = el_bounded(*v - (soft ? down * (*v - low) : down), low, high);
            }
        }
    }
    for (size_t j = 0; j < n_post; j++) {
        for (size_t i = 0; post[j] > 0.0f && i < n_pre; i++) {
            if (!el_is_zero(x[i])) {
                float *v = w + i * n_post + j;
                const float up = (eta_post * third[j]) * x[i];
                *v = el_bounded(*v + (soft ? up * (high - *v) : up), low, high);
            }
        }
    }
}

#endif
