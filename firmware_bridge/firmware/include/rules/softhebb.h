/* SoftHebb: w[i, j] += r[j] * (x[i] - u[j] * w[i, j]), r from the norms of the weights, which are kept.
 * Twin of edgelearn/rules/softhebb.py; s: norm (n_post), rate (n_post). A norm below 0 is not measured yet; zeros,
 * where a head without a start begins, are right, for so are its weights. */
#ifndef EL_RULES_SOFTHEBB_H
#define EL_RULES_SOFTHEBB_H

#include "el_math.h"

#define EL_SOFTHEBB_TINY 1e-30f

/* The Euclidean norm of the weights of unit j. */
static inline float el_softhebb_norm(const float *w, size_t n_pre, size_t n_post, size_t j) {
    float square = 0.0f;
    for (size_t i = 0; i < n_pre; i++) {
        const float v = w[i * n_post + j];
        square += v * v;
    }
    return el_sqrt(square);
}

/* The Euclidean norm of x, whose largest size is top: scaled, so that squares do not vanish. */
EL_FORCED float el_softhebb_length(const float *x, size_t n_pre, float top) {
    float square = 0.0f;
    for (size_t i = 0; i < n_pre; i++) {
        const float v = el_divide(x[i], top + EL_SOFTHEBB_TINY);
        square += v * v;
    }
    return top * el_sqrt(square);
}

EL_FORCED void el_softhebb_tile(const float *rates, float *w, const float *pre, const float *post, size_t n_pre,
                                size_t n_post, size_t from, size_t width) {
    float rate[EL_TILE] = {0.0f}, u[EL_TILE] = {0.0f};
    EL_UNROLLED
    for (size_t j = 0; j < width; j++) {
        rate[j] = rates[from + j];
        u[j] = post[from + j];
    }
    for (size_t i = 0; i < n_pre; i++) {
        float *row = w + i * n_post + from;
        const float x = pre[i];
        EL_UNROLLED
        for (size_t j = 0; j < width; j++) {
            row[j] += rate[j] * (x - u[j] * row[j]);
        }
    }
}

EL_FORCED void el_rule_softhebb(const float *p, float *s, float *w, const float *pre, const float *post,
                                const float *third, size_t n_pre, size_t n_post) {
    float *norm = s, *rate = s + n_post;
    const float eta = p[0], top = el_largest(pre, n_pre), length = el_softhebb_length(pre, n_pre, top);
    for (size_t j = 0; j < n_post; j++) {
        if (norm[j] < 0.0f) {
            norm[j] = el_softhebb_norm(w, n_pre, n_post, j);
        }
        rate[j] = el_abs(third[j]) * (top + el_abs(post[j]) * norm[j]);
    }
    const float bound = el_largest(rate, n_post) + EL_SOFTHEBB_TINY;
    for (size_t j = 0; j < n_post; j++) {
        rate[j] = el_divide(eta * el_sqrt(el_abs(norm[j] - 1.0f)) * third[j], bound);
        const float moved = rate[j] * post[j], k = 1.0f - moved, g = rate[j] * length;
        const float square = (k * k * (norm[j] * norm[j]) + 2.0f * k * moved) + g * g;
        norm[j] = el_sqrt(square < 0.0f ? 0.0f : square);
    }
    EL_FOR_TILES(n_post, el_softhebb_tile, rate, w, pre, post, n_pre);
}

#endif
