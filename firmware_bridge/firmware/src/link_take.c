/* The receiving half of the reliable channel (SPEC.md, 4): each message once, in order. What is ahead of its turn, or
 * put off by the user, is kept while there is room, else forgotten: the other end will send it again. */
#include "link_internal.h"

void el_take_restart(el_link *l) {
    l->rx_next = l->rx_cost = l->rx_told = 0;
    l->kept_size = 0;
}

/* Where a frame is kept; kept_size: nowhere. */
static uint32_t find(const el_link *l, uint32_t seq) {
    uint32_t at = 0;
    while (at < l->kept_size && el_get_u16(l->kept + at) != (uint16_t)seq) {
        at += (uint32_t)EL_KEPT_HEAD + el_get_u16(l->kept + at + 2);
    }
    return at;
}

static void keep(el_link *l, uint32_t seq, uint8_t type, const uint8_t *payload, uint16_t n) {
    uint8_t *to = l->kept + l->kept_size;
    if (l->kept_size + EL_KEPT_HEAD + n > EL_KEPT_BYTES) {
        return;
    }
    el_put_u16(to, (uint16_t)seq);
    el_put_u16(to + 2, n);
    to[4] = type;
    memcpy(to + EL_KEPT_HEAD, payload, n);
    l->kept_size += (uint32_t)EL_KEPT_HEAD + n;
}

static bool deliver(el_link *l, uint8_t type, const uint8_t *payload, uint16_t n) {
    if (type < EL_CONFIGURE) {
        l->counters.malformed++;
    } else if (!l->user.deliver(l->user.user, type, payload, n)) {
        return false;
    }
    l->rx_next++;
    l->rx_cost += (uint32_t)n + EL_FRAME_COST;
    return true;
}

static void deliver_kept(el_link *l) {
    uint32_t at;
    while ((at = find(l, l->rx_next)) < l->kept_size) {
        const uint16_t n = el_get_u16(l->kept + at + 2);
        const uint32_t behind = at + EL_KEPT_HEAD + n;
        if (!deliver(l, l->kept[at + 4], l->kept + at + EL_KEPT_HEAD, n)) {
            return;
        }
        memmove(l->kept + at, l->kept + behind, l->kept_size - behind);
        l->kept_size -= behind - at;
        l->ack_due = true;
    }
}

void el_take(el_link *l, uint32_t seq, uint8_t type, const uint8_t *payload, uint16_t n) {
    const int32_t ahead = (int32_t)(seq - l->rx_next);
    l->ack_due = true;
    if (ahead < 0 || find(l, seq) < l->kept_size) {
        l->counters.duplicates++;
    } else if (ahead == 0 && deliver(l, type, payload, n)) {
        deliver_kept(l);
    } else if (ahead <= EL_WINDOW_MAX) {
        keep(l, seq, type, payload, n);
    }
}

void el_link_poke(el_link *l, uint32_t now_us) {
    l->now_high += now_us < l->now_us;
    l->now_us = now_us;
    if (l->open) {
        deliver_kept(l);
    }
}

bool el_take_must_tell(const el_link *l) {
    return l->kept_size || l->rx_cost - l->rx_told >= EL_RX_BUFFER / 4;
}

void el_take_put_ack(el_link *l) {
    el_ack m = {0, l->rx_cost + EL_RX_BUFFER};
    uint8_t payload[EL_ACK_FIXED];
    for (uint32_t at = 0; at < l->kept_size; at += (uint32_t)EL_KEPT_HEAD + el_get_u16(l->kept + at + 2)) {
        const uint16_t ahead = (uint16_t)(el_get_u16(l->kept + at) - l->rx_next);
        m.sack |= ahead ? (uint32_t)1 << (ahead - 1) : 0; /* what was put off is `ack` itself: not told */
    }
    el_write_ack(payload, &m);
    l->rx_told = l->rx_cost;
    l->ack_due = false;
    el_link_put(l, EL_KIND_ACK, EL_ACK, 0, payload, EL_ACK_FIXED);
}
