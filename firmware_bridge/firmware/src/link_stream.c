/* What may be lost: windows, gaps, and the answers to TIME_REQUEST (SPEC.md, 5). */
#include "link_internal.h"

void el_stream_take(el_link *l, uint8_t kind, uint8_t type, const uint8_t *payload, uint16_t n) {
    const uint8_t first = kind == EL_KIND_NOTE ? EL_TIME_REQUEST : EL_WINDOW; /* and the next number: TIME_REPLY, GAP */
    if ((uint8_t)(type - first) > 1 || (type == EL_TIME_REQUEST && n != EL_TIME_REQUEST_FIXED)) {
        l->counters.malformed++;
    } else if (type == EL_TIME_REQUEST) {
        l->reply_due = true;
        l->reply_token = el_get_u32(payload);
    } else {
        (void)l->user.deliver(l->user.user, type, payload, n);
    }
}

bool el_stream_put_reply(el_link *l) {
    const el_time_reply m = {l->reply_token, (uint64_t)l->now_high << 32 | l->now_us};
    uint8_t payload[EL_TIME_REPLY_FIXED];
    if (!l->reply_due) {
        return false;
    }
    l->reply_due = false;
    el_write_time_reply(payload, &m);
    el_link_put(l, EL_KIND_NOTE, EL_TIME_REPLY, 0, payload, EL_TIME_REPLY_FIXED);
    return true;
}

bool el_stream_put(el_link *l) {
    uint8_t *payload = l->wire + EL_WIRE_MAX - EL_MTU; /* encoded where it lies */
    uint8_t type = EL_GAP;
    uint16_t n = l->user.stream ? l->user.stream(l->user.user, &type, payload) : 0;
    if (n < EL_GAP_FIXED || n > l->mtu) {
        if (!l->streamed || !el_passed(l, l->stream_us, EL_KEEPALIVE_US)) {
            return false;
        }
        type = EL_GAP; /* the last window may be the one that was lost */
        n = EL_GAP_FIXED;
        el_put_u32(payload, l->stream_next);
    }
    l->stream_next = el_get_u32(payload) + (type == EL_WINDOW); /* both begin with the index, or what is next */
    l->streamed = true;
    l->stream_us = l->now_us;
    el_link_put(l, EL_KIND_STREAM, type, 0, payload, n);
    return true;
}
