/* The head in float32: what el_head.h says, in one static object. Twin of edgelearn.Layer, of the readout NCM, or
 * of edgelearn.export's Affine, bit for bit.
 *
 * 1. A sample with a value or a drive that is NaN, or 1000 and more in size, is refused before anything changes:
 *    below that no single step makes weights run away. 2. All that is learned lies in `kept`, in the order of the
 *    layout text, so that the state is its bytes. 3. Nothing is remembered between calls but `kept`. */
#include "el_learner.h"

#if EL_HEAD_NUMBER == EL_NUMBER_F32

#include "el_math.h"
#include "el_ncm.h"
#include "el_neurons.h"
#include "el_rules.h"
#include "el_signals.h"

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the state travels little-endian, as it lies in memory"
#endif

#define CALM 1000.0f

enum { n_pre = EL_N_PRE, n_post = EL_N_POST };

/* -- what is kept ------------------------------------------------------------------------------------------------ */

#if EL_HEAD_RULE == EL_RULE_NCM

static struct {
    float origin[n_pre], sums[n_pre * n_post], carry[n_pre * n_post];
    uint32_t counts[n_post];
    float half[n_post];
} kept;

#elif EL_HEAD_RULE == EL_RULE_FIXED

static struct {
    float w[n_pre * n_post], bias[n_post];
} kept;

#else

#ifndef EL_HEAD_POST
#define EL_HEAD_POST (EL_HEAD_RULE == EL_RULE_SOFTHEBB ? EL_POST_DRIVE : EL_POST_OUT)
#endif

#define RULE_SIZE(name, NUMBER, size) +(EL_HEAD_RULE == EL_RULE_##NUMBER ? (size) : 0)
#define NEURON_SIZE(name, NUMBER, size, fading_size) +(EL_HEAD_NEURON == EL_NEURON_##NUMBER ? (size) : 0)
#define FADING_SIZE(name, NUMBER, size, fading_size) +(EL_HEAD_NEURON == EL_NEURON_##NUMBER ? (fading_size) : 0)
#define SIGNAL_SIZE(name, NUMBER, size, says) +(EL_HEAD_SIGNAL == EL_SIGNAL_##NUMBER ? (size) : 0)
#define SIGNAL_TEACHER(name, NUMBER, size, says) +(EL_HEAD_SIGNAL == EL_SIGNAL_##NUMBER ? (int)(says) : 0)

enum {
    n_rule = 0 EL_RULES(RULE_SIZE),
    n_neuron = 0 EL_NEURONS(NEURON_SIZE),
    n_fading = 0 EL_NEURONS(FADING_SIZE),
    n_signal = 0 EL_SIGNALS(SIGNAL_SIZE),
    n_weights = n_pre * n_post,
    n_kept = n_weights + n_rule + n_neuron + n_signal
};
static const int teaches = 0 EL_SIGNALS(SIGNAL_TEACHER);

static float kept[n_kept]; /* weights, then state of rule, neuron and signal */
static float fading[n_fading + 1], u[n_post], out[n_post], slope[n_post], third[n_post];

static float *const rule_state = kept + n_weights;
static float *const neuron_state = kept + n_weights + n_rule;
static float *const signal_state = kept + n_weights + n_rule + n_neuron;

/* Bit patterns, read as the numbers they are; zeros behind. */
typedef union {
    uint32_t bits[16];
    float values[16];
} params;

static const params rule_params = {EL_HEAD_RULE_PARAMS};
static const params neuron_params = {EL_HEAD_NEURON_PARAMS};
static const params signal_params = {EL_HEAD_SIGNAL_PARAMS};

#endif

#ifdef EL_HEAD_START
static const uint8_t start[] = EL_HEAD_START;
typedef char el_head_start_is_of_this_layout[sizeof start == sizeof kept ? 1 : -1];
#endif

void el_learner_start(void) {
#ifdef EL_HEAD_START
    memcpy(&kept, start, sizeof kept);
#else
    memset(&kept, 0, sizeof kept);
#endif
}

size_t el_learner_state_size(void) {
    return sizeof kept;
}

void el_learner_state_read(size_t offset, uint8_t *to, size_t n) {
    memcpy(to, (const uint8_t *)&kept + offset, n);
}

void el_learner_state_write(size_t offset, const uint8_t *from, size_t n) {
    memcpy((uint8_t *)&kept + offset, from, n);
}

/* -- the kinds of heads ------------------------------------------------------------------------------------------ */

/* The index of the highest score, of equals the first. */
static int16_t best(const float *scores) {
    size_t found = 0;
    for (size_t j = 1; j < n_post; j++) {
        found = scores[j] > scores[found] ? j : found;
    }
    return (int16_t)found;
}

#if EL_HEAD_RULE == EL_RULE_NCM

static bool learned(void) {
    uint32_t any = 0;
    for (size_t j = 0; j < n_post; j++) {
        any |= kept.counts[j];
    }
    return any != 0;
}

uint8_t el_learner_predict(const float *x, float *scores, int16_t *label) {
    if (!el_all_below(x, n_pre, CALM)) {
        return EL_CODE_VALUE;
    }
    el_ncm_scores(x, kept.origin, kept.sums, kept.counts, kept.half, scores, n_pre, n_post);
    *label = learned() ? best(scores) : EL_NO_LABEL;
    return EL_CODE_OK;
}

