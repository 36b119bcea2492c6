/* What a link remembers; part of struct el_link and included nowhere else. Numbers of frames and costs count on modulo
 * 2^32, the wire carries the lower halves of the numbers. Small things first: near ones cost fewer instructions. */

/* the session */
bool open;
bool sure;                  /* the other end was heard to be open too */
bool hello_now, hello_soon; /* a HELLO is due at once; HELLO_EVERY after the last */
bool ack_due, reply_due;
bool streamed;  /* a window was sent since the start */
bool wire_data; /* what goes out is the DATA frame number wire_seq */
uint8_t role;
uint8_t doubled; /* times the timer expired since a frame sent once was acknowledged */
uint16_t mtu;    /* of payloads to the other end */
uint16_t wire_size, wire_at;

uint32_t now_us;
/* messages to the other end: base is the oldest not acknowledged, next the first never sent, end is behind the last */
uint32_t tx_base, tx_next, tx_end;
uint32_t transmissions;
uint32_t tx_cost, tx_limit, tx_buffer; /* spent; what must not be passed; the other end's rx_buffer */
int32_t round_trip_us, deviation_us;   /* round_trip_us 0: not measured yet */
uint32_t progress_us;                  /* of the last acknowledgement */
uint32_t wire_seq;

/* messages from the other end */
uint32_t rx_next;
uint32_t rx_cost, rx_told; /* costs delivered; of which the other end was told */
uint32_t kept_size;

uint32_t boot;
uint32_t heard_boot; /* of the latest HELLO since the line was connected or closed; 0: none */
uint32_t hello_us, heard_us, sent_us;
el_session session;    /* held: open or remembered; number 0: none */
uint32_t offers;       /* drawn: the counter of which this end's nonces are made */
uint32_t hello_before; /* CRC of boot, peer and nonce of the HELLO heard last */
uint8_t heard_nonce[EL_NONCE_BYTES];
uint32_t now_high; /* times the clock wrapped */
uint32_t reply_token;
uint32_t stream_next, stream_us;
#if EL_AUTH
bool has_key;
uint8_t said_nonce[EL_NONCE_BYTES]; /* of the HELLO sent last */
uint8_t key[EL_KEY_BYTES];
#endif

el_tx tx[EL_TX_SLOTS];
el_decoder decoder;
uint8_t wire[EL_WIRE_MAX + 1];   /* the frame that goes out; a delimiter may be before it */
uint8_t kept[EL_KEPT_BYTES + 1]; /* in a row, each as seq u16 | size u16 | type u8 | payload */
uint8_t tx_payload[EL_TX_SLOTS][EL_MTU];
