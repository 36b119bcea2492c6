/* What the parts of the link call of each other. */
#ifndef EL_LINK_INTERNAL_H
#define EL_LINK_INTERNAL_H

#include "el_link.h"

#if EL_MTU < EL_HELLO_FIXED || EL_MTU > 32768 || EL_TX_SLOTS < 1 || EL_TX_SLOTS > EL_WINDOW_MAX || EL_RX_SLOTS < 0
#error "el_config.h: EL_MTU is 72 to 32768, EL_TX_SLOTS 1 to 32, EL_RX_SLOTS 0 or more"
#endif
#if EL_RX_BUFFER < EL_MTU + EL_FRAME_COST
#error "el_config.h: EL_RX_BUFFER takes a frame of EL_MTU bytes at least"
#endif

/* Whether `us` have passed since `then`; for spans below half an hour. */
static inline bool el_passed(const el_link *l, uint32_t then, uint32_t us) {
    return l->now_us - then >= us;
}

/* The number whose lower half is `low` and that is nearest to `own`. */
static inline uint32_t el_nearest(uint32_t own, uint16_t low) {
    const uint32_t ahead = (low - own) & 0xFFFF;
    return own + ahead - (ahead & 0x8000) * 2;
}

/* link.c: makes the frame that goes out next. */
void el_link_put(el_link *l, uint8_t kind, uint8_t type, uint32_t seq, const uint8_t *payload, uint16_t n);

/* link_session.c */
void el_session_start(el_link *l);
void el_session_close(el_link *l);
void el_session_hello(el_link *l, const uint8_t *hello, uint16_t n);
bool el_session_put_hello(el_link *l); /* true: one was due */
#if EL_AUTH
/* The tag of a frame; `role` is who sends it. */
void el_session_tag(const el_link *l, uint8_t tag[EL_TAG_BYTES], uint8_t role, uint32_t seq, uint32_t ack,
                    const uint8_t *header, const uint8_t *payload, uint16_t n);
#endif

/* link_send.c: our messages */
void el_send_restart(el_link *l, uint32_t buffer);
void el_send_resume(el_link *l);
void el_send_acknowledged(el_link *l, uint16_t ack, uint32_t sack, const uint32_t *limit);
bool el_send_ready(el_link *l);
bool el_send_put(el_link *l);    /* true: there was a DATA frame to send */
void el_send_left(el_link *l);   /* the DATA frame is on the line, whole */

/* link_take.c: messages of the other end */
void el_take_restart(el_link *l);
void el_take(el_link *l, uint32_t seq, uint8_t type, const uint8_t *payload, uint16_t n);
bool el_take_must_tell(const el_link *l);
void el_take_put_ack(el_link *l);

/* link_stream.c: what may be lost */
void el_stream_take(el_link *l, uint8_t kind, uint8_t type, const uint8_t *payload, uint16_t n);
bool el_stream_put_reply(el_link *l);
bool el_stream_put(el_link *l);

#endif
