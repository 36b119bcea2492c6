/* How a unit turns its drive into activity, in float32. Twins of edgelearn/neurons/.
 *
 * el_neuron_NAME(p, s, fading, drive, out, slope, n): parameters; state that lasts, state that starts from zeros
 * with each sample; drive, out and slope (n). To add one: a function, a line in EL_NEURONS, its number in
 * constants.py. */
#ifndef EL_NEURONS_H
#define EL_NEURONS_H

#include "el_math.h"

/* X(name, NUMBER as in EL_NEURON_NUMBER, floats of state, floats of fading state) */
#define EL_NEURONS(X)                                                                                                  \
    X(linear, LINEAR, 0, 0)                                                                                            \
    X(relu, RELU, 0, 0)                                                                                                \
    X(tanh, TANH, 0, 0)                                                                                                \
    X(triangle, TRIANGLE, 0, 0)                                                                                        \
    X(softmax, SOFTMAX, 0, 0)                                                                                          \
    X(k_winners, K_WINNERS, 0, 0)                                                                                      \
    X(ranked, RANKED, 0, 0)                                                                                            \
    X(lif, LIF, n_post, 2 * n_post)

#define EL_NEURON(name)                                                                                                \
    EL_FORCED void el_neuron_##name(const float *p, float *s, float *fading, const float *drive, float *out,           \
                                    float *slope, size_t n)

EL_NEURON(linear) {
    (void)p, (void)s, (void)fading;
    for (size_t j = 0; j < n; j++) {
        out[j] = drive[j];
        slope[j] = 1.0f;
    }
}

EL_NEURON(relu) {
    (void)p, (void)s, (void)fading;
    for (size_t j = 0; j < n; j++) {
        const bool above = drive[j] > 0.0f;
        out[j] = above ? drive[j] : 0.0f;
        slope[j] = above ? 1.0f : 0.0f;
    }
}

EL_NEURON(tanh) {
    (void)p, (void)s, (void)fading;
    for (size_t j = 0; j < n; j++) {
        out[j] = el_tanh(drive[j]);
        slope[j] = 1.0f - out[j] * out[j];
    }
}

EL_NEURON(triangle) {
    (void)s, (void)fading;
    const float power = p[0], units = (float)n;
    float mean = 0.0f;
    for (size_t j = 0; j < n; j++) {
        mean += drive[j];
    }
    mean = el_divide(mean, units);
    const float share = 1.0f - el_divide(1.0f, units);
    for (size_t j = 0; j < n; j++) {
        const float above = drive[j] - mean;
        if (above <= 0.0f) {
            out[j] = slope[j] = 0.0f;
        } else if (power == 1.0f) {
            out[j] = above;
            slope[j] = share;
        } else {
            out[j] = el_exp(power * el_log(above));
            slope[j] = share * el_divide(power * out[j], above);
        }
    }
}

EL_NEURON(softmax) {
    (void)s, (void)fading;
    const float t = p[0];
    float top = drive[0], total = 0.0f;
    for (size_t j = 1; j < n; j++) {
        top = drive[j] > top || drive[j] != drive[j] ? drive[j] : top;
    }
    for (size_t j = 0; j < n; j++) {
        out[j] = el_exp(t * (drive[j] - top));
        total += out[j];
    }
    for (size_t j = 0; j < n; j++) {
        out[j] = el_divide(out[j], total);
        slope[j] = t * (out[j] * (1.0f - out[j]));
    }
}

/* The first in the competition of those with taken 0 (there is one): the highest, of equals the first, NaN behind all
 * numbers; its taken becomes 1. */
EL_FORCED size_t el_next_best(const float *values, float *taken, size_t n) {
    size_t best = n;
    for (size_t j = 0; j < n; j++) {
        const float v = values[j];
        if (!(taken[j] > 0.0f) && (best == n || v > values[best] || (values[best] != values[best] && v == v))) {
            best = j;
        }
    }
    taken[best] = 1.0f;
    return best;
}

EL_NEURON(k_winners) {
    (void)s, (void)fading;
    memset(out, 0, n * sizeof *out);
    memset(slope, 0, n * sizeof *slope);
    for (size_t k = (size_t)p[0]; k > 0; k--) {
        const size_t j = el_next_best(drive, slope, n);
        out[j] = drive[j];
    }
}

EL_NEURON(ranked) {
    (void)s, (void)fading;
    memset(out, 0, n * sizeof *out);
    memset(slope, 0, n * sizeof *slope);
    const size_t first = el_next_best(drive, slope, n);
    size_t last = first;
    for (size_t k = (size_t)p[0]; k > 1; k--) {
        last = el_next_best(drive, slope, n);
    }
    memset(slope, 0, n * sizeof *slope);
    out[first] = 1.0f;
    out[last] = -1.0f;
}

/* Parameters of lif, in their order. */
enum {
    EL_LIF_DECAY,
    EL_LIF_THRESHOLD,
    EL_LIF_SOFT,
    EL_LIF_RESET,
    EL_LIF_REFRACTORY,
    EL_LIF_THETA_PLUS,
    EL_LIF_THETA_DECAY,
    EL_LIF_INHIBITION,
    EL_LIF_ONE_SPIKE,
    EL_LIF_PSI,
    EL_LIF_WIDTH
};

/* slope holds the heights above threshold until the end; s: theta (n), fading: v (n), wait (n). */
EL_NEURON(lif) {
    float *theta = s, *v = fading, *wait = fading + n, spikes = 0.0f;
    size_t best = n;
    for (size_t j = 0; j < n; j++) {
        const bool rested = wait[j] <= 0.0f;
        v[j] = p[EL_LIF_DECAY] * v[j] + (rested ? drive[j] : 0.0f);
        theta[j] = p[EL_LIF_THETA_DECAY] * theta[j];
        slope[j] = v[j] - (p[EL_LIF_THRESHOLD] + theta[j]);
        out[j] = 0.0f;
        wait[j] = rested ? wait[j] : wait[j] - 1.0f;
        if (rested && slope[j] > 0.0f) {
            out[j] = 1.0f;
            best = best == n || slope[j] > slope[best] ? j : best;
            spikes += 1.0f;
            v[j] = p[EL_LIF_SOFT] > 0.0f ? slope[j] : p[EL_LIF_RESET];
            theta[j] = theta[j] + p[EL_LIF_THETA_PLUS];
            wait[j] = p[EL_LIF_REFRACTORY];
        }
    }
    if (p[EL_LIF_ONE_SPIKE] > 0.0f && best < n) {
        for (size_t j = 0; j < n; j++) {
            out[j] = j == best ? 1.0f : 0.0f;
        }
        spikes = 1.0f;
    }
    for (size_t j = 0; j < n; j++) {
        v[j] = wait[j] > 0.0f ? v[j] : v[j] - p[EL_LIF_INHIBITION] * (spikes - out[j]);
        const float close = 1.0f - el_divide(el_abs(slope[j]), p[EL_LIF_WIDTH]);
        slope[j] = p[EL_LIF_PSI] * (close < 0.0f ? 0.0f : close);
    }
}

#endif
