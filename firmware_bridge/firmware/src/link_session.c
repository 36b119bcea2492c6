/* Who is at the other end, and which session is open with it (SPEC.md, 3 and 6).
 *
 * A session is held until another is opened, so that a line that comes back finds it. Nothing but a HELLO that proves
 * to mean the same two boots and nonces opens anything. */
#include "link_internal.h"

#if EL_AUTH
#include "el_auth.h"
#endif

#define NONCE EL_HELLO_AT_NONCE
#define PROOF EL_HELLO_AT_PROOF

/* The part of a session's names that is an end's. */
static uint8_t *boot_of(el_session *s, uint8_t role) {
    return s->names + 4 * role;
}

static uint8_t *nonce_of(el_session *s, uint8_t role) {
    return s->names + 8 + 8 * role;
}

static bool with_key(const el_link *l) {
#if EL_AUTH
    return l->has_key;
#else
    (void)l;
    return false;
#endif
}

/* This end's offer: never used before, since its boot was not. */
static void offer(const el_link *l, uint8_t nonce[EL_NONCE_BYTES]) {
    el_put_u32(nonce, l->boot);
    el_put_u32(nonce + 4, l->offers);
}

static void make(const el_link *l, el_session *s, const uint8_t *mine, uint32_t boot, const uint8_t *theirs) {
    el_put_u32(boot_of(s, l->role), l->boot);
    el_put_u32(boot_of(s, !l->role), boot);
    memcpy(nonce_of(s, l->role), mine, EL_NONCE_BYTES);
    memcpy(nonce_of(s, !l->role), theirs, EL_NONCE_BYTES);
    s->number = el_crc32(0, s->names, sizeof s->names);
    s->number += s->number == 0;
#if EL_AUTH
    el_blake2s hash;
    el_blake2s_init(&hash, EL_KEY_BYTES, l->key, EL_KEY_BYTES);
    el_blake2s_add(&hash, (const uint8_t *)"edgelearn session", 17);
    el_blake2s_add(&hash, s->names, sizeof s->names);
    el_blake2s_end(&hash, s->key);
#endif
}

/* The proof that a HELLO of `role` means this session; its own proof does not count. */
static void prove(const el_link *l, const el_session *s, uint8_t role, const uint8_t *hello, uint8_t proof[8]) {
#if EL_AUTH
    if (l->has_key) {
        static const uint8_t none[8];
        const uint8_t side = role == EL_ROLE_HOST ? 'h' : 'd';
        el_blake2s hash;
        el_blake2s_init(&hash, 8, s->key, EL_KEY_BYTES);
        el_blake2s_add(&hash, &side, 1);
        el_blake2s_add(&hash, hello, PROOF);
        el_blake2s_add(&hash, none, 8);
        el_blake2s_end(&hash, proof);
        return;
    }
#endif
    (void)l, (void)role, (void)hello;
    el_put_u32(proof, s->number);
    el_put_u32(proof + 4, 0);
}

static bool proved(const el_link *l, const el_session *s, const uint8_t *hello) {
    uint8_t proof[8], wrong = 0;
    prove(l, s, !l->role, hello, proof);
    for (unsigned i = 0; i < 8; i++) {
        wrong |= proof[i] ^ hello[PROOF + i];
    }
    return !wrong;
}

#if EL_AUTH
void el_session_tag(const el_link *l, uint8_t tag[EL_TAG_BYTES], uint8_t role, uint32_t seq, uint32_t ack,
                    const uint8_t *header, const uint8_t *payload, uint16_t n) {
    uint8_t begin[9] = {role == EL_ROLE_HOST ? 'H' : 'D'};
    el_blake2s hash;
    el_put_u32(begin + 1, seq);
    el_put_u32(begin + 5, ack);
    el_blake2s_init(&hash, EL_TAG_BYTES, l->session.key, EL_KEY_BYTES);
    el_blake2s_add(&hash, begin, sizeof begin);
    el_blake2s_add(&hash, header, EL_HEADER);
    el_blake2s_add(&hash, payload, n);
    el_blake2s_end(&hash, tag);
}
#endif

void el_session_start(el_link *l) {
#if EL_AUTH
    offer(l, l->said_nonce);
#endif
    el_session_close(l);
}

void el_session_close(el_link *l) {
    l->open = false;
    l->heard_boot = 0;
    l->hello_now = true;
}

/* Whether the session held is with this boot, which is not 0, and nonce. */
static bool held_with(el_link *l, uint32_t boot, const uint8_t *nonce) {
    el_session *s = &l->session;
    return el_get_u32(boot_of(s, !l->role)) == boot &&
           memcmp(nonce_of(s, !l->role), nonce, EL_NONCE_BYTES) == 0;
}

/* HELLO without what depends on the session: peer, nonce, proof, OPEN. */
static void describe(const el_link *l, uint8_t payload[EL_HELLO_FIXED]) {
    el_hello m;
    memset(&m, 0, sizeof m);
    if (l->user.describe) {
        l->user.describe(l->user.user, &m);
    }
    el_write_hello(payload, &m);
    payload[EL_HELLO_AT_PROTO_MIN] = EL_PROTO_MIN;
    payload[EL_HELLO_AT_PROTO_MAX] = EL_PROTO_MAX;
    el_put_u32(payload + EL_HELLO_AT_SCHEMA, EL_SCHEMA);
    payload[EL_HELLO_AT_ROLE] = l->role;
    payload[EL_HELLO_AT_FLAGS] = with_key(l) ? EL_FLAG_AUTH : 0;
    el_put_u32(payload + EL_HELLO_AT_BOOT, l->boot);
    el_put_u32(payload + EL_HELLO_AT_PEER, 0);
    el_put_u16(payload + EL_HELLO_AT_MTU, EL_MTU);
    el_put_u32(payload + EL_HELLO_AT_RX_BUFFER, EL_RX_BUFFER);
    el_put_u32(payload + EL_HELLO_AT_TICK_HZ, EL_TICK_HZ);
    memset(payload + PROOF, 0, 8);
}

