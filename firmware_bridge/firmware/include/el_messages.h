/* Made by `python3 -m tools.firmware.header` of firmware_bridge/protocol/messages.py and constants.py: change those.
 *
 * el_read_… takes a payload of n bytes apart; false: of another length than the message can have. Pointers of the
 * result point into the payload. el_write_… writes the fixed part and returns its size; the rest is the caller's. */
#ifndef EL_MESSAGES_H
#define EL_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EL_VERSION 1
#define EL_PROTO_MIN 1
#define EL_PROTO_MAX 1
#define EL_KIND_HELLO 16
#define EL_KIND_DATA 17
#define EL_KIND_STREAM 18
#define EL_KIND_ACK 19
#define EL_KIND_NOTE 20
#define EL_HEADER_BYTES 6
#define EL_CHECK_BYTES 4
#define EL_TAG_BYTES 8
#define EL_KEY_BYTES 32
#define EL_NONCE_BYTES 8
#define EL_FRAME_COST 10
#define EL_WINDOW_MAX 32
#define EL_HELLO_EVERY_US 100000U
#define EL_KEEPALIVE_US 250000U
#define EL_DEAD_AFTER_US 1000000U
#define EL_RTO_FIRST_US 200000U
#define EL_RTO_MIN_US 50000U
#define EL_RTO_MAX_US 1000000U
#define EL_RTO_DOUBLINGS 2
#define EL_FLAG_AUTH 1
#define EL_FLAG_OPEN 2
#define EL_ROLE_HOST 0
#define EL_ROLE_DEVICE 1
#define EL_NO_LABEL (-1)
#define EL_CODE_OK 0
#define EL_CODE_ALREADY 1
#define EL_CODE_MALFORMED 2
#define EL_CODE_UNKNOWN 3
#define EL_CODE_SHAPE 4
#define EL_CODE_VALUE 5
#define EL_CODE_LABEL 6
#define EL_CODE_UNABLE 7
#define EL_CODE_LAYOUT 8
#define EL_CODE_RANGE 9
#define EL_CODE_CHECK 10
#define EL_CODE_FLASH 11
#define EL_CODE_NOTHING 12
#define EL_CODE_CONFIG 13
#define EL_RULE_NONE 0
#define EL_RULE_FIXED 1
#define EL_RULE_NCM 2
#define EL_RULE_DELTA 3
#define EL_RULE_THREE_FACTOR 4
#define EL_RULE_SOFTHEBB 5
#define EL_RULE_STDP 6
#define EL_NEURON_LINEAR 0
#define EL_NEURON_RELU 1
#define EL_NEURON_TANH 2
#define EL_NEURON_TRIANGLE 3
#define EL_NEURON_SOFTMAX 4
#define EL_NEURON_K_WINNERS 5
#define EL_NEURON_RANKED 6
#define EL_NEURON_LIF 7
#define EL_SIGNAL_UNSUPERVISED 0
#define EL_SIGNAL_COMPETITION 1
#define EL_SIGNAL_LABEL_ERROR 2
#define EL_SIGNAL_REWARD 3
#define EL_SIGNAL_RANK 4
#define EL_POST_OUT 0
#define EL_POST_SLOPE 1
#define EL_POST_DRIVE 2
#define EL_NUMBER_NONE 0
#define EL_NUMBER_F32 1
#define EL_NUMBER_Q15 2
#define EL_FORMAT_I16 0
#define EL_FORMAT_F32 1
#define EL_FORMAT_FEATURES 2
#define EL_FEATURE_MEAN 1
#define EL_FEATURE_VARIANCE 2
#define EL_FEATURE_ENERGY 4
#define EL_FEATURE_CROSSINGS 8
#define EL_RESET_LEARNED 0
#define EL_RESET_DEVICE 1
#define EL_SCHEMA 0x5BF86865U

