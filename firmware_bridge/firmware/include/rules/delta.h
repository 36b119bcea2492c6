/* Delta: w[i, j] += eta * m[j] * x[i], within bounds. Twin of edgelearn/rules/delta.py. */
#ifndef EL_RULES_DELTA_H
#define EL_RULES_DELTA_H

#include "el_math.h"

EL_FORCED void el_delta_tile(const float *p, float *w, const float *pre, const float *third, size_t n_pre,
                             size_t n_post, size_t from, size_t width) {
    const float eta = p[0], low = p[1], high = p[2];
    float rate[EL_TILE] = {0.0f};
    EL_UNROLLED
    for (size_t j = 0; j < width; j++) {
        rate[j] = eta * third[from + j];
    }
    for (size_t i = 0; i < n_pre; i++) {
        float *row = w + i * n_post + from;
        const float x = pre[i];
        EL_UNROLLED
        for (size_t j = 0; j < width; j++) {
            row[j] = el_bounded(row[j] + rate[j] * x, low, high);
        }
    }
}

EL_FORCED void el_rule_delta(const float *p, float *s, float *w, const float *pre, const float *post,
                             const float *third, size_t n_pre, size_t n_post) {
    (void)s;
    (void)post;
    EL_FOR_TILES(n_post, el_delta_tile, p, w, pre, third, n_pre);
}

#endif
