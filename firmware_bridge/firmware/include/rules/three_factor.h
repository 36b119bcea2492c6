/* Three-factor Hebb: e[i, j] = decay * e[i, j] + x[i] * y[j]; w[i, j] += eta * m[j] * e[i, j], within bounds.
 * Twin of edgelearn/rules/three_factor.py; s: e (n_pre, n_post). */
#ifndef EL_RULES_THREE_FACTOR_H
#define EL_RULES_THREE_FACTOR_H

#include "el_math.h"

EL_FORCED void el_three_factor_tile(const float *p, float *trace, float *w, const float *pre, const float *post,
                                    const float *third, size_t n_pre, size_t n_post, size_t from, size_t width) {
    const float eta = p[0], decay = p[1], low = p[2], high = p[3];
    float rate[EL_TILE] = {0.0f}, y[EL_TILE] = {0.0f};
    EL_UNROLLED
    for (size_t j = 0; j < width; j++) {
        rate[j] = eta * third[from + j];
        y[j] = post[from + j];
    }
    for (size_t i = 0; i < n_pre; i++) {
        float *row = w + i * n_post + from, *kept = trace + i * n_post + from;
        const float x = pre[i];
        EL_UNROLLED
        for (size_t j = 0; j < width; j++) {
            const float e = decay * kept[j] + x * y[j];
            kept[j] = e;
            row[j] = el_bounded(row[j] + rate[j] * e, low, high);
        }
    }
}

EL_FORCED void el_rule_three_factor(const float *p, float *s, float *w, const float *pre, const float *post,
                                    const float *third, size_t n_pre, size_t n_post) {
    EL_FOR_TILES(n_post, el_three_factor_tile, p, s, w, pre, post, third, n_pre);
}

#endif
