/* The device: messages of the link carried out by learner, store and windows. One static object.
 *
 * Rules: each command has exactly one answer, and is put off while there is no room for that; what changes what was learned is
 * carried out only above `applied`; a command that is refused has changed nothing. */
#include "el_device.h"

#include <string.h>

#include "el_learner.h"
#include "el_link.h"
#include "el_port.h"
#include "el_store.h"
#include "el_window.h"

#define RESTART_AFTER_US 200000U /* that the answer to RESET may still arrive */
#define ANSWERED 255             /* not a code: the answer is another message than DONE */

#if EL_HEAD_NUMBER == EL_NUMBER_Q15
#define NUMBER_BYTES 2
#else
#define NUMBER_BYTES 4
#endif

typedef char raise_EL_MTU_so_that_a_sample_fits[EL_LEARN_FIXED + NUMBER_BYTES * EL_N_PRE <= EL_MTU ? 1 : -1];
typedef char raise_EL_MTU_so_that_scores_fit[EL_PREDICTION_FIXED + NUMBER_BYTES * EL_N_POST <= EL_MTU ? 1 : -1];

typedef struct {
    uint8_t code;
    uint32_t detail;
} answer;

static struct {
    el_link link;
    el_store store;
    const uint8_t *key;
    uint32_t applied;
    bool predicted; /* `last` is what was predicted last */
    bool restarting;
    uint32_t restart_us;
    uint16_t out_n, out_at;
    el_number x[EL_N_PRE], last[EL_N_PRE], scores[EL_N_POST];
    uint8_t part[EL_MTU]; /* of a state, or scores, on the way */
    uint8_t out[EL_CHUNK];
} d;

static const answer ok = {EL_CODE_OK, 0};
static const answer malformed = {EL_CODE_MALFORMED, 0};
static const answer already = {EL_CODE_ALREADY, 0};

/* -- numbers ------------------------------------------------------------------------------------------------------------- */

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

/* -- answers ------------------------------------------------------------------------------------------------------------- */

static answer refused(uint8_t code) {
    answer a = {code, code == EL_CODE_LABEL ? EL_N_POST : 0};
    return a;
}

static answer refused_with(uint8_t code, uint32_t detail) {
    answer a = {code, detail};
    return a;
}

/* The answer is this message; where the other end does not take so much, it is told how much there was. */
static answer sent(uint8_t type, const uint8_t *head, uint16_t head_n, const uint8_t *body, uint16_t body_n) {
    bool taken = el_link_send(&d.link, type, head, head_n, body, body_n);
    return taken ? refused(ANSWERED) : refused_with(EL_CODE_RANGE, (uint32_t)head_n + body_n);
}

static void done(uint32_t id, answer a) {
    uint8_t bytes[EL_DONE_FIXED];
    el_done m = {id, a.code, a.detail};
    uint16_t n = el_write_done(bytes, &m);
    (void)el_link_send(&d.link, EL_DONE, bytes, n, NULL, 0);
}

static bool old(uint32_t id) {
    return (int32_t)(id - d.applied) <= 0;
}

/* What a learner's code means for the command `id`. */
static answer learned(uint32_t id, uint8_t code) {
    if (code != EL_CODE_OK) {
        return refused(code);
    }
    d.applied = id;
    d.link.counters.learned++;
    return ok;
}

/* -- windows ------------------------------------------------------------------------------------------------------------- */

static answer configure(const uint8_t *p, uint16_t n) {
    el_configure m;
    if (!el_read_configure(&m, p, n)) {
        return malformed;
    }
    uint32_t limit;
    uint8_t code = el_window_configure(&m, el_link_mtu(&d.link), &limit);
    return code == EL_CODE_OK ? ok : refused_with(code, limit);
}

static answer stream(const uint8_t *p, uint16_t n) {
    el_stream m;
    if (!el_read_stream(&m, p, n)) {
        return malformed;
    }
    el_window_stream(m.on != 0);
    return ok;
}

/* -- prediction and learning --------------------------------------------------------------------------------------------- */

