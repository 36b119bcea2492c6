/* One end of the link: sessions, reliable messages, windows (SPEC.md, 3 to 6). No port; time is an argument. */
#ifndef EL_LINK_H
#define EL_LINK_H

#include "el_frame.h"
#include "el_messages.h"

typedef struct el_link el_link;

/* What the link asks of its user. */
typedef struct {
    void *user;
    /* A message arrived: reliable ones in order, each once; those with a number below EL_CONFIGURE may be lost or come
     * twice. false: not now, offer it again (see el_link_poke). The payload is valid until it returns. Of the link's
     * functions only el_link_send and those that just tell something may be called in here. */
    bool (*deliver)(void *user, uint8_t type, const uint8_t *payload, uint16_t size);
    /* Writes the next WINDOW or GAP payload to `to` (el_link_mtu() bytes at most); returns its size, 0 for none. Called
     * when the line is free. */
    uint16_t (*stream)(void *user, uint8_t *type, uint8_t *to);
    /* A session was opened: a new one (everything not acknowledged is gone) or the old one again. May be NULL. */
    void (*opened)(void *user, bool resumed);
    /* Fills in what HELLO tells of the device: applied, layout, rule, number, n_pre, n_post, firmware. */
    void (*describe)(void *user, el_hello *hello);
} el_link_user;

typedef struct {
    uint32_t number;   /* which the checks of its frames carry; 0: no session */
    uint8_t names[24]; /* host boot | device boot | host nonce | device nonce */
#if EL_AUTH
    uint8_t key[EL_KEY_BYTES];
#endif
} el_session;

typedef struct { /* 16 bytes: cheap to index */
    uint8_t state;
    uint8_t type;
    uint16_t size;
    uint32_t cost_end; /* costs of the session up to and with it */
    uint32_t transmission;
    uint32_t sent_us;
} el_tx;

#define EL_KEPT_HEAD 5
#define EL_KEPT_BYTES (EL_RX_SLOTS * (EL_MTU + EL_KEPT_HEAD))

struct el_link {
#include "el_link_private.h"
    el_link_user user;
    el_counters counters; /* of the message of the same name; the user adds its own to the same struct */
};

/* key: EL_AUTH's 32 bytes, or NULL. role: EL_ROLE_DEVICE, or EL_ROLE_HOST (for tests and gateways). */
void el_link_init(el_link *l, const el_link_user *user, uint8_t role, uint32_t boot, const uint8_t *key,
                  uint32_t now_us);

/* The line was (re)opened. */
void el_link_connected(el_link *l, uint32_t now_us);

/* Takes bytes from the line, any number. */
void el_link_receive(el_link *l, const uint8_t *bytes, size_t n, uint32_t now_us);

/* Writes bytes for the line to `to`, at most `room`; returns how many. Call it whenever the line has room, every few
 * milliseconds: timers run here. */
size_t el_link_transmit(el_link *l, uint8_t *to, size_t room, uint32_t now_us);

/* Sends a reliable message: header `head` then `body` in one payload. false: no slot is free, closed, or larger than
 * the MTU. */
bool el_link_send(el_link *l, uint8_t type, const uint8_t *head, uint16_t head_n, const uint8_t *body, uint16_t body_n);

/* Whether a message could be sent now. */
bool el_link_room(const el_link *l);

/* Offers a message that `deliver` put off once more. */
void el_link_poke(el_link *l, uint32_t now_us);

bool el_link_open(const el_link *l);

/* The largest payload the other end takes; EL_MTU at most, 0 before the first session. */
uint16_t el_link_mtu(const el_link *l);

#endif