uint8_t el_learner_learn(const float *x, int16_t label) {
    if (label < 0 || label >= n_post) {
        return EL_CODE_LABEL;
    }
    if (!el_all_below(x, n_pre, CALM)) {
        return EL_CODE_VALUE;
    }
    if (!learned()) {
        memcpy(kept.origin, x, sizeof kept.origin);
    }
    const uint32_t count = ++kept.counts[label];
    el_ncm_learn(x, (size_t)label, kept.origin, kept.sums, kept.carry, count, kept.half, n_pre, n_post);
    return EL_CODE_OK;
}

uint8_t el_learner_reward(const float *x, float reward) {
    (void)x, (void)reward;
    return EL_CODE_UNABLE;
}

#elif EL_HEAD_RULE == EL_RULE_FIXED

uint8_t el_learner_predict(const float *x, float *scores, int16_t *label) {
    if (!el_all_below(x, n_pre, CALM)) {
        return EL_CODE_VALUE;
    }
    el_drive(x, kept.w, scores, n_pre, n_post);
    for (size_t j = 0; j < n_post; j++) {
        scores[j] = kept.bias[j] + scores[j];
    }
    *label = best(scores);
    return EL_CODE_OK;
}

uint8_t el_learner_learn(const float *x, int16_t label) {
    (void)x, (void)label;
    return EL_CODE_UNABLE;
}

uint8_t el_learner_reward(const float *x, float reward) {
    (void)x, (void)reward;
    return EL_CODE_UNABLE;
}

#else

/* Writes the drive; false: refused. */
static bool driven(const float *x) {
    el_drive(x, kept, u, n_pre, n_post);
    return el_all_below(u, n_post, CALM);
}

static void wake(void) {
    memset(fading, 0, sizeof fading);
}

#define NEURON_CASE(name, NUMBER, size, fading_size)                                                                   \
    case EL_NEURON_##NUMBER:                                                                                           \
        el_neuron_##name(p, neuron_state, fading, u, out, slope, n_post);                                              \
        break;
#define SIGNAL_CASE(name, NUMBER, size, says)                                                                          \
    case EL_SIGNAL_##NUMBER:                                                                                           \
        el_signal_##name(signal_params.values, signal_state, out, teach, third, n_post);                               \
        break;
#define RULE_CASE(name, NUMBER, size)                                                                                  \
    case EL_RULE_##NUMBER:                                                                                             \
        el_rule_##name(rule_params.values, rule_state, kept, x, post, third, n_pre, n_post);                           \
        break;

EL_FORCED void act(const float *p) {
    switch (EL_HEAD_NEURON) { EL_NEURONS(NEURON_CASE) }
}

static uint8_t taught(const float *x, const float *teach) {
    static float *const post = EL_HEAD_POST == EL_POST_DRIVE ? u : EL_HEAD_POST == EL_POST_SLOPE ? slope : out;
    if (!el_all_below(x, n_pre, CALM)) {
        return EL_CODE_VALUE;
    }
    wake();
    for (size_t step = 0; step < EL_HEAD_STEPS; step++) {
        if (!driven(x)) { /* in a later step the ones before were learned: no memory to take them back */
            return EL_CODE_VALUE;
        }
        act(neuron_params.values);
        switch (EL_HEAD_SIGNAL) { EL_SIGNALS(SIGNAL_CASE) }
        switch (EL_HEAD_RULE) { EL_RULES(RULE_CASE) }
    }
    return EL_CODE_OK;
}

uint8_t el_learner_learn(const float *x, int16_t label) {
    static float teach[n_post];
    if (teaches == EL_TEACHES_REWARD) {
        return EL_CODE_UNABLE;
    }
    if (teaches == EL_TEACHES_LABEL) {
        if (label < 0 || label >= n_post) {
            return EL_CODE_LABEL;
        }
        for (size_t j = 0; j < n_post; j++) {
            teach[j] = j == (size_t)label ? 1.0f : 0.0f;
        }
    }
    return taught(x, teach);
}

uint8_t el_learner_reward(const float *x, float reward) {
    if (teaches != EL_TEACHES_REWARD) {
        return EL_CODE_UNABLE;
    }
    return el_all_below(&reward, 1, CALM) ? taught(x, &reward) : EL_CODE_VALUE;
}

/* What lasts (an adaptive threshold) must not move while the head predicts. */
static void show(void) {
#if EL_HEAD_NEURON == EL_NEURON_LIF
    params still = neuron_params;
    still.values[EL_LIF_THETA_PLUS] = 0.0f;
    still.values[EL_LIF_THETA_DECAY] = 1.0f;
    act(still.values);
#else
    act(neuron_params.values);
#endif
}

uint8_t el_learner_predict(const float *x, float *scores, int16_t *label) {
    if (!el_all_below(x, n_pre, CALM) || !driven(x)) {
        return EL_CODE_VALUE;
    }
    wake();
    memset(scores, 0, n_post * sizeof *scores);
    for (size_t step = 0; step < EL_HEAD_STEPS; step++) {
        show();
        for (size_t j = 0; j < n_post; j++) {
            scores[j] += out[j];
        }
    }
    for (size_t j = 0; j < n_post; j++) {
        scores[j] = el_divide(scores[j], (float)EL_HEAD_STEPS);
    }
    *label = best(scores);
    return EL_CODE_OK;
}

#endif
#endif
