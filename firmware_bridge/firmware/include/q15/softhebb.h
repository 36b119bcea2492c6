/* SoftHebb. Twin of edgelearn/fixed/softhebb.py, in whose words the steps are. */
#ifndef EL_Q15_SOFTHEBB_H
#define EL_Q15_SOFTHEBB_H

#include "q15/functions.h"

enum { EL_Q_HEBB_ETA, EL_Q_HEBB_T, EL_Q_HEBB_BITS };

typedef struct {
    uint32_t *norm; /* (n_post,) scratch: norms, then rates */
    int16_t *a, *c; /* (n_post,) factors of the input and of the weight */
    int32_t t;
} el_q_move;

EL_Q void el_q_norms(const int16_t *w, uint32_t *norm, size_t n_pre, size_t n_post) {
    for (size_t j = 0; j < n_post; j++) {
        const int16_t *column = w + j;
        uint64_t square = 0;
        for (size_t i = 0; i < n_pre; i++, column += n_post) {
            square += (uint32_t)((int32_t)*column * *column);
        }
        norm[j] = el_q_root(square > UINT32_MAX ? UINT32_MAX : (uint32_t)square);
    }
}

/* max|x| + |u| ‖w‖ in 12 bits. */
EL_Q uint32_t el_q_reach(const int32_t *p, uint32_t top, int32_t u, uint32_t norm) {
    const uint32_t reach = (top >> 3) + ((el_q_size(u) * norm) >> p[EL_Q_HEBB_BITS]); /* 2**15 by below 2**16 */
    return reach > 65535U ? 65535U : reach;
}

/* The root of a norm's distance from 1 in 15 bits. */
EL_Q uint32_t el_q_rate(const int32_t *p, uint32_t norm) {
    const int32_t bits = p[EL_Q_HEBB_BITS];
    const uint32_t one = 1U << bits, most = (4U << bits) - 1U;
    const uint32_t away = norm > one ? norm - one : one - norm;
    return el_q_root((away > most ? most : away) << (30 - bits));
}

EL_Q int16_t el_q_signed(uint32_t v, bool below) {
    return (int16_t)(below ? -(int32_t)v : (int32_t)v);
}

/* Fills in a, c and t from the norms; false: nothing moves. */
EL_Q bool el_q_factors(const int32_t *p, el_q_move *m, uint32_t top, const int16_t *u, const int16_t *third,
                       size_t n_post) {
    uint32_t bound = 0, largest = 0, drive = 0;
    for (size_t j = 0; j < n_post; j++) {
        const uint32_t one = el_q_size(third[j]) * el_q_reach(p, top, u[j], m->norm[j]);
        bound = one > bound ? one : bound;
        drive = el_q_size(u[j]) > drive ? el_q_size(u[j]) : drive;
    }
    if (bound == 0) {
        return false;
    }
    const el_q_divisor by = el_q_divide_by(bound);
    for (size_t j = 0; j < n_post; j++) { /* below 2**16 by at most 2**15; then at most 2**15 by 2**16 */
        m->norm[j] = ((el_q_rate(p, m->norm[j]) * el_q_size(third[j])) >> 16) * by.reciprocal;
        largest = m->norm[j] > largest ? m->norm[j] : largest;
    }
    const int32_t size = el_q_bits(largest), over = el_q_bits(drive) + 3 - p[EL_Q_HEBB_BITS];
    const int32_t room = over > 0 ? over : 0;
    const int32_t t = 32 + by.shift + p[EL_Q_HEBB_T] - size - room - p[EL_Q_HEBB_BITS];
    const int32_t less = 1 + room + (t > 30 ? t - 30 : 0);
    if (largest == 0 || less > 15) {
        return false;
    }
    m->t = el_q_held(t, 1, 30);
    for (size_t j = 0; j < n_post; j++) {
        const uint32_t upper = size >= 15 ? m->norm[j] >> (size - 15) : m->norm[j] << (15 - size);
        const uint32_t a = ((upper * (uint32_t)p[EL_Q_HEBB_ETA]) >> 15) >> less;
        const uint32_t c = ((a * el_q_size(u[j])) << 3) >> p[EL_Q_HEBB_BITS]; /* at most 2**28 before, by `room` */
        m->a[j] = el_q_signed(a, third[j] < 0);
        m->c[j] = el_q_signed(c, (third[j] < 0) != (u[j] < 0));
    }
    return true;
}

EL_Q void el_q_softhebb(const int32_t *p, el_q_move m, int16_t *w, const int16_t *x, const int16_t *u,
                        const int16_t *third, uint32_t *dither, size_t n_pre, size_t n_post) {
    uint32_t top = 0;
    for (size_t i = 0; i < n_pre; i++) {
        top = el_q_size(x[i]) > top ? el_q_size(x[i]) : top;
    }
    el_q_norms(w, m.norm, n_pre, n_post);
    if (!el_q_factors(p, &m, top, u, third, n_post)) {
        return;
    }
    for (size_t i = 0; i < n_pre; i++, w += n_post) {
        *dither = el_q_draw(*dither);
        const int32_t r = (int32_t)(*dither >> (32 - m.t)), value = x[i];
        for (size_t j = 0; j < n_post; j++) { /* both products at most 2**29, r below 2**30 */
            w[j] = el_q_saturated(w[j] + ((m.a[j] * value - m.c[j] * w[j] + r) >> m.t));
        }
    }
}

#endif
