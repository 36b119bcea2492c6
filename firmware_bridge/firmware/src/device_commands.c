/* Commands carried out. Rules: what changes what was learned is carried out only above `applied`; a command that is
 * refused has changed nothing. */
#include <string.h>

#include "device_internal.h"
#include "el_port.h"
#include "el_window.h"

#define RESTART_AFTER_US 200000U /* that the answer to RESET may still arrive */

static const el_answer ok = {EL_CODE_OK, 0};
static const el_answer malformed = {EL_CODE_MALFORMED, 0};
static const el_answer already = {EL_CODE_ALREADY, 0};

/* -- numbers ------------------------------------------------------------------------------------------------------- */

#if EL_HEAD_NUMBER == EL_NUMBER_Q15
static el_number read_number(const uint8_t *from) {
    return el_get_i16(from);
}

static void write_number(uint8_t *to, el_number value) {
    el_put_u16(to, (uint16_t)value);
}

/* To the nearest, halves away from 0; what is beyond ends at the limit. */
static el_number number_of(float value) {
    float scaled = value * 32768.0F;
    if (scaled >= 32767.0F) {
        return 32767;
    }
    if (scaled <= -32768.0F) {
        return -32768;
    }
    return (el_number)(int32_t)(scaled < 0.0F ? scaled - 0.5F : scaled + 0.5F);
}
#else
static el_number read_number(const uint8_t *from) {
    return el_get_f32(from);
}

static void write_number(uint8_t *to, el_number value) {
    el_put_f32(to, value);
}

static el_number number_of(float value) {
    return value;
}
#endif

/* -- windows ------------------------------------------------------------------------------------------------------- */

static el_answer configure(const uint8_t *p, uint16_t n) {
    el_configure m;
    if (!el_read_configure(&m, p, n)) {
        return malformed;
    }
    uint32_t limit;
    uint8_t code = el_window_configure(&m, el_link_mtu(&el_own.link), &limit);
    return code == EL_CODE_OK ? ok : el_answer_with(code, limit);
}

static el_answer stream(const uint8_t *p, uint16_t n) {
    el_stream m;
    if (!el_read_stream(&m, p, n)) {
        return malformed;
    }
    el_window_stream(m.on != 0);
    return ok;
}

/* -- prediction and learning --------------------------------------------------------------------------------------- */

/* What a learner's code means for the command `id`. */
static el_answer learned(uint32_t id, uint8_t code) {
    if (code != EL_CODE_OK) {
        return el_answer_of(code);
    }
    el_own.applied = id;
    el_own.link.counters.learned++;
    return ok;
}

/* Takes x to el_own.x. */
static el_answer take(const uint8_t *x, uint16_t size) {
    if (size != EL_NUMBER_BYTES * EL_N_PRE) {
        return el_answer_with(EL_CODE_SHAPE, EL_N_PRE);
    }
    for (size_t i = 0; i < EL_N_PRE; i++) {
        el_own.x[i] = read_number(x + EL_NUMBER_BYTES * i);
    }
    return ok;
}

static el_answer take_features(void) {
    float features[EL_FEATURES_MAX];
    uint16_t n = el_window_features(features, EL_FEATURES_MAX);
    if (n == 0) {
        return el_answer_of(EL_CODE_NOTHING);
    }
    if (n != EL_N_PRE || n > EL_FEATURES_MAX) { /* the second tells a compiler what no large head has */
        return el_answer_with(EL_CODE_SHAPE, EL_N_PRE);
    }
    for (size_t i = 0; i < n; i++) {
        el_own.x[i] = number_of(features[i]);
    }
    return ok;
}