/* Takes x to d.x. */
static answer take(const uint8_t *x, uint16_t size) {
    if (size != NUMBER_BYTES * EL_N_PRE) {
        return refused_with(EL_CODE_SHAPE, EL_N_PRE);
    }
    for (size_t i = 0; i < EL_N_PRE; i++) {
        d.x[i] = read_number(x + NUMBER_BYTES * i);
    }
    return ok;
}

static answer take_features(void) {
    float features[EL_FEATURES_MAX];
    uint16_t n = el_window_features(features, EL_FEATURES_MAX);
    if (n == 0) {
        return refused(EL_CODE_NOTHING);
    }
    if (n != EL_N_PRE || n > EL_FEATURES_MAX) { /* the second: so that a compiler sees what a large head can never have */
        return refused_with(EL_CODE_SHAPE, EL_N_PRE);
    }
    for (size_t i = 0; i < n; i++) {
        d.x[i] = number_of(features[i]);
    }
    return ok;
}

static answer predict(const uint8_t *p, uint16_t n) {
    el_predict m;
    if (!el_read_predict(&m, p, n)) {
        return malformed;
    }
    answer a = m.x_size == 0 ? take_features() : take(m.x, m.x_size);
    if (a.code != EL_CODE_OK) {
        return a;
    }
    el_prediction result = {.id = m.id};
    uint8_t code = el_learner_predict(d.x, d.scores, &result.label);
    if (code != EL_CODE_OK) {
        return refused(code);
    }
    memcpy(d.last, d.x, sizeof d.last);
    d.predicted = true;
    for (size_t i = 0; i < EL_N_POST; i++) {
        write_number(d.part + NUMBER_BYTES * i, d.scores[i]);
    }
    uint8_t head[EL_PREDICTION_FIXED];
    uint16_t head_n = el_write_prediction(head, &result);
    return sent(EL_PREDICTION, head, head_n, d.part, NUMBER_BYTES * EL_N_POST);
}

static answer learn(const uint8_t *p, uint16_t n) {
    el_learn m;
    if (!el_read_learn(&m, p, n)) {
        return malformed;
    }
    if (old(m.id)) {
        return already;
    }
    answer a = take(m.x, m.x_size);
    return a.code == EL_CODE_OK ? learned(m.id, el_learner_learn(d.x, m.label)) : a;
}

static answer learn_last(const uint8_t *p, uint16_t n) {
    el_learn_last m;
    if (!el_read_learn_last(&m, p, n)) {
        return malformed;
    }
    if (old(m.id)) {
        return already;
    }
    return d.predicted ? learned(m.id, el_learner_learn(d.last, m.label)) : refused(EL_CODE_NOTHING);
}

static answer reward(const uint8_t *p, uint16_t n) {
    el_reward m;
    if (!el_read_reward(&m, p, n)) {
        return malformed;
    }
    if (old(m.id)) {
        return already;
    }
    return d.predicted ? learned(m.id, el_learner_reward(d.last, m.reward)) : refused(EL_CODE_NOTHING);
}

/* -- state --------------------------------------------------------------------------------------------------------------- */

static answer read_state(const uint8_t *p, uint16_t n) {
    el_read_state_message m;
    if (!el_read_read_state(&m, p, n)) {
        return malformed;
    }
    size_t total = el_learner_state_size();
    if (m.offset > total) {
        return refused_with(EL_CODE_RANGE, (uint32_t)total);
    }
    const uint16_t mtu = el_link_mtu(&d.link);
    size_t size = mtu > EL_STATE_FIXED ? (size_t)(mtu - EL_STATE_FIXED) : 0;
    size = size < m.size ? size : m.size;
    size = size < total - m.offset ? size : total - m.offset;
    el_learner_state_read(m.offset, d.part, size);
    el_state state = {.id = m.id, .offset = m.offset, .total = (uint32_t)total, .applied = d.applied};
    uint8_t head[EL_STATE_FIXED];
    uint16_t head_n = el_write_state(head, &state);
    return sent(EL_STATE, head, head_n, d.part, (uint16_t)size);
}

