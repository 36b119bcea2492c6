/* The head in fixed point, for a core without an FPU: what el_head.h says, in one static object. Twin of
 * edgelearn/fixed/head.py, bit for bit.
 *
 * 1. Every sample is a sample: whole numbers saturate, none is refused. 2. All that is learned lies in the arrays of `parts`,
 * in the order of the layout text; what a state brings from outside is held within the bounds that the arithmetic relies
 * on. 3. Nothing is remembered between calls but those arrays (and the means that follow from an NCM's). */
#include "el_learner.h"

#if EL_HEAD_NUMBER == EL_NUMBER_Q15

#include "q15/delta.h"
#include "q15/drive.h"
#include "q15/ncm.h"
#include "q15/neurons.h"
#include "q15/signals.h"
#include "q15/softhebb.h"
#include "q15/stdp.h"
#include "q15/three_factor.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the state travels little-endian, as it lies in memory"
#endif
#ifndef EL_HEAD_WEIGHT_BITS
#define EL_HEAD_WEIGHT_BITS 12
#endif

enum { n_pre = EL_N_PRE, n_post = EL_N_POST, n_weights = n_pre * n_post };

/* -- what is kept ------------------------------------------------------------------------------------------------ */

typedef struct {
    void *at;
    size_t size;
} part;

#if EL_HEAD_RULE == EL_RULE_NCM

static int32_t sums[n_weights], counts[n_post];
static int16_t means[n_weights];

static const part parts[] = {{sums, sizeof sums}, {counts, sizeof counts}};

static void hold(void) {
    el_q_ncm_means(sums, counts, means, n_pre, n_post);
}

#else

static const int32_t rule_params[] = EL_HEAD_RULE_PARAMS;
static int16_t w[n_weights], u[n_post], out[n_post], third[n_post];
static uint32_t dither;

#if EL_HEAD_RULE == EL_RULE_THREE_FACTOR
static int16_t trace[n_weights];
#elif EL_HEAD_RULE == EL_RULE_STDP
static int16_t x_trace[n_pre], y_trace[n_post];
static int32_t down[n_post];
#elif EL_HEAD_RULE == EL_RULE_SOFTHEBB
static uint32_t norm[n_post];
static int16_t a[n_post], c[n_post];
#elif EL_HEAD_RULE != EL_RULE_DELTA
#error "this rule has no fixed-point form: take the head in f32"
#endif
#if EL_HEAD_NEURON == EL_NEURON_SOFTMAX || EL_HEAD_NEURON == EL_NEURON_LIF
static const int32_t neuron_params[] = EL_HEAD_NEURON_PARAMS;
#elif EL_HEAD_NEURON != EL_NEURON_LINEAR && EL_HEAD_NEURON != EL_NEURON_RELU
#error "this neuron has no fixed-point form: take the head in f32"
#endif
#if EL_HEAD_NEURON == EL_NEURON_LIF
static int16_t v[n_post], waiting[n_post];
static int32_t theta[n_post];
#endif
#if EL_HEAD_SIGNAL == EL_SIGNAL_REWARD
static const int32_t signal_params[] = EL_HEAD_SIGNAL_PARAMS;
static int32_t baseline;
#elif EL_HEAD_SIGNAL == EL_SIGNAL_RANK
#error "this signal has no fixed-point form: take the head in f32"
#endif

static const part parts[] = {
    {w, sizeof w},
#if EL_HEAD_RULE == EL_RULE_THREE_FACTOR
    {trace, sizeof trace},
#elif EL_HEAD_RULE == EL_RULE_STDP
    {x_trace, sizeof x_trace},
    {y_trace, sizeof y_trace},
#endif
    {&dither, sizeof dither},
#if EL_HEAD_NEURON == EL_NEURON_LIF
    {theta, sizeof theta},
#endif
#if EL_HEAD_SIGNAL == EL_SIGNAL_REWARD
    {&baseline, sizeof baseline},
#endif
};

static void hold(void) {
#if EL_HEAD_RULE != EL_RULE_SOFTHEBB
    enum { low = EL_HEAD_RULE == EL_RULE_STDP ? (int)EL_Q_STDP_LOW : (int)EL_Q_LOW };
    for (size_t k = 0; k < n_weights; k++) {
        w[k] = (int16_t)el_q_held(w[k], rule_params[low], rule_params[low + 1]);
    }
#endif
#if EL_HEAD_NEURON == EL_NEURON_LIF
    for (size_t j = 0; j < n_post; j++) {
        theta[j] = theta[j] < 0 ? 0 : theta[j];
    }
#endif
}

#endif

size_t el_learner_state_size(void) {
    size_t size = 0;
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        size += parts[k].size;
    }
    return size;
}

/* Copies state bytes offset … offset + n, out of the arrays or into them. */
static void copy(size_t offset, uint8_t *to, const uint8_t *from, size_t n) {
    for (size_t k = 0; k < sizeof parts / sizeof *parts && n > 0; k++) {
        if (offset >= parts[k].size) {
            offset -= parts[k].size;
            continue;
        }
        uint8_t *here = (uint8_t *)parts[k].at + offset;
        const size_t left = parts[k].size - offset, some = n < left ? n : left;
        if (to != NULL) {
            memcpy(to, here, some);
            to += some;
        } else {
            memcpy(here, from, some);
            from += some;
        }
        n -= some;
        offset = 0;
    }
}

void el_learner_state_read(size_t offset, uint8_t *to, size_t n) {
    copy(offset, to, NULL, n);
}

