/* The sending half of the reliable channel (SPEC.md, 4): kept until acknowledged, within window and credits; what was
 * overtaken is lost, the rest is for the timer. */
#include "link_internal.h"

enum { QUEUED, ONCE, AGAIN, LOST, ARRIVED }; /* ONCE, AGAIN: on the line, for the first time or not */

static el_tx *slot(el_link *l, uint32_t seq) {
    return &l->tx[seq % EL_TX_SLOTS];
}

static uint8_t *payload_of(el_link *l, uint32_t seq) {
    return l->tx_payload[seq % EL_TX_SLOTS];
}

void el_send_restart(el_link *l, uint32_t buffer) {
    l->tx_base = l->tx_next = l->tx_end = 0;
    l->tx_cost = 0;
    l->tx_limit = l->tx_buffer = buffer;
    l->round_trip_us = l->deviation_us = 0;
    l->doubled = 0;
    l->wire_data = false;
}

static bool on_line(const el_tx *m) {
    return m->state == ONCE || m->state == AGAIN;
}

/* What is on the line since before a transmission that arrived is lost. */
static void lose_before(el_link *l, uint32_t transmission) {
    for (uint32_t seq = l->tx_base; seq != l->tx_next; seq++) {
        el_tx *m = slot(l, seq);
        if (on_line(m) && (int32_t)(m->transmission - transmission) < 0) {
            m->state = LOST;
        }
    }
}

void el_send_resume(el_link *l) {
    lose_before(l, l->transmissions + 1);
    l->doubled = 0;
}

bool el_link_room(const el_link *l) {
    return l->open && l->tx_end - l->tx_base < EL_TX_SLOTS;
}

bool el_link_send(el_link *l, uint8_t type, const uint8_t *head, uint16_t head_n, const uint8_t *body,
                  uint16_t body_n) {
    const uint32_t n = (uint32_t)head_n + body_n;
    if (!el_link_room(l) || n > l->mtu) {
        return false;
    }
    el_tx *m = slot(l, l->tx_end);
    uint8_t *to = payload_of(l, l->tx_end++);
    m->size = (uint16_t)n;
    m->type = type;
    m->state = QUEUED;
    if (head_n) { /* NULL is no address to copy from, not even nothing */
        memcpy(to, head, head_n);
    }
    if (body_n) {
        memcpy(to + head_n, body, body_n);
    }
    return true;
}

static void measured(el_link *l, uint32_t took_us) {
    const int32_t took = (int32_t)(took_us < EL_RTO_MAX_US ? took_us : EL_RTO_MAX_US);
    if (!l->round_trip_us) {
        l->round_trip_us = took | 1; /* and never 0 again: less than 8 is not made less */
        l->deviation_us = took / 2;
    } else {
        const int32_t error = took - l->round_trip_us;
        l->deviation_us += ((error < 0 ? -error : error) - l->deviation_us) / 4;
        l->round_trip_us += error / 8;
    }
}

static uint32_t timeout_us(const el_link *l) {
    const uint32_t spread = 4 * (uint32_t)l->deviation_us, more = spread > EL_RTO_MIN_US ? spread : EL_RTO_MIN_US;
    const uint32_t wait = l->round_trip_us ? (uint32_t)l->round_trip_us + more : EL_RTO_FIRST_US;
    const uint32_t doubled = wait << l->doubled;
    return doubled < EL_RTO_MAX_US ? doubled : EL_RTO_MAX_US;
}

/* Older limits change nothing, nor do those that no receiver of what was sent can give. */
static void raise_limit(el_link *l, uint32_t limit) {
    if (limit - l->tx_limit <= l->tx_cost + l->tx_buffer - l->tx_limit) {
        l->tx_limit = limit;
    }
}

/* Whether `ack` and `sack` say that a frame is there. */
static bool told(uint32_t seq, uint32_t ack, uint32_t sack) {
    const uint32_t ahead = seq - ack - 1; /* its bit; wraps for `ack` itself and those below */
    return (int32_t)(seq - ack) < 0 || (ahead < 32 && (sack >> ahead & 1));
}

void el_send_acknowledged(el_link *l, uint16_t low, uint32_t sack, const uint32_t *limit) {
    const uint32_t ack = el_nearest(l->tx_base, low);
    if (ack - l->tx_base > l->tx_next - l->tx_base) { /* older than what is known, or never sent */
        l->counters.unexpected += (int32_t)(ack - l->tx_base) > 0;
        return;
    }
    const el_tx *latest = NULL; /* of those sent once: of others it is not known which transmission arrived */
    for (uint32_t seq = l->tx_base; seq != l->tx_next; seq++) {
        el_tx *m = slot(l, seq);
        if (m->state != ARRIVED && told(seq, ack, sack)) {
            l->progress_us = l->now_us;
            if (m->state == ONCE && (!latest || (int32_t)(m->transmission - latest->transmission) > 0)) {
                latest = m;
            }
            m->state = ARRIVED;
        }
    }
    if (ack != l->tx_base) {
        raise_limit(l, slot(l, ack - 1)->cost_end + l->tx_buffer);
        l->tx_base = ack;
    }
    if (limit) {
        raise_limit(l, *limit);
    }
    if (latest) {
        lose_before(l, latest->transmission);
        l->doubled = 0;
        measured(l, l->now_us - latest->sent_us);
    }
}

/* Sends the oldest frame again if it has waited too long; all of them if that happens time after time. */
static void expire(el_link *l) {
    el_tx *m = slot(l, l->tx_base);
    const uint32_t wait = timeout_us(l);
    if (l->tx_base != l->tx_next && on_line(m) && el_passed(l, m->sent_us, wait) &&
        el_passed(l, l->progress_us, wait)) {
        m->state = LOST;
        if (l->doubled) {
            lose_before(l, l->transmissions + 1);
        }
        l->doubled = (uint8_t)(l->doubled + (l->doubled < EL_RTO_DOUBLINGS));
    }
}

/* The number of the frame to transmit; tx_end: none. */
static uint32_t chosen(el_link *l) {
    uint32_t seq = l->tx_base;
    while (seq != l->tx_next && slot(l, seq)->state != LOST) {
        seq++;
    }
    if (seq == l->tx_next && seq != l->tx_end &&
        l->tx_limit - l->tx_cost < (uint32_t)slot(l, seq)->size + EL_FRAME_COST) {
        return l->tx_end;
    }
    return seq;
}

bool el_send_ready(el_link *l) {
    return chosen(l) != l->tx_end;
}

bool el_send_put(el_link *l) {
    expire(l);
    const uint32_t seq = chosen(l);
    if (seq == l->tx_end) {
        return false;
    }
    el_tx *m = slot(l, seq);
    if (seq == l->tx_next) {
        l->tx_next++;
        l->tx_cost += (uint32_t)m->size + EL_FRAME_COST;
        m->cost_end = l->tx_cost;
        m->state = ONCE;
    } else {
        m->state = AGAIN;
        l->counters.resent++;
    }
    m->transmission = ++l->transmissions;
    l->wire_seq = seq;
    l->ack_due = false; /* the frame says it */
    el_link_put(l, EL_KIND_DATA, m->type, seq, payload_of(l, seq), m->size);
    l->wire_data = true;
    el_send_left(l);
    return true;
}

void el_send_left(el_link *l) {
    /* the time the line took is not the other end's; a frame acknowledged meanwhile may have lost its slot */
    if (l->wire_seq - l->tx_base < l->tx_next - l->tx_base) {
        slot(l, l->wire_seq)->sent_us = l->now_us;
    }
}
