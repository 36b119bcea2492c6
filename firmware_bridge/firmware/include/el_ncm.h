/* Nearest class mean in float32. Twin of edgelearn/kernels/ncm.py; 1 / n is worked out where it is needed, not kept. */
#ifndef EL_NCM_H
#define EL_NCM_H

#include "el_math.h"

/* Adds one sample of class c: x, origin (n_pre), sums and carry (n_pre, n_post), half (n_post); count: of its class,
 * this one included. */
EL_FORCED void el_ncm_learn(const float *x, size_t c, const float *origin, float *sums, float *carry, uint32_t count,
                            float *half, size_t n_pre, size_t n_post) {
    const float inverse = el_divide(1.0f, (float)count);
    float square = 0.0f;
    for (size_t i = 0; i < n_pre; i++) {
        float *sum = sums + i * n_post + c, *rest = carry + i * n_post + c;
        const float add = (x[i] - origin[i]) - *rest, total = *sum + add, mean = total * inverse;
        *rest = (total - *sum) - add;
        *sum = total;
        square += mean * mean;
    }
    half[c] = 0.5f * square;
}

EL_FORCED void el_ncm_tile(const float *x, const float *origin, const float *sums, float *out, size_t n_pre,
                           size_t n_post, size_t from, size_t width) {
    float sum[EL_TILE] = {0.0f};
    for (size_t i = 0; i < n_pre; i++) {
        const float *row = sums + i * n_post + from, value = x[i] - origin[i];
        EL_UNROLLED
        for (size_t j = 0; j < width; j++) {
            sum[j] += value * row[j];
        }
    }
    EL_UNROLLED
    for (size_t j = 0; j < width; j++) {
        out[from + j] = sum[j];
    }
}

/* out (n_post) = minus half the squared distance of x to the mean of each class; -infinity where counts is 0. */
EL_FORCED void el_ncm_scores(const float *x, const float *origin, const float *sums, const uint32_t *counts,
                             const float *half, float *out, size_t n_pre, size_t n_post) {
    float square = 0.0f;
    for (size_t i = 0; i < n_pre; i++) {
        const float value = x[i] - origin[i];
        square += value * value;
    }
    const float own = 0.5f * square;
    EL_FOR_TILES(n_post, el_ncm_tile, x, origin, sums, out, n_pre);
    for (size_t j = 0; j < n_post; j++) {
        const float inverse = el_divide(1.0f, (float)counts[j]);
        out[j] = counts[j] == 0 ? -EL_INFINITY : (out[j] * inverse - half[j]) - own;
    }
}

#endif