bool el_session_put_hello(el_link *l) {
    const bool soon = !l->open || !l->sure || l->hello_soon;
    if (!l->hello_now && !(soon && el_passed(l, l->hello_us, EL_HELLO_EVERY_US))) {
        return false;
    }
    el_session other, *about = NULL; /* the one it speaks of */
    uint8_t payload[EL_HELLO_FIXED], *nonce = payload + NONCE;
    describe(l, payload);
    offer(l, nonce);
    if (l->session.number && (!l->heard_boot || held_with(l, l->heard_boot, l->heard_nonce))) {
        about = &l->session;
        memcpy(nonce, nonce_of(about, l->role), EL_NONCE_BYTES);
        payload[EL_HELLO_AT_FLAGS] = (uint8_t)(payload[EL_HELLO_AT_FLAGS] | (l->open ? EL_FLAG_OPEN : 0));
    } else if (l->heard_boot) {
        about = &other;
        make(l, about, nonce, l->heard_boot, l->heard_nonce);
    }
    if (about) {
        memcpy(payload + EL_HELLO_AT_PEER, boot_of(about, !l->role), 4);
        prove(l, about, l->role, payload, payload + PROOF);
    }
#if EL_AUTH
    memcpy(l->said_nonce, nonce, EL_NONCE_BYTES);
#endif
    el_link_put(l, EL_KIND_HELLO, EL_HELLO, 0, payload, EL_HELLO_FIXED);
    l->hello_us = l->now_us;
    l->hello_now = l->hello_soon = false;
    return true;
}

static void opened(el_link *l, const uint8_t *hello, bool resumed) {
    const uint16_t mtu = el_get_u16(hello + EL_HELLO_AT_MTU);
    const uint32_t buffer = el_get_u32(hello + EL_HELLO_AT_RX_BUFFER);
    const uint32_t most = buffer < EL_FRAME_COST ? 0 : buffer - EL_FRAME_COST;
    l->mtu = mtu < EL_MTU ? mtu : EL_MTU;
    l->mtu = l->mtu < most ? l->mtu : (uint16_t)most;
    l->open = l->ack_due = true; /* something is said at once */
    l->sure = false;
    l->heard_us = l->now_us;
    if (resumed) {
        el_send_resume(l);
    } else {
        el_send_restart(l, buffer);
        el_take_restart(l);
    }
    if (l->user.opened) {
        l->user.opened(l->user.user, resumed);
    }
}

/* Opens the session that a HELLO with our boot as its peer means; false: it means none. */
static bool judge(el_link *l, const uint8_t *hello, uint32_t boot) {
    el_session fresh;
    uint8_t mine[EL_NONCE_BYTES];
    if (held_with(l, boot, hello + NONCE) && proved(l, &l->session, hello)) {
        if (!l->open) {
            opened(l, hello, true);
        }
        return true;
    }
    offer(l, mine);
    make(l, &fresh, mine, boot, hello + NONCE);
    if (proved(l, &fresh, hello)) {
        l->session = fresh;
        l->offers++;
        opened(l, hello, false);
        return true;
    }
#if EL_AUTH
    make(l, &fresh, l->said_nonce, boot, hello + NONCE); /* what answers an older offer is late, not false */
    l->counters.bad_tag += l->has_key && !proved(l, &fresh, hello);
#endif
    return false;
}

static bool understood(const uint8_t *p) {
    return p[0] <= EL_PROTO_MAX && p[1] >= EL_PROTO_MIN && el_get_u32(p + EL_HELLO_AT_SCHEMA) == EL_SCHEMA;
}

static bool fits(const el_link *l, const uint8_t *p) {
    return p[EL_HELLO_AT_ROLE] == !l->role && el_get_u32(p + EL_HELLO_AT_BOOT) != 0 &&
           ((p[EL_HELLO_AT_FLAGS] & EL_FLAG_AUTH) != 0) == with_key(l);
}

void el_session_hello(el_link *l, const uint8_t *hello, uint16_t n) {
    const bool known = n >= EL_HELLO_AT_ROLE && understood(hello); /* these fields never change their place */
    if (known && n != EL_HELLO_FIXED) {
        l->counters.malformed++;
        return;
    }
    if (!known || !fits(l, hello)) {
        l->counters.refused_hello++;
        l->hello_soon = true;
        return;
    }
    const uint32_t boot = el_get_u32(hello + EL_HELLO_AT_BOOT);
    const uint32_t about = el_crc32(el_crc32(0, hello + EL_HELLO_AT_BOOT, 8), hello + NONCE, EL_NONCE_BYTES);
    const bool fitted = el_get_u32(hello + EL_HELLO_AT_PEER) == l->boot && judge(l, hello, boot);
    if (fitted && hello[EL_HELLO_AT_FLAGS] & EL_FLAG_OPEN) { /* both know: no answer */
        l->heard_us = l->now_us;
        l->sure = true;
    } else {
        l->hello_now |= fitted || about != l->hello_before;
        l->hello_soon = true;
    }
    l->hello_before = about;
    /* an open end does not follow a HELLO of its partner that means another session: it is old, or silence will come */
    if (fitted || !l->open || el_get_u32(boot_of(&l->session, !l->role)) != boot) {
        l->heard_boot = boot;
        memcpy(l->heard_nonce, hello + NONCE, EL_NONCE_BYTES);
    }
}
