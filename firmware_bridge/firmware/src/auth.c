/* BLAKE2s after RFC 7693, sections 2 and 3: small before fast. Empty without EL_AUTH. */
#include "el_config.h"

typedef int el_auth_is_compiled_only_with_el_auth; /* a file of C may not be empty */

#if EL_AUTH
#include <stdbool.h>
#include <string.h>

#include "el_auth.h"

static const uint32_t START[8] = { /* fractions of the square roots of the first eight primes */
    0x6A09E667U, 0xBB67AE85U, 0x3C6EF372U, 0xA54FF53AU, 0x510E527FU, 0x9B05688CU, 0x1F83D9ABU, 0x5BE0CD19U,
};
static const uint8_t ORDER[10][16] = { /* which word of the block is mixed in where, round by round */
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint32_t turned(uint32_t x, unsigned right) {
    return (x >> right) | (x << (32 - right));
}

static uint32_t word(const uint8_t *p) {
    return (uint32_t)p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) | ((uint32_t)p[3] << 24);
}

/* Mixes words x and y into the four of v that `g` names: columns 0 to 3, then diagonals. */
static void mix(uint32_t v[16], unsigned g, uint32_t x, uint32_t y) {
    const unsigned turn = g / 4, i = g % 4;
    uint32_t *a = &v[i], *b = &v[4 + (i + turn) % 4], *c = &v[8 + (i + 2 * turn) % 4], *d = &v[12 + (i + 3 * turn) % 4];
    *a += *b + x;
    *d = turned(*d ^ *a, 16);
    *c += *d;
    *b = turned(*b ^ *c, 12);
    *a += *b + y;
    *d = turned(*d ^ *a, 8);
    *c += *d;
    *b = turned(*b ^ *c, 7);
}

static void compress(el_blake2s *s, bool last) {
    uint32_t v[16];
    memcpy(v, s->h, sizeof s->h);
    memcpy(v + 8, START, sizeof START);
    v[12] ^= (uint32_t)s->count;
    v[13] ^= (uint32_t)(s->count >> 32);
    v[14] ^= last ? 0xFFFFFFFFU : 0;
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned g = 0; g < 8; g++) {
            mix(v, g, word(s->block + 4 * ORDER[round][2 * g]), word(s->block + 4 * ORDER[round][2 * g + 1]));
        }
    }
    for (unsigned i = 0; i < 8; i++) {
        s->h[i] ^= v[i] ^ v[i + 8];
    }
    s->held = 0;
}

void el_blake2s_init(el_blake2s *s, size_t out_n, const uint8_t *key, size_t key_n) {
    memset(s, 0, sizeof *s);
    memcpy(s->h, START, sizeof START);
    s->h[0] ^= 0x01010000U ^ ((uint32_t)key_n << 8) ^ (uint32_t)out_n;
    s->out_n = (uint8_t)out_n;
    if (key_n) {
        memcpy(s->block, key, key_n);
        s->held = sizeof s->block;
        s->count = sizeof s->block;
    }
}

void el_blake2s_add(el_blake2s *s, const uint8_t *bytes, size_t n) {
    while (n--) {
        if (s->held == sizeof s->block) { /* only now: the last block is another one */
            compress(s, false);
        }
        s->block[s->held++] = *bytes++;
        s->count++;
    }
}

void el_blake2s_end(el_blake2s *s, uint8_t *out) {
    memset(s->block + s->held, 0, sizeof s->block - s->held);
    compress(s, true);
    for (unsigned i = 0; i < s->out_n; i++) {
        out[i] = (uint8_t)(s->h[i / 4] >> (8 * (i % 4)));
    }
}
#endif
