/* Where the third factor comes from, in float32. Twins of edgelearn/signals/.
 *
 * el_signal_NAME(p, s, out, teach, third, n): parameters, state; out and third (n); teach is a one-hot label (n), a
 * reward (1) or nothing. To add one: a function, a line in EL_SIGNALS, its number in constants.py. */
#ifndef EL_SIGNALS_H
#define EL_SIGNALS_H

#include "el_math.h"

typedef enum { EL_TEACHES_NOTHING, EL_TEACHES_LABEL, EL_TEACHES_REWARD } el_teaches;

/* X(name, NUMBER as in EL_SIGNAL_NUMBER, floats of state, what its teacher says) */
#define EL_SIGNALS(X)                                                                                                  \
    X(unsupervised, UNSUPERVISED, 0, EL_TEACHES_NOTHING)                                                               \
    X(competition, COMPETITION, 0, EL_TEACHES_NOTHING)                                                                 \
    X(label_error, LABEL_ERROR, 0, EL_TEACHES_LABEL)                                                                   \
    X(reward, REWARD, 1, EL_TEACHES_REWARD)                                                                            \
    X(rank, RANK, 0, EL_TEACHES_NOTHING)

#define EL_SIGNAL(name)                                                                                                \
    EL_FORCED void el_signal_##name(const float *p, float *s, const float *out, const float *teach, float *third,      \
                                    size_t n)

EL_SIGNAL(unsupervised) {
    (void)p, (void)s, (void)out, (void)teach;
    for (size_t j = 0; j < n; j++) {
        third[j] = 1.0f;
    }
}

EL_SIGNAL(competition) {
    (void)p, (void)s, (void)teach;
    size_t best = 0;
    for (size_t j = 1; j < n; j++) { /* NaN wins */
        if (out[j] > out[best] || out[j] != out[j]) {
            best = j;
        }
    }
    for (size_t j = 0; j < n; j++) {
        third[j] = j == best ? out[j] : -out[j];
    }
}

EL_SIGNAL(label_error) {
    (void)p, (void)s;
    for (size_t j = 0; j < n; j++) {
        third[j] = teach[j] - out[j];
    }
}

EL_SIGNAL(reward) {
    (void)out;
    const float surprise = teach[0] - s[0];
    s[0] += p[0] * surprise;
    for (size_t j = 0; j < n; j++) {
        third[j] = surprise;
    }
}

EL_SIGNAL(rank) {
    (void)s, (void)teach;
    for (size_t j = 0; j < n; j++) {
        third[j] = out[j] > 0.0f ? 1.0f : out[j] < 0.0f ? -p[0] : 0.0f;
    }
}

#endif