#define EL_HELLO 1
#define EL_ACK 2
#define EL_TIME_REQUEST 3
#define EL_TIME_REPLY 4
#define EL_WINDOW 5
#define EL_GAP 6
#define EL_CONFIGURE 16
#define EL_STREAM 17
#define EL_PREDICT 18
#define EL_LEARN 19
#define EL_LEARN_LAST 20
#define EL_REWARD 21
#define EL_READ_STATE 22
#define EL_STATE 23
#define EL_WRITE_STATE 24
#define EL_COMMIT_STATE 25
#define EL_SAVE 26
#define EL_RESET 27
#define EL_STATISTICS 28
#define EL_COUNTERS 29
#define EL_DONE 30
#define EL_PREDICTION 31
#define EL_HELLO_FIXED 72
#define EL_ACK_FIXED 8
#define EL_TIME_REQUEST_FIXED 4
#define EL_TIME_REPLY_FIXED 12
#define EL_WINDOW_FIXED 12
#define EL_GAP_FIXED 4
#define EL_CONFIGURE_FIXED 12
#define EL_STREAM_FIXED 5
#define EL_PREDICT_FIXED 4
#define EL_LEARN_FIXED 6
#define EL_LEARN_LAST_FIXED 6
#define EL_REWARD_FIXED 8
#define EL_READ_STATE_FIXED 10
#define EL_STATE_FIXED 16
#define EL_WRITE_STATE_FIXED 8
#define EL_COMMIT_STATE_FIXED 16
#define EL_SAVE_FIXED 4
#define EL_RESET_FIXED 5
#define EL_STATISTICS_FIXED 4
#define EL_COUNTERS_FIXED 64
#define EL_DONE_FIXED 9
#define EL_PREDICTION_FIXED 6
#define EL_HELLO_AT_PROTO_MIN 0
#define EL_HELLO_AT_PROTO_MAX 1
#define EL_HELLO_AT_SCHEMA 2
#define EL_HELLO_AT_ROLE 6
#define EL_HELLO_AT_FLAGS 7
#define EL_HELLO_AT_BOOT 8
#define EL_HELLO_AT_PEER 12
#define EL_HELLO_AT_MTU 16
#define EL_HELLO_AT_RX_BUFFER 18
#define EL_HELLO_AT_TICK_HZ 22
#define EL_HELLO_AT_APPLIED 26
#define EL_HELLO_AT_LAYOUT 30
#define EL_HELLO_AT_RULE 34
#define EL_HELLO_AT_NUMBER 35
#define EL_HELLO_AT_N_PRE 36
#define EL_HELLO_AT_N_POST 38
#define EL_HELLO_AT_FIRMWARE 40
#define EL_HELLO_AT_NONCE 56
#define EL_HELLO_AT_PROOF 64

/* X(struct, name in el_read_… and el_write_…, number) for every message */
#define EL_MESSAGES(X) \
    X(el_hello, hello, HELLO) \
    X(el_ack, ack, ACK) \
    X(el_time_request, time_request, TIME_REQUEST) \
    X(el_time_reply, time_reply, TIME_REPLY) \
    X(el_window, window, WINDOW) \
    X(el_gap, gap, GAP) \
    X(el_configure, configure, CONFIGURE) \
    X(el_stream, stream, STREAM) \
    X(el_predict, predict, PREDICT) \
    X(el_learn, learn, LEARN) \
    X(el_learn_last, learn_last, LEARN_LAST) \
    X(el_reward, reward, REWARD) \
    X(el_read_state_message, read_state, READ_STATE) \
    X(el_state, state, STATE) \
    X(el_write_state_message, write_state, WRITE_STATE) \
    X(el_commit_state, commit_state, COMMIT_STATE) \
    X(el_save, save, SAVE) \
    X(el_reset, reset, RESET) \
    X(el_statistics, statistics, STATISTICS) \
    X(el_counters, counters, COUNTERS) \
    X(el_done, done, DONE) \
    X(el_prediction, prediction, PREDICTION)

/* One instruction where words may lie anywhere; compilers that count the four bytes would rather call it. */
#if defined(__ARM_FEATURE_UNALIGNED) && defined(__GNUC__)
#define EL_INLINE static inline __attribute__((always_inline))
#else
#define EL_INLINE static inline
#endif

EL_INLINE uint16_t el_get_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | (uint16_t)(p[1] << 8));
}

EL_INLINE uint32_t el_get_u32(const uint8_t *p) {
    return (uint32_t)p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) | ((uint32_t)p[3] << 24);
}

static inline uint64_t el_get_u64(const uint8_t *p) {
    return (uint64_t)el_get_u32(p) | ((uint64_t)el_get_u32(p + 4) << 32);
}

static inline int16_t el_get_i16(const uint8_t *p) {
    const uint16_t bits = el_get_u16(p);
    return (int16_t)(bits < 0x8000 ? (int32_t)bits : (int32_t)bits - 0x10000);
}