void el_learner_state_write(size_t offset, const uint8_t *from, size_t n) {
    copy(offset, NULL, from, n);
    if (offset + n == el_learner_state_size()) {
        hold(); /* not before: a part alone says nothing of the others */
    }
}

void el_learner_start(void) {
#ifdef EL_HEAD_START
    static const uint8_t start[] = EL_HEAD_START;
    el_learner_state_write(0, start, sizeof start);
#else
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        memset(parts[k].at, 0, parts[k].size);
    }
    hold();
#endif
}

/* -- the kinds of heads ------------------------------------------------------------------------------------------ */

#if EL_HEAD_RULE == EL_RULE_NCM

uint8_t el_learner_predict(const int16_t *x, int16_t *scores, int16_t *label) {
    *label = el_q_ncm_predict(counts, means, x, scores, n_pre, n_post);
    return EL_CODE_OK;
}

uint8_t el_learner_learn(const int16_t *x, int16_t label) {
    if (label < 0 || label >= n_post) {
        return EL_CODE_LABEL;
    }
    el_q_ncm_learn(sums, counts, means, x, (size_t)label, n_pre, n_post);
    return EL_CODE_OK;
}

uint8_t el_learner_reward(const int16_t *x, float reward) {
    (void)x, (void)reward;
    return EL_CODE_UNABLE;
}

#else

static void wake(void) {
#if EL_HEAD_NEURON == EL_NEURON_LIF
    memset(v, 0, sizeof v);
    memset(waiting, 0, sizeof waiting);
#endif
}

/* `moves`: whether what lasts of the units may. */
static void fire(bool moves) {
    (void)moves;
#if EL_HEAD_NEURON == EL_NEURON_LIF
    const el_q_lif_state s = {v, waiting, theta};
    el_q_lif(neuron_params, s, moves, u, out, n_post);
#elif EL_HEAD_NEURON == EL_NEURON_SOFTMAX
    el_q_softmax(neuron_params, u, out, n_post);
#elif EL_HEAD_NEURON == EL_NEURON_RELU
    el_q_relu(u, out, n_post);
#else
    el_q_linear(u, out, n_post);
#endif
}

/* `word` is the label or the reward. */
static void judge(int32_t word) {
    (void)word;
#if EL_HEAD_SIGNAL == EL_SIGNAL_REWARD
    el_q_reward(signal_params, &baseline, word, third, n_post);
#elif EL_HEAD_SIGNAL == EL_SIGNAL_LABEL_ERROR
    const int bits = EL_HEAD_NEURON == EL_NEURON_SOFTMAX ? EL_Q_INPUT_BITS : EL_Q_DRIVE_BITS;
    el_q_label_error(out, (size_t)word, bits, third, n_post);
#elif EL_HEAD_SIGNAL == EL_SIGNAL_COMPETITION
    el_q_competition(out, third, n_post);
#else
    el_q_unsupervised(third, n_post);
#endif
}

static void move(const int16_t *x) {
#if EL_HEAD_RULE == EL_RULE_DELTA
    el_q_delta(rule_params, w, x, third, &dither, n_pre, n_post);
#elif EL_HEAD_RULE == EL_RULE_THREE_FACTOR
    el_q_three_factor(rule_params, trace, w, x, out, third, &dither, n_pre, n_post);
#elif EL_HEAD_RULE == EL_RULE_STDP
    el_q_stdp(rule_params, x_trace, y_trace, w, x, out, third, down, &dither, n_pre, n_post);
#else
    const el_q_move m = {norm, a, c, 0};
    el_q_softhebb(rule_params, m, w, x, u, third, &dither, n_pre, n_post);
#endif
}

static uint8_t taught(const int16_t *x, int32_t word) {
    wake();
    for (size_t step = 0; step < EL_HEAD_STEPS; step++) {
        el_q_drive(x, w, u, n_pre, n_post, EL_HEAD_WEIGHT_BITS);
        fire(true);
        judge(word);
        move(x);
    }
    return EL_CODE_OK;
}

uint8_t el_learner_learn(const int16_t *x, int16_t label) {
    if (EL_HEAD_SIGNAL == EL_SIGNAL_REWARD) {
        return EL_CODE_UNABLE;
    }
    if (EL_HEAD_SIGNAL == EL_SIGNAL_LABEL_ERROR && (label < 0 || label >= n_post)) {
        return EL_CODE_LABEL;
    }
    return taught(x, label);
}

uint8_t el_learner_reward(const int16_t *x, float reward) {
    int32_t r;
    if (EL_HEAD_SIGNAL != EL_SIGNAL_REWARD) {
        return EL_CODE_UNABLE;
    }
    return el_q_reward_of(reward, &r) ? taught(x, r) : EL_CODE_VALUE;
}

uint8_t el_learner_predict(const int16_t *x, int16_t *scores, int16_t *label) {
    static int32_t total[n_post];
    memset(total, 0, sizeof total);
    wake();
    el_q_drive(x, w, u, n_pre, n_post, EL_HEAD_WEIGHT_BITS);
    for (size_t step = 0; step < EL_HEAD_STEPS; step++) {
        fire(false);
        for (size_t j = 0; j < n_post; j++) {
            total[j] += out[j];
        }
    }
    for (size_t j = 0; j < n_post; j++) {
        scores[j] = (int16_t)(EL_HEAD_STEPS == 1 ? total[j] : total[j] / EL_HEAD_STEPS);
    }
    *label = (int16_t)el_q_best(scores, n_post);
    return EL_CODE_OK;
}

#endif
#endif
