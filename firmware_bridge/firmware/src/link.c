/* One end of the link: bytes in, bytes out; which frame is next. The other parts: link_session.c, link_send.c,
 * link_take.c, link_stream.c. SPEC.md is the law. */
#include "link_internal.h"

#define TYPE 1 /* places in the header */
#define SEQ 2
#define ACK 4

static void at(el_link *l, uint32_t now_us) {
    l->now_high += now_us < l->now_us;
    l->now_us = now_us;
}

static uint16_t tag_bytes(const el_link *l) {
#if EL_AUTH
    return l->has_key ? EL_TAG_BYTES : 0;
#else
    (void)l;
    return 0;
#endif
}

void el_link_init(el_link *l, const el_link_user *user, uint8_t role, uint32_t boot, const uint8_t *key,
                  uint32_t now_us) {
    memset(l, 0, sizeof *l);
    l->user = *user;
    l->role = role;
    l->boot = boot;
    l->now_us = now_us;
#if EL_AUTH
    l->has_key = key != NULL;
    if (key) {
        memcpy(l->key, key, EL_KEY_BYTES);
    }
#else
    (void)key;
#endif
    el_session_start(l);
}

void el_link_connected(el_link *l, uint32_t now_us) {
    at(l, now_us);
    el_decoder_init(&l->decoder);
    l->wire_at = l->wire_size = 0; /* what is left of a frame would be one more broken frame */
    el_session_close(l);
}

bool el_link_open(const el_link *l) {
    return l->open;
}

uint16_t el_link_mtu(const el_link *l) {
    return l->mtu;
}

/* A frame of the session, its check found right. n: bytes of its payload. */
static void session_frame(el_link *l, const uint8_t *raw, uint16_t n) {
    const uint8_t *payload = raw + EL_HEADER, kind = raw[0], type = raw[TYPE];
    const uint16_t low = el_get_u16(raw + SEQ), ack = el_get_u16(raw + ACK);
    const uint32_t seq = kind == EL_KIND_DATA ? el_nearest(l->rx_next, low) : 0;
#if EL_AUTH
    if (l->has_key) {
        const uint32_t whole = el_nearest(l->tx_base, ack);
        uint8_t tag[EL_TAG_BYTES], wrong = 0;
        el_session_tag(l, tag, !l->role, seq, whole, raw, payload, n);
        for (unsigned i = 0; i < EL_TAG_BYTES; i++) {
            wrong |= tag[i] ^ payload[n + i];
        }
        if (wrong) {
            l->counters.bad_tag++;
            return;
        }
    }
#endif
    l->counters.frames_received++;
    if (!l->open || kind < EL_KIND_DATA || kind > EL_KIND_NOTE) {
        l->counters.unexpected++;
        return;
    }
    l->heard_us = l->now_us;
    l->sure = true;
    if (kind == EL_KIND_ACK) {
        el_ack m;
        if (type != EL_ACK || !el_read_ack(&m, payload, n)) {
            l->counters.malformed++;
            return;
        }
        el_send_acknowledged(l, ack, m.sack, &m.limit);
        return;
    }
    el_send_acknowledged(l, ack, 0, NULL);
    if (kind == EL_KIND_DATA) {
        el_take(l, seq, type, payload, n);
    } else {
        el_stream_take(l, kind, type, payload, n);
    }
}

static void frame(el_link *l) {
    uint8_t *raw = l->decoder.raw;
    const uint16_t size = l->decoder.size, tags = tag_bytes(l);
    if (size < EL_HEADER + EL_CHECK) {
        l->counters.bad_frames++;
        return;
    }
    const uint16_t n = (uint16_t)(size - EL_HEADER - EL_CHECK);
    const uint32_t check = el_crc32(0, raw, (size_t)size - EL_CHECK) ^ el_get_u32(raw + size - EL_CHECK);
    if (check == 0 && raw[0] == EL_KIND_HELLO) {
        l->counters.frames_received++;
        el_session_hello(l, raw + EL_HEADER, n);
    } else if (check == 0 || check != l->session.number || n < tags) {
        l->counters.bad_frames++;
    } else if (n - tags > EL_MTU) {
        l->counters.oversize++;
    } else {
        session_frame(l, raw, (uint16_t)(n - tags));
    }
}

void el_link_receive(el_link *l, const uint8_t *bytes, size_t n, uint32_t now_us) {
    at(l, now_us);
    while (n--) {
        switch (el_decode(&l->decoder, *bytes++)) {
        case EL_FRAME:
            frame(l);
            break;
        case EL_BROKEN:
            l->counters.bad_frames++;
            break;
        case EL_OVERSIZE:
            l->counters.oversize++;
            break;
        case EL_MORE:
            break;
        }
    }
}

void el_link_put(el_link *l, uint8_t kind, uint8_t type, uint32_t seq, const uint8_t *payload, uint16_t n) {
    const bool hello = kind == EL_KIND_HELLO;
    const uint32_t ack = hello ? 0 : l->rx_next;
    uint8_t header[EL_HEADER] = {kind, type}, tail[EL_TAG + EL_CHECK];
    const uint16_t tags = hello ? 0 : tag_bytes(l);
    el_put_u16(header + SEQ, (uint16_t)seq);
    el_put_u16(header + ACK, (uint16_t)ack);
#if EL_AUTH
    if (tags) {
        el_session_tag(l, tail, l->role, seq, ack, header, payload, n);
    }
#endif
    uint32_t check = el_crc32(el_crc32(el_crc32(0, header, EL_HEADER), payload, n), tail, tags);
    check ^= hello ? 0 : l->session.number;
    el_put_u32(tail + tags, check);
    const uint16_t before = hello && !l->open; /* a delimiter: what is left on the line shall not spoil this one */
    l->wire[0] = 0;
    l->wire_size =
        (uint16_t)(before + el_encode(l->wire + before, header, payload, n, tail, (size_t)tags + EL_CHECK));
    l->wire_at = 0;
    l->wire_data = false;
    l->sent_us = l->now_us;
    l->counters.frames_sent++;
}

/* Puts the next frame into wire[]; false: there is none. */
static bool next_frame(el_link *l) {
    if (el_session_put_hello(l)) {
        return true;
    }
    if (!l->open) {
        return false;
    }
    if (l->ack_due && (el_take_must_tell(l) || !el_send_ready(l))) {
        el_take_put_ack(l);
        return true;
    }
    if (el_stream_put_reply(l) || el_send_put(l) || el_stream_put(l)) {
        return true;
    }
    if (el_passed(l, l->sent_us, EL_KEEPALIVE_US)) {
        el_take_put_ack(l);
        return true;
    }
    return false;
}

size_t el_link_transmit(el_link *l, uint8_t *to, size_t room, uint32_t now_us) {
    size_t written = 0;
    at(l, now_us);
    if (l->open && el_passed(l, l->heard_us, EL_DEAD_AFTER_US)) {
        el_session_close(l);
    }
    while (written < room && (l->wire_at < l->wire_size || next_frame(l))) {
        const size_t left = (size_t)l->wire_size - l->wire_at, n = left < room - written ? left : room - written;
        memcpy(to + written, l->wire + l->wire_at, n);
        written += n;
        l->wire_at = (uint16_t)(l->wire_at + n);
        if (n == left && l->wire_data) {
            el_send_left(l);
            l->wire_data = false;
        }
    }
    return written;
}
