/* What was learned, on the line and in flash. Rule: no memory holds a second state; one on its way lies in the other slot
 * of flash. */
#include "device_internal.h"

static const el_answer ok = {EL_CODE_OK, 0};
static const el_answer malformed = {EL_CODE_MALFORMED, 0};
static const el_answer already = {EL_CODE_ALREADY, 0};

el_answer el_device_read_state(const uint8_t *p, uint16_t n) {
    el_read_state_message m;
    if (!el_read_read_state(&m, p, n)) {
        return malformed;
    }
    size_t total = el_learner_state_size();
    if (m.offset > total) {
        return el_answer_with(EL_CODE_RANGE, (uint32_t)total);
    }
    const uint16_t mtu = el_link_mtu(&el_own.link);
    size_t size = mtu > EL_STATE_FIXED ? (size_t)(mtu - EL_STATE_FIXED) : 0;
    size = size < m.size ? size : m.size;
    size = size < total - m.offset ? size : total - m.offset;
    el_learner_state_read(m.offset, el_own.part, size);
    el_state state = {.id = m.id, .offset = m.offset, .total = (uint32_t)total, .applied = el_own.applied};
    uint8_t head[EL_STATE_FIXED];
    uint16_t head_n = el_write_state(head, &state);
    return el_device_send(EL_STATE, head, head_n, el_own.part, (uint16_t)size);
}

el_answer el_device_write_state(const uint8_t *p, uint16_t n) {
    el_write_state_message m;
    if (!el_read_write_state(&m, p, n)) {
        return malformed;
    }
    const size_t total = el_learner_state_size();
    if (m.offset > total || m.data_size > total - m.offset) {
        return el_answer_with(EL_CODE_RANGE, (uint32_t)total);
    }
    if (total > el_store_room() || (m.offset == 0 && !el_store_begin(&el_own.store))) {
        return el_answer_of(EL_CODE_FLASH);
    }
    bool follows = el_own.store.writing && m.offset <= el_own.store.filled;
    if (follows && el_store_part(&el_own.store, m.offset, m.data, m.data_size)) {
        return ok;
    }
    bool failed = follows && !el_own.store.writing;
    return failed ? el_answer_of(EL_CODE_FLASH) : el_answer_with(EL_CODE_RANGE, (uint32_t)total);
}

el_answer el_device_commit_state(const uint8_t *p, uint16_t n) {
    el_commit_state m;
    if (!el_read_commit_state(&m, p, n)) {
        return malformed;
    }
    if (el_is_old(m.id)) {
        return already;
    }
    if (m.layout != EL_HEAD_LAYOUT) {
        return el_answer_with(EL_CODE_LAYOUT, EL_HEAD_LAYOUT);
    }
    if (m.total != el_learner_state_size()) {
        return el_answer_with(EL_CODE_RANGE, (uint32_t)el_learner_state_size());
    }
    if (!el_own.store.writing || el_own.store.filled != m.total || el_store_crc(&el_own.store) != m.crc) {
        return el_answer_of(EL_CODE_CHECK);
    }
    if (!el_store_commit(&el_own.store, m.id, EL_HEAD_LAYOUT)) {
        return el_answer_of(EL_CODE_FLASH);
    }
    el_learner_state_write(0, el_store_data(&el_own.store), m.total);
    el_own.applied = m.id;
    el_own.link.counters.saves++;
    return ok;
}

static bool store_all(void) {
    const size_t total = el_learner_state_size();
    bool good = el_store_begin(&el_own.store);
    for (size_t at = 0; good && at < total; at += sizeof el_own.part) {
        size_t n = total - at < sizeof el_own.part ? total - at : sizeof el_own.part;
        el_learner_state_read(at, el_own.part, n);
        good = el_store_part(&el_own.store, at, el_own.part, n);
    }
    return good && el_store_commit(&el_own.store, el_own.applied, EL_HEAD_LAYOUT);
}

el_answer el_device_save(const uint8_t *p, uint16_t n) {
    el_save m;
    if (!el_read_save(&m, p, n)) {
        return malformed;
    }
    if (!store_all()) {
        return el_answer_of(EL_CODE_FLASH);
    }
    el_own.link.counters.saves++;
    return ok;
}

void el_device_restore(void) {
    el_learner_start();
    el_store_open(&el_own.store);
    if (el_own.store.version == 0) {
        return;
    }
    if (el_own.store.layout != EL_HEAD_LAYOUT || el_own.store.size != el_learner_state_size()) {
        el_own.link.counters.malformed++; /* the state of another head */
        return;
    }
    el_learner_state_write(0, el_store_data(&el_own.store), el_own.store.size);
    el_own.applied = el_own.store.applied;
}
