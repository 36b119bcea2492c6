/* Units: drives to outputs. Twin of edgelearn/fixed/neurons.py, which says what a parameter is. */
#ifndef EL_Q15_NEURONS_H
#define EL_Q15_NEURONS_H

#include "q15/functions.h"

EL_Q void el_q_linear(const int16_t *u, int16_t *out, size_t n) {
    memcpy(out, u, n * sizeof *out);
}

EL_Q void el_q_relu(const int16_t *u, int16_t *out, size_t n) {
    for (size_t j = 0; j < n; j++) {
        out[j] = u[j] > 0 ? u[j] : 0;
    }
}

/* p: factor, shift. */
EL_Q void el_q_softmax(const int32_t *p, const int16_t *u, int16_t *out, size_t n) {
    int32_t top = u[0];
    uint32_t total = 0;
    for (size_t j = 1; j < n; j++) {
        top = u[j] > top ? u[j] : top;
    }
    for (size_t j = 0; j < n; j++) {
        const uint32_t raised = el_q_power(((uint32_t)(top - u[j]) * (uint32_t)p[0]) >> p[1]);
        out[j] = (int16_t)(raised - 1); /* 2**15 does not fit; -1 is 0 */
        total += raised;
    }
    const el_q_divisor by = el_q_divide_by(total);
    for (size_t j = 0; j < n; j++) {
        const uint32_t share = ((uint32_t)(out[j] + 1) * by.reciprocal) >> (16 + by.shift);
        out[j] = (int16_t)(share > INT16_MAX ? INT16_MAX : share);
    }
}

enum {
    EL_Q_LIF_DECAY, EL_Q_LIF_THRESHOLD, EL_Q_LIF_SOFT, EL_Q_LIF_RESET, EL_Q_LIF_REFRACTORY,
    EL_Q_LIF_THETA_PLUS, EL_Q_LIF_FADE, EL_Q_LIF_FADE_SHIFT, EL_Q_LIF_INHIBITION, EL_Q_LIF_ONE_SPIKE,
};

typedef struct {
    int16_t *v, *wait; /* (n,) fade between samples */
    int32_t *theta;    /* (n,) never below 0 */
} el_q_lif_state;

EL_Q int32_t el_q_risen(int32_t theta, int32_t by) {
    return theta > INT32_MAX - by ? INT32_MAX : theta + by;
}

/* `moves`: whether what lasts, the thresholds' own part, may. */
EL_Q void el_q_lif(const int32_t *p, el_q_lif_state s, bool moves, const int16_t *u, int16_t *out, size_t n) {
    int32_t spikes = 0, highest = 0;
    size_t best = 0;
    for (size_t j = 0; j < n; j++) {
        const bool rested = s.wait[j] <= 0;
        int32_t v = el_q_saturated(el_q_faded(s.v[j], p[EL_Q_LIF_DECAY]) + (rested ? u[j] : 0));
        int32_t theta = s.theta[j];
        if (moves) { /* below 2**16 by below 2**15 */
            theta -= (int32_t)((((uint32_t)theta >> 15) * (uint32_t)p[EL_Q_LIF_FADE]) >> p[EL_Q_LIF_FADE_SHIFT]);
        }
        const int32_t above = v - (p[EL_Q_LIF_THRESHOLD] + (theta >> 16));
        out[j] = 0;
        s.wait[j] = (int16_t)(rested ? s.wait[j] : s.wait[j] - 1);
        if (rested && above > 0) {
            best = spikes == 0 || above > highest ? j : best;
            highest = spikes == 0 || above > highest ? above : highest;
            spikes++;
            out[j] = 1 << EL_Q_DRIVE_BITS;
            v = p[EL_Q_LIF_SOFT] ? above : p[EL_Q_LIF_RESET];
            theta = moves ? el_q_risen(theta, p[EL_Q_LIF_THETA_PLUS]) : theta;
            s.wait[j] = (int16_t)p[EL_Q_LIF_REFRACTORY];
        }
        s.v[j] = el_q_saturated(v);
        s.theta[j] = theta;
    }
    if (p[EL_Q_LIF_ONE_SPIKE] && spikes > 0) {
        memset(out, 0, n * sizeof *out);
        out[best] = 1 << EL_Q_DRIVE_BITS;
        spikes = 1;
    }
    for (size_t j = 0; j < n; j++) {
        if (s.wait[j] <= 0) { /* inhibition below 2**15, at most 2**15 units */
            s.v[j] = el_q_saturated(s.v[j] - p[EL_Q_LIF_INHIBITION] * (spikes - (out[j] != 0)));
        }
    }
}

#endif
