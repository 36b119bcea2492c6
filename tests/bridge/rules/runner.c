/* The parts of the head with sizes known at run time, by number: for golden vectors and random inputs. */
#include "el_messages.h"
#include "el_ncm.h"
#include "el_neurons.h"
#include "el_rules.h"
#include "el_signals.h"

void run_drive(const float *x, const float *w, float *u, uint32_t n_pre, uint32_t n_post);
void run_rule(uint32_t number, const float *p, float *s, float *w, const float *pre, const float *post,
              const float *third, uint32_t n_pre, uint32_t n_post);
void run_neuron(uint32_t number, const float *p, float *s, float *fading, const float *drive, float *out, float *slope,
                uint32_t n_post);
void run_signal(uint32_t number, const float *p, float *s, const float *out, const float *teach, float *third,
                uint32_t n_post);
void run_ncm_learn(const float *x, uint32_t c, const float *origin, float *sums, float *carry, uint32_t count,
                   float *half, uint32_t n_pre, uint32_t n_post);
void run_ncm_scores(const float *x, const float *origin, const float *sums, const uint32_t *counts, const float *half,
                    float *out, uint32_t n_pre, uint32_t n_post);
void run_exp(const float *x, float *y, uint32_t n);
void run_log(const float *x, float *y, uint32_t n);
void run_tanh(const float *x, float *y, uint32_t n);
void run_sqrt(const float *x, float *y, uint32_t n);
void run_sqrt_soft(const float *x, float *y, uint32_t n);
void run_arithmetic(const float *a, const float *b, float *y, uint32_t n);

void run_drive(const float *x, const float *w, float *u, uint32_t n_pre, uint32_t n_post) {
    el_drive(x, w, u, n_pre, n_post);
}

#define RULE(name, NUMBER, size)                                                                                       \
    case EL_RULE_##NUMBER:                                                                                             \
        el_rule_##name(p, s, w, pre, post, third, n_pre, n_post);                                                      \
        break;
#define NEURON(name, NUMBER, size, fading_size)                                                                        \
    case EL_NEURON_##NUMBER:                                                                                           \
        el_neuron_##name(p, s, fading, drive, out, slope, n_post);                                                     \
        break;
#define SIGNAL(name, NUMBER, size, says)                                                                               \
    case EL_SIGNAL_##NUMBER:                                                                                           \
        el_signal_##name(p, s, out, teach, third, n_post);                                                             \
        break;

void run_rule(uint32_t number, const float *p, float *s, float *w, const float *pre, const float *post,
              const float *third, uint32_t n_pre, uint32_t n_post) {
    switch (number) { EL_RULES(RULE) }
}

void run_neuron(uint32_t number, const float *p, float *s, float *fading, const float *drive, float *out, float *slope,
                uint32_t n_post) {
    switch (number) { EL_NEURONS(NEURON) }
}

void run_signal(uint32_t number, const float *p, float *s, const float *out, const float *teach, float *third,
                uint32_t n_post) {
    switch (number) { EL_SIGNALS(SIGNAL) }
}

void run_ncm_learn(const float *x, uint32_t c, const float *origin, float *sums, float *carry, uint32_t count,
                   float *half, uint32_t n_pre, uint32_t n_post) {
    el_ncm_learn(x, c, origin, sums, carry, count, half, n_pre, n_post);
}

void run_ncm_scores(const float *x, const float *origin, const float *sums, const uint32_t *counts, const float *half,
                    float *out, uint32_t n_pre, uint32_t n_post) {
    el_ncm_scores(x, origin, sums, counts, half, out, n_pre, n_post);
}

#define EACH(name, expression)                                                                                         \
    void run_##name(const float *x, float *y, uint32_t n) {                                                            \
        for (uint32_t k = 0; k < n; k++) {                                                                             \
            y[k] = expression;                                                                                         \
        }                                                                                                              \
    }

EACH(exp, el_exp(x[k]))
EACH(log, el_log(x[k]))
EACH(tanh, el_tanh(x[k]))
EACH(sqrt, el_sqrt(x[k]))
EACH(sqrt_soft, el_sqrt_soft(x[k]))

/* y (8, n): all that the head asks of the arithmetic of a core. */
void run_arithmetic(const float *a, const float *b, float *y, uint32_t n) {
    for (uint32_t k = 0; k < n; k++) {
        y[k] = a[k] + b[k];
        y[n + k] = a[k] - b[k];
        y[2 * n + k] = a[k] * b[k];
        y[3 * n + k] = el_divide(a[k], b[k]);
        y[4 * n + k] = el_divide_soft(a[k], b[k]);
        y[5 * n + k] = a[k] < b[k] ? 1.0f : 0.0f;
        y[6 * n + k] = a[k] <= b[k] ? 1.0f : 0.0f;
        y[7 * n + k] = (float)(el_bits(a[k]) >> (k % 32));
    }
}
