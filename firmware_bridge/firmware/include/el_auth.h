/* BLAKE2s, keyed (RFC 7693): proofs and tags of authenticated sessions (SPEC.md, 6). */
#ifndef EL_AUTH_H
#define EL_AUTH_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t h[8];
    uint64_t count; /* bytes hashed */
    uint8_t block[64];
    uint8_t held; /* bytes in block */
    uint8_t out_n;
} el_blake2s;

/* out_n: 1 to 32 bytes wanted; key_n: 0 to 32 bytes of key. */
void el_blake2s_init(el_blake2s *s, size_t out_n, const uint8_t *key, size_t key_n);
void el_blake2s_add(el_blake2s *s, const uint8_t *bytes, size_t n);
void el_blake2s_end(el_blake2s *s, uint8_t *out);

#endif