static el_answer predict(const uint8_t *p, uint16_t n) {
    el_predict m;
    if (!el_read_predict(&m, p, n)) {
        return malformed;
    }
    el_answer a = m.x_size == 0 ? take_features() : take(m.x, m.x_size);
    if (a.code != EL_CODE_OK) {
        return a;
    }
    el_prediction result = {.id = m.id};
    uint8_t code = el_learner_predict(el_own.x, el_own.scores, &result.label);
    if (code != EL_CODE_OK) {
        return el_answer_of(code);
    }
    memcpy(el_own.last, el_own.x, sizeof el_own.last);
    el_own.predicted = true;
    for (size_t i = 0; i < EL_N_POST; i++) {
        write_number(el_own.part + EL_NUMBER_BYTES * i, el_own.scores[i]);
    }
    uint8_t head[EL_PREDICTION_FIXED];
    uint16_t head_n = el_write_prediction(head, &result);
    return el_device_send(EL_PREDICTION, head, head_n, el_own.part, EL_NUMBER_BYTES * EL_N_POST);
}

static el_answer learn(const uint8_t *p, uint16_t n) {
    el_learn m;
    if (!el_read_learn(&m, p, n)) {
        return malformed;
    }
    if (el_is_old(m.id)) {
        return already;
    }
    el_answer a = take(m.x, m.x_size);
    return a.code == EL_CODE_OK ? learned(m.id, el_learner_learn(el_own.x, m.label)) : a;
}

static el_answer learn_last(const uint8_t *p, uint16_t n) {
    el_learn_last m;
    if (!el_read_learn_last(&m, p, n)) {
        return malformed;
    }
    if (el_is_old(m.id)) {
        return already;
    }
    return el_own.predicted ? learned(m.id, el_learner_learn(el_own.last, m.label)) : el_answer_of(EL_CODE_NOTHING);
}

static el_answer reward(const uint8_t *p, uint16_t n) {
    el_reward m;
    if (!el_read_reward(&m, p, n)) {
        return malformed;
    }
    if (el_is_old(m.id)) {
        return already;
    }
    return el_own.predicted ? learned(m.id, el_learner_reward(el_own.last, m.reward)) : el_answer_of(EL_CODE_NOTHING);
}

/* -- the rest ------------------------------------------------------------------------------------------------------ */

static el_answer reset(const uint8_t *p, uint16_t n) {
    el_reset m;
    if (!el_read_reset(&m, p, n)) {
        return malformed;
    }
    if (el_is_old(m.id)) {
        return already;
    }
    if (m.what != EL_RESET_LEARNED && m.what != EL_RESET_DEVICE) {
        return el_answer_of(EL_CODE_UNABLE);
    }
    if (m.what == EL_RESET_LEARNED) {
        el_learner_start();
    } else {
        el_own.restarting = true;
        el_own.restart_us = el_port_now_us() + RESTART_AFTER_US;
    }
    el_own.applied = m.id;
    return ok;
}

static el_answer statistics(const uint8_t *p, uint16_t n) {
    el_statistics m;
    if (!el_read_statistics(&m, p, n)) {
        return malformed;
    }
    el_counters counters = el_own.link.counters;
    counters.id = m.id;
    counters.windows_made = el_windows_made();
    counters.windows_dropped = el_windows_dropped();
    uint8_t bytes[EL_COUNTERS_FIXED];
    uint16_t size = el_write_counters(bytes, &counters);
    return el_device_send(EL_COUNTERS, bytes, size, NULL, 0);
}

el_answer el_device_command(uint8_t type, const uint8_t *p, uint16_t n) {
    switch (type) {
    case EL_CONFIGURE:
        return configure(p, n);
    case EL_STREAM:
        return stream(p, n);
    case EL_PREDICT:
        return predict(p, n);
    case EL_LEARN:
        return learn(p, n);
    case EL_LEARN_LAST:
        return learn_last(p, n);
    case EL_REWARD:
        return reward(p, n);
    case EL_READ_STATE:
        return el_device_read_state(p, n);
    case EL_WRITE_STATE:
        return el_device_write_state(p, n);
    case EL_COMMIT_STATE:
        return el_device_commit_state(p, n);
    case EL_SAVE:
        return el_device_save(p, n);
    case EL_RESET:
        return reset(p, n);
    case EL_STATISTICS:
        return statistics(p, n);
    default:
        return el_answer_of(EL_CODE_UNKNOWN);
    }
}