/* Parts go straight into the other slot of flash: no memory holds a second state. */
static answer write_state(const uint8_t *p, uint16_t n) {
    el_write_state_message m;
    if (!el_read_write_state(&m, p, n)) {
        return malformed;
    }
    const size_t total = el_learner_state_size();
    if (m.offset > total || m.data_size > total - m.offset) {
        return refused_with(EL_CODE_RANGE, (uint32_t)total);
    }
    if (total > el_store_room() || (m.offset == 0 && !el_store_begin(&d.store))) {
        return refused(EL_CODE_FLASH);
    }
    bool follows = d.store.writing && m.offset <= d.store.filled;
    if (follows && el_store_part(&d.store, m.offset, m.data, m.data_size)) {
        return ok;
    }
    bool failed = follows && !d.store.writing;
    return failed ? refused(EL_CODE_FLASH) : refused_with(EL_CODE_RANGE, (uint32_t)total);
}

static answer commit_state(const uint8_t *p, uint16_t n) {
    el_commit_state m;
    if (!el_read_commit_state(&m, p, n)) {
        return malformed;
    }
    if (old(m.id)) {
        return already;
    }
    if (m.layout != EL_HEAD_LAYOUT) {
        return refused_with(EL_CODE_LAYOUT, EL_HEAD_LAYOUT);
    }
    if (m.total != el_learner_state_size()) {
        return refused_with(EL_CODE_RANGE, (uint32_t)el_learner_state_size());
    }
    if (!d.store.writing || d.store.filled != m.total || el_store_crc(&d.store) != m.crc) {
        return refused(EL_CODE_CHECK);
    }
    if (!el_store_commit(&d.store, m.id, EL_HEAD_LAYOUT)) {
        return refused(EL_CODE_FLASH);
    }
    el_learner_state_write(0, el_store_data(&d.store), m.total);
    d.applied = m.id;
    d.link.counters.saves++;
    return ok;
}

static bool store_all(void) {
    const size_t total = el_learner_state_size();
    bool good = el_store_begin(&d.store);
    for (size_t at = 0; good && at < total; at += sizeof d.part) {
        size_t n = total - at < sizeof d.part ? total - at : sizeof d.part;
        el_learner_state_read(at, d.part, n);
        good = el_store_part(&d.store, at, d.part, n);
    }
    return good && el_store_commit(&d.store, d.applied, EL_HEAD_LAYOUT);
}

static answer save(const uint8_t *p, uint16_t n) {
    el_save m;
    if (!el_read_save(&m, p, n)) {
        return malformed;
    }
    if (!store_all()) {
        return refused(EL_CODE_FLASH);
    }
    d.link.counters.saves++;
    return ok;
}

static answer reset(const uint8_t *p, uint16_t n) {
    el_reset m;
    if (!el_read_reset(&m, p, n)) {
        return malformed;
    }
    if (old(m.id)) {
        return already;
    }
    if (m.what != EL_RESET_LEARNED && m.what != EL_RESET_DEVICE) {
        return refused(EL_CODE_UNABLE);
    }
    if (m.what == EL_RESET_LEARNED) {
        el_learner_start();
    } else {
        d.restarting = true;
        d.restart_us = el_port_now_us() + RESTART_AFTER_US;
    }
    d.applied = m.id;
    return ok;
}

static answer statistics(const uint8_t *p, uint16_t n) {
    el_statistics m;
    if (!el_read_statistics(&m, p, n)) {
        return malformed;
    }
    el_counters counters = d.link.counters;
    counters.id = m.id;
    counters.windows_made = el_windows_made();
    counters.windows_dropped = el_windows_dropped();
    uint8_t bytes[EL_COUNTERS_FIXED];
    uint16_t size = el_write_counters(bytes, &counters);
    return sent(EL_COUNTERS, bytes, size, NULL, 0);
}

/* -- the link's user ----------------------------------------------------------------------------------------------------- */