static inline float el_get_f32(const uint8_t *p) {
    const uint32_t bits = el_get_u32(p);
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

EL_INLINE void el_put_u16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

EL_INLINE void el_put_u32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline void el_put_u64(uint8_t *p, uint64_t v) {
    el_put_u32(p, (uint32_t)v);
    el_put_u32(p + 4, (uint32_t)(v >> 32));
}

static inline void el_put_f32(uint8_t *p, float v) {
    uint32_t bits;
    memcpy(&bits, &v, 4);
    el_put_u32(p, bits);
}

typedef struct {
    uint8_t proto_min;
    uint8_t proto_max;
    uint32_t schema;
    uint8_t role;
    uint8_t flags;
    uint32_t boot;
    uint32_t peer;
    uint16_t mtu;
    uint32_t rx_buffer;
    uint32_t tick_hz;
    uint32_t applied;
    uint32_t layout;
    uint8_t rule;
    uint8_t number;
    uint16_t n_pre;
    uint16_t n_post;
    uint8_t firmware[16];
    uint8_t nonce[8];
    uint8_t proof[8];
} el_hello;

static inline bool el_read_hello(el_hello *m, const uint8_t *p, uint16_t n) {
    if (n != EL_HELLO_FIXED) {
        return false;
    }
    m->proto_min = p[0];
    m->proto_max = p[1];
    m->schema = el_get_u32(p + 2);
    m->role = p[6];
    m->flags = p[7];
    m->boot = el_get_u32(p + 8);
    m->peer = el_get_u32(p + 12);
    m->mtu = el_get_u16(p + 16);
    m->rx_buffer = el_get_u32(p + 18);
    m->tick_hz = el_get_u32(p + 22);
    m->applied = el_get_u32(p + 26);
    m->layout = el_get_u32(p + 30);
    m->rule = p[34];
    m->number = p[35];
    m->n_pre = el_get_u16(p + 36);
    m->n_post = el_get_u16(p + 38);
    memcpy(m->firmware, p + 40, 16);
    memcpy(m->nonce, p + 56, 8);
    memcpy(m->proof, p + 64, 8);
    return true;
}

static inline uint16_t el_write_hello(uint8_t *to, const el_hello *m) {
    to[0] = m->proto_min;
    to[1] = m->proto_max;
    el_put_u32(to + 2, m->schema);
    to[6] = m->role;
    to[7] = m->flags;
    el_put_u32(to + 8, m->boot);
    el_put_u32(to + 12, m->peer);
    el_put_u16(to + 16, m->mtu);
    el_put_u32(to + 18, m->rx_buffer);
    el_put_u32(to + 22, m->tick_hz);
    el_put_u32(to + 26, m->applied);
    el_put_u32(to + 30, m->layout);
    to[34] = m->rule;
    to[35] = m->number;
    el_put_u16(to + 36, m->n_pre);
    el_put_u16(to + 38, m->n_post);
    memcpy(to + 40, m->firmware, 16);
    memcpy(to + 56, m->nonce, 8);
    memcpy(to + 64, m->proof, 8);
    return EL_HELLO_FIXED;
}

typedef struct {
    uint32_t sack;
    uint32_t limit;
} el_ack;

static inline bool el_read_ack(el_ack *m, const uint8_t *p, uint16_t n) {
    if (n != EL_ACK_FIXED) {
        return false;
    }
    m->sack = el_get_u32(p);
    m->limit = el_get_u32(p + 4);
    return true;
}

static inline uint16_t el_write_ack(uint8_t *to, const el_ack *m) {
    el_put_u32(to, m->sack);
    el_put_u32(to + 4, m->limit);
    return EL_ACK_FIXED;
}

typedef struct {
    uint32_t token;
} el_time_request;

static inline bool el_read_time_request(el_time_request *m, const uint8_t *p, uint16_t n) {
    if (n != EL_TIME_REQUEST_FIXED) {
        return false;
    }
    m->token = el_get_u32(p);
    return true;
}

static inline uint16_t el_write_time_request(uint8_t *to, const el_time_request *m) {
    el_put_u32(to, m->token);
    return EL_TIME_REQUEST_FIXED;
}

typedef struct {
    uint32_t token;
    uint64_t device_us;
} el_time_reply;

static inline bool el_read_time_reply(el_time_reply *m, const uint8_t *p, uint16_t n) {
    if (n != EL_TIME_REPLY_FIXED) {
        return false;
    }
    m->token = el_get_u32(p);
    m->device_us = el_get_u64(p + 4);
    return true;
}

static inline uint16_t el_write_time_reply(uint8_t *to, const el_time_reply *m) {
    el_put_u32(to, m->token);
    el_put_u64(to + 4, m->device_us);
    return EL_TIME_REPLY_FIXED;
}

typedef struct {
    uint32_t index;
    uint32_t time_us;
    uint8_t format;
    uint8_t channels;
    uint16_t count;
    const uint8_t *data;
    uint16_t data_size;
} el_window;

static inline bool el_read_window(el_window *m, const uint8_t *p, uint16_t n) {
    if (n < EL_WINDOW_FIXED) {
        return false;
    }
    m->index = el_get_u32(p);
    m->time_us = el_get_u32(p + 4);
    m->format = p[8];
    m->channels = p[9];
    m->count = el_get_u16(p + 10);
    m->data = p + 12;
    m->data_size = (uint16_t)(n - 12);
    return true;
}

static inline uint16_t el_write_window(uint8_t *to, const el_window *m) {
    el_put_u32(to, m->index);
    el_put_u32(to + 4, m->time_us);
    to[8] = m->format;
    to[9] = m->channels;
    el_put_u16(to + 10, m->count);
    return EL_WINDOW_FIXED;
}

typedef struct {
    uint32_t next;
} el_gap;

static inline bool el_read_gap(el_gap *m, const uint8_t *p, uint16_t n) {
    if (n != EL_GAP_FIXED) {
        return false;
    }
    m->next = el_get_u32(p);
    return true;
}

static inline uint16_t el_write_gap(uint8_t *to, const el_gap *m) {
    el_put_u32(to, m->next);
    return EL_GAP_FIXED;
}

typedef struct {
    uint32_t id;
    uint32_t rate_hz;
    uint16_t window;
    uint8_t channels;
    uint8_t features;
} el_configure;

static inline bool el_read_configure(el_configure *m, const uint8_t *p, uint16_t n) {
    if (n != EL_CONFIGURE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->rate_hz = el_get_u32(p + 4);
    m->window = el_get_u16(p + 8);
    m->channels = p[10];
    m->features = p[11];
    return true;
}

static inline uint16_t el_write_configure(uint8_t *to, const el_configure *m) {
    el_put_u32(to, m->id);
    el_put_u32(to + 4, m->rate_hz);
    el_put_u16(to + 8, m->window);
    to[10] = m->channels;
    to[11] = m->features;
    return EL_CONFIGURE_FIXED;
}

typedef struct {
    uint32_t id;
    uint8_t on;
} el_stream;

static inline bool el_read_stream(el_stream *m, const uint8_t *p, uint16_t n) {
    if (n != EL_STREAM_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->on = p[4];
    return true;
}

static inline uint16_t el_write_stream(uint8_t *to, const el_stream *m) {
    el_put_u32(to, m->id);
    to[4] = m->on;
    return EL_STREAM_FIXED;
}

typedef struct {
    uint32_t id;
    const uint8_t *x;
    uint16_t x_size;
} el_predict;

static inline bool el_read_predict(el_predict *m, const uint8_t *p, uint16_t n) {
    if (n < EL_PREDICT_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->x = p + 4;
    m->x_size = (uint16_t)(n - 4);
    return true;
}

static inline uint16_t el_write_predict(uint8_t *to, const el_predict *m) {
    el_put_u32(to, m->id);
    return EL_PREDICT_FIXED;
}

typedef struct {
    uint32_t id;
    int16_t label;
    const uint8_t *x;
    uint16_t x_size;
} el_learn;

static inline bool el_read_learn(el_learn *m, const uint8_t *p, uint16_t n) {
    if (n < EL_LEARN_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->label = el_get_i16(p + 4);
    m->x = p + 6;
    m->x_size = (uint16_t)(n - 6);
    return true;
}

static inline uint16_t el_write_learn(uint8_t *to, const el_learn *m) {
    el_put_u32(to, m->id);
    el_put_u16(to + 4, (uint16_t)m->label);
    return EL_LEARN_FIXED;
}

typedef struct {
    uint32_t id;
    int16_t label;
} el_learn_last;

static inline bool el_read_learn_last(el_learn_last *m, const uint8_t *p, uint16_t n) {
    if (n != EL_LEARN_LAST_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->label = el_get_i16(p + 4);
    return true;
}

static inline uint16_t el_write_learn_last(uint8_t *to, const el_learn_last *m) {
    el_put_u32(to, m->id);
    el_put_u16(to + 4, (uint16_t)m->label);
    return EL_LEARN_LAST_FIXED;
}

typedef struct {
    uint32_t id;
    float reward;
} el_reward;

static inline bool el_read_reward(el_reward *m, const uint8_t *p, uint16_t n) {
    if (n != EL_REWARD_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->reward = el_get_f32(p + 4);
    return true;
}

static inline uint16_t el_write_reward(uint8_t *to, const el_reward *m) {
    el_put_u32(to, m->id);
    el_put_f32(to + 4, m->reward);
    return EL_REWARD_FIXED;
}

typedef struct {
    uint32_t id;
    uint32_t offset;
    uint16_t size;
} el_read_state_message;

static inline bool el_read_read_state(el_read_state_message *m, const uint8_t *p, uint16_t n) {
    if (n != EL_READ_STATE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->offset = el_get_u32(p + 4);
    m->size = el_get_u16(p + 8);
    return true;
}

static inline uint16_t el_write_read_state(uint8_t *to, const el_read_state_message *m) {
    el_put_u32(to, m->id);
    el_put_u32(to + 4, m->offset);
    el_put_u16(to + 8, m->size);
    return EL_READ_STATE_FIXED;
}

typedef struct {
    uint32_t id;
    uint32_t offset;
    uint32_t total;
    uint32_t applied;
    const uint8_t *data;
    uint16_t data_size;
} el_state;

static inline bool el_read_state(el_state *m, const uint8_t *p, uint16_t n) {
    if (n < EL_STATE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->offset = el_get_u32(p + 4);
    m->total = el_get_u32(p + 8);
    m->applied = el_get_u32(p + 12);
    m->data = p + 16;
    m->data_size = (uint16_t)(n - 16);
    return true;
}

static inline uint16_t el_write_state(uint8_t *to, const el_state *m) {
    el_put_u32(to, m->id);
    el_put_u32(to + 4, m->offset);
    el_put_u32(to + 8, m->total);
    el_put_u32(to + 12, m->applied);
    return EL_STATE_FIXED;
}

typedef struct {
    uint32_t id;
    uint32_t offset;
    const uint8_t *data;
    uint16_t data_size;
} el_write_state_message;

static inline bool el_read_write_state(el_write_state_message *m, const uint8_t *p, uint16_t n) {
    if (n < EL_WRITE_STATE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->offset = el_get_u32(p + 4);
    m->data = p + 8;
    m->data_size = (uint16_t)(n - 8);
    return true;
}

static inline uint16_t el_write_write_state(uint8_t *to, const el_write_state_message *m) {
    el_put_u32(to, m->id);
    el_put_u32(to + 4, m->offset);
    return EL_WRITE_STATE_FIXED;
}

typedef struct {
    uint32_t id;
    uint32_t total;
    uint32_t crc;
    uint32_t layout;
} el_commit_state;

static inline bool el_read_commit_state(el_commit_state *m, const uint8_t *p, uint16_t n) {
    if (n != EL_COMMIT_STATE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->total = el_get_u32(p + 4);
    m->crc = el_get_u32(p + 8);
    m->layout = el_get_u32(p + 12);
    return true;
}

static inline uint16_t el_write_commit_state(uint8_t *to, const el_commit_state *m) {
    el_put_u32(to, m->id);
    el_put_u32(to + 4, m->total);
    el_put_u32(to + 8, m->crc);
    el_put_u32(to + 12, m->layout);
    return EL_COMMIT_STATE_FIXED;
}

typedef struct {
    uint32_t id;
} el_save;

static inline bool el_read_save(el_save *m, const uint8_t *p, uint16_t n) {
    if (n != EL_SAVE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    return true;
}

static inline uint16_t el_write_save(uint8_t *to, const el_save *m) {
    el_put_u32(to, m->id);
    return EL_SAVE_FIXED;
}

typedef struct {
    uint32_t id;
    uint8_t what;
} el_reset;

static inline bool el_read_reset(el_reset *m, const uint8_t *p, uint16_t n) {
    if (n != EL_RESET_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->what = p[4];
    return true;
}

static inline uint16_t el_write_reset(uint8_t *to, const el_reset *m) {
    el_put_u32(to, m->id);
    to[4] = m->what;
    return EL_RESET_FIXED;
}

typedef struct {
    uint32_t id;
} el_statistics;

static inline bool el_read_statistics(el_statistics *m, const uint8_t *p, uint16_t n) {
    if (n != EL_STATISTICS_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    return true;
}

static inline uint16_t el_write_statistics(uint8_t *to, const el_statistics *m) {
    el_put_u32(to, m->id);
    return EL_STATISTICS_FIXED;
}

typedef struct {
    uint32_t id;
    uint32_t frames_sent;
    uint32_t frames_received;
    uint32_t resent;
    uint32_t duplicates;
    uint32_t bad_frames;
    uint32_t oversize;
    uint32_t bad_tag;
    uint32_t unexpected;
    uint32_t refused_hello;
    uint32_t malformed;
    uint32_t commands;
    uint32_t windows_made;
    uint32_t windows_dropped;
    uint32_t learned;
    uint32_t saves;
} el_counters;

static inline bool el_read_counters(el_counters *m, const uint8_t *p, uint16_t n) {
    if (n != EL_COUNTERS_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->frames_sent = el_get_u32(p + 4);
    m->frames_received = el_get_u32(p + 8);
    m->resent = el_get_u32(p + 12);
    m->duplicates = el_get_u32(p + 16);
    m->bad_frames = el_get_u32(p + 20);
    m->oversize = el_get_u32(p + 24);
    m->bad_tag = el_get_u32(p + 28);
    m->unexpected = el_get_u32(p + 32);
    m->refused_hello = el_get_u32(p + 36);
    m->malformed = el_get_u32(p + 40);
    m->commands = el_get_u32(p + 44);
    m->windows_made = el_get_u32(p + 48);
    m->windows_dropped = el_get_u32(p + 52);
    m->learned = el_get_u32(p + 56);
    m->saves = el_get_u32(p + 60);
    return true;
}

static inline uint16_t el_write_counters(uint8_t *to, const el_counters *m) {
    el_put_u32(to, m->id);
    el_put_u32(to + 4, m->frames_sent);
    el_put_u32(to + 8, m->frames_received);
    el_put_u32(to + 12, m->resent);
    el_put_u32(to + 16, m->duplicates);
    el_put_u32(to + 20, m->bad_frames);
    el_put_u32(to + 24, m->oversize);
    el_put_u32(to + 28, m->bad_tag);
    el_put_u32(to + 32, m->unexpected);
    el_put_u32(to + 36, m->refused_hello);
    el_put_u32(to + 40, m->malformed);
    el_put_u32(to + 44, m->commands);
    el_put_u32(to + 48, m->windows_made);
    el_put_u32(to + 52, m->windows_dropped);
    el_put_u32(to + 56, m->learned);
    el_put_u32(to + 60, m->saves);
    return EL_COUNTERS_FIXED;
}

typedef struct {
    uint32_t id;
    uint8_t code;
    uint32_t detail;
} el_done;

static inline bool el_read_done(el_done *m, const uint8_t *p, uint16_t n) {
    if (n != EL_DONE_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->code = p[4];
    m->detail = el_get_u32(p + 5);
    return true;
}

static inline uint16_t el_write_done(uint8_t *to, const el_done *m) {
    el_put_u32(to, m->id);
    to[4] = m->code;
    el_put_u32(to + 5, m->detail);
    return EL_DONE_FIXED;
}

typedef struct {
    uint32_t id;
    int16_t label;
    const uint8_t *scores;
    uint16_t scores_size;
} el_prediction;

static inline bool el_read_prediction(el_prediction *m, const uint8_t *p, uint16_t n) {
    if (n < EL_PREDICTION_FIXED) {
        return false;
    }
    m->id = el_get_u32(p);
    m->label = el_get_i16(p + 4);
    m->scores = p + 6;
    m->scores_size = (uint16_t)(n - 6);
    return true;
}

static inline uint16_t el_write_prediction(uint8_t *to, const el_prediction *m) {
    el_put_u32(to, m->id);
    el_put_u16(to + 4, (uint16_t)m->label);
    return EL_PREDICTION_FIXED;
}

#endif