static answer carry_out(uint8_t type, const uint8_t *p, uint16_t n) {
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
        return read_state(p, n);
    case EL_WRITE_STATE:
        return write_state(p, n);
    case EL_COMMIT_STATE:
        return commit_state(p, n);
    case EL_SAVE:
        return save(p, n);
    case EL_RESET:
        return reset(p, n);
    case EL_STATISTICS:
        return statistics(p, n);
    default:
        return refused(EL_CODE_UNKNOWN);
    }
}

static bool deliver(void *user, uint8_t type, const uint8_t *payload, uint16_t size) {
    (void)user;
    if (type < EL_CONFIGURE) { /* of the link, not for a device; it may have been a NOTE, which is not answered */
        d.link.counters.malformed++;
        return true;
    }
    if (d.restarting || !el_link_room(&d.link)) {
        return false;
    }
    answer a = carry_out(type, payload, size);
    d.link.counters.commands++;
    d.link.counters.malformed += a.code == EL_CODE_MALFORMED || a.code == EL_CODE_UNKNOWN;
    if (a.code != ANSWERED && size >= 4) { /* the id, which all commands begin with */
        done(el_get_u32(payload), a);
    }
    return true;
}

static uint16_t next_of_stream(void *user, uint8_t *type, uint8_t *to) {
    (void)user;
    return el_window_next(type, to, el_link_mtu(&d.link));
}

static void opened(void *user, bool resumed) {
    (void)user;
    d.predicted = d.predicted && resumed; /* another host did not predict it */
}

static void describe(void *user, el_hello *hello) {
    static const char firmware[] = EL_FIRMWARE;
    (void)user;
    hello->applied = d.applied;
    hello->layout = EL_HEAD_LAYOUT;
    hello->rule = EL_HEAD_RULE;
    hello->number = EL_HEAD_NUMBER;
    hello->n_pre = EL_N_PRE;
    hello->n_post = EL_N_POST;
    size_t n = sizeof firmware - 1 < sizeof hello->firmware ? sizeof firmware - 1 : sizeof hello->firmware;
    memset(hello->firmware, 0, sizeof hello->firmware);
    memcpy(hello->firmware, firmware, n);
}

/* -- running ------------------------------------------------------------------------------------------------------------- */

static void restore(void) {
    el_learner_start();
    el_store_open(&d.store);
    if (d.store.version == 0) {
        return;
    }
    if (d.store.layout != EL_HEAD_LAYOUT || d.store.size != el_learner_state_size()) {
        d.link.counters.malformed++; /* the state of another head */
        return;
    }
    el_learner_state_write(0, el_store_data(&d.store), d.store.size);
    d.applied = d.store.applied;
}

void el_device_start(const uint8_t *key) {
    static const el_link_user user = {NULL, deliver, next_of_stream, opened, describe};
    memset(&d, 0, sizeof d);
    d.key = key;
    el_window_start();
    uint32_t now = el_port_now_us();
    el_link_init(&d.link, &user, EL_ROLE_DEVICE, el_port_boot_id(), key, now);
    restore();
    el_link_connected(&d.link, now);
}

static bool receive(uint32_t now) {
    uint8_t in[EL_CHUNK];
    size_t n = el_port_read(in, sizeof in);
    el_link_receive(&d.link, in, n, now);
    el_link_poke(&d.link, now);
    return n > 0;
}

static bool transmit(uint32_t now) {
    if (d.out_at == d.out_n) {
        d.out_at = 0;
        d.out_n = (uint16_t)el_link_transmit(&d.link, d.out, sizeof d.out, now);
    }
    size_t taken = d.out_at < d.out_n ? el_port_write(d.out + d.out_at, (size_t)(d.out_n - d.out_at)) : 0;
    d.out_at = (uint16_t)(d.out_at + taken);
    return taken > 0;
}

bool el_device_run(void) {
    uint32_t now = el_port_now_us();
    if (d.restarting && (int32_t)(now - d.restart_us) >= 0) {
        el_device_start(d.key);
    }
    bool received = receive(now);
    bool transmitted = transmit(now);
    return received || transmitted;
}
