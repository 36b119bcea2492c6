/* float32 that comes out alike on every core: sums in one order, exp, log, tanh and sqrt of our own.
 *
 * Twin of edgelearn/kernels/order.py and functions.py, bit for bit. Additions and products are IEEE 754 on every
 * core, in an FPU or in the compiler's soft-float library, as long as nothing is contracted or reordered:
 * -ffp-contract=off, never -ffast-math. Division and root are not left to the library (see el_divide, el_sqrt). */
#ifndef EL_MATH_H
#define EL_MATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__FAST_MATH__) || (defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0)
#error "a float must be worked out as a float, in the written order: no -ffast-math, and on x86 -mfpmath=sse"
#endif

/* Inlined, so that sizes and parameters that are constants stay constants. */
#define EL_FORCED static inline __attribute__((always_inline))

/* Columns of weights a pass: what is kept of each fits the registers of an FPU (32 on a Cortex-M4F). */
#define EL_TILE 16
#if defined(__GNUC__) && !defined(__clang__) && !defined(__SOFTFP__)
#define EL_UNROLLED _Pragma("GCC unroll 16") /* an array of sums is in registers only when each has its own code */
#else
#define EL_UNROLLED
#endif

/* FUNCTION(…, n_post, from, width) for each tile of n_post columns; width is a constant where n_post is one. */
#define EL_FOR_TILES(n_post, FUNCTION, ...)                                                                            \
    do {                                                                                                               \
        for (size_t from_ = 0; from_ + EL_TILE <= (n_post); from_ += EL_TILE) {                                        \
            FUNCTION(__VA_ARGS__, n_post, from_, EL_TILE);                                                             \
        }                                                                                                              \
        if ((n_post) % EL_TILE != 0) {                                                                                 \
            FUNCTION(__VA_ARGS__, n_post, (n_post) - (n_post) % EL_TILE, (n_post) % EL_TILE);                          \
        }                                                                                                              \
    } while (0)

#define EL_INFINITY __builtin_inff()
#define EL_SIGN 0x80000000U
#define EL_SIZE 0x7FFFFFFFU     /* of a float's bits: all but the sign */
#define EL_INFINITE 0x7F800000U /* sizes above it are NaN */

/* A union, for a freestanding compiler may call memcpy. */
typedef union {
    float value;
    uint32_t bits;
} el_word;

EL_FORCED uint32_t el_bits(float x) {
    const el_word word = {x};
    return word.bits;
}

EL_FORCED float el_float(uint32_t bits) {
    const el_word word = {.bits = bits};
    return word.value;
}

EL_FORCED float el_abs(float x) {
    return el_float(el_bits(x) & EL_SIZE);
}

EL_FORCED bool el_is_zero(float x) { /* without an FPU by bits is much the cheaper way */
    return (el_bits(x) & EL_SIZE) == 0;
}

/* Whether every value is smaller in size than limit; NaN is not. Sizes order as their bits do, NaN above all. */
EL_FORCED bool el_all_below(const float *x, size_t n, float limit) {
    for (size_t i = 0; i < n; i++) {
        if ((el_bits(x[i]) & EL_SIZE) >= el_bits(limit)) {
            return false;
        }
    }
    return true;
}

/* The largest size of a value, 0 of none; NaN if one is NaN. */
EL_FORCED float el_largest(const float *x, size_t n) {
    uint32_t top = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t size = el_bits(x[i]) & EL_SIZE;
        top = size > top ? size : top;
    }
    return el_float(top);
}

/* v within [low, high]; NaN stays. An infinite bound is none: known when compiled, it costs nothing. */
EL_FORCED float el_bounded(float v, float low, float high) {
    v = low > -EL_INFINITY && v < low ? low : v;
    return high < EL_INFINITY && v > high ? high : v;
}

EL_FORCED void el_drive_tile(const float *x, const float *w, float *u, size_t n_pre, size_t n_post, size_t from,
                             size_t width) {
    float sum[EL_TILE] = {0.0f};
    for (size_t i = 0; i < n_pre; i++) {
        const float *row = w + i * n_post + from;
        const float v = x[i];
        if (el_is_zero(v)) { /* no event */
            continue;
        }
        EL_UNROLLED
        for (size_t j = 0; j < width; j++) {
            sum[j] += v * row[j];
        }
    }
    EL_UNROLLED
    for (size_t j = 0; j < width; j++) {
        u[from + j] = sum[j];
    }
}

/* u (n_post) = the sums of x[i] * w[i, j] over the x (n_pre) that are not 0, from the first to the last. */
EL_FORCED void el_drive(const float *x, const float *w, float *u, size_t n_pre, size_t n_post) {
    EL_FOR_TILES(n_post, el_drive_tile, x, w, u, n_pre);
}

/* -- division and root ------------------------------------------------------------------------------------------- */

/* math.c: correctly rounded, by whole numbers */
float el_divide_soft(float a, float b);
float el_sqrt_soft(float x); /* NaN below 0 */

EL_FORCED float el_divide(float a, float b) {
#if defined(__SOFTFP__)
    return el_divide_soft(a, b); /* compiler-rt rounds some quotients below 2^-126 wrongly */
#else
    return a / b;
#endif
}

EL_FORCED float el_sqrt(float x) {
#if defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 4)
    float root; /* __builtin_sqrtf would call sqrtf for what is below 0 */
    __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
    return root;
#else
    return el_sqrt_soft(x);
#endif
}

/* -- exp, log, tanh: after Cephes' expf, logf and tanhf (Moshier 1989), within 2 units in the last place ----------- */

#define EL_LN2_HIGH 0.693359375f
#define EL_LN2_LOW (-2.12194440e-4f)

static inline float el_exp(float x) { /* x held within [-87, 88], where float32 has a normal result */
    if (x != x) {
        return x;
    }
    const float y = x > 88.0f ? 88.0f : x < -87.0f ? -87.0f : x;
    const float scaled = y * 1.44269504f + 0.5f;
    int32_t whole = (int32_t)scaled;
    whole -= (float)whole > scaled; /* to the floor */
    const float n = (float)whole;
    const float r = (y - n * EL_LN2_HIGH) - n * EL_LN2_LOW;
    float p = 1.9875691500e-4f * r + 1.3981999507e-3f;
    p = ((p * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    return ((p * (r * r) + r) + 1.0f) * el_float((uint32_t)(whole + 127) << 23);
}

static inline float el_log(float x) { /* -infinity at 0, NaN below it */
    if (!(x > 0.0f)) {
        return x == 0.0f ? -EL_INFINITY : el_float(0x7FC00000U);
    }
    if (!(x < EL_INFINITY)) {
        return x;
    }
    const bool small = x < 1.17549435e-38f; /* subnormal: 2^23 times it is not */
    const uint32_t bits = el_bits(small ? x * 8388608.0f : x);
    float m = el_float((bits & 0x007FFFFFU) | 0x3F000000U); /* [0.5, 1) */
    float e = (float)((int32_t)(bits >> 23) - 126 - (small ? 23 : 0));
    if (m < 0.70710678f) {
        m = m + m;
        e = e - 1.0f;
    }
    m = m - 1.0f;
    float p = 7.0376836292e-2f * m - 1.1514610310e-1f;
    p = ((p * m + 1.1676998740e-1f) * m - 1.2420140846e-1f) * m + 1.4249322787e-1f;
    p = ((p * m - 1.6668057665e-1f) * m + 2.0000714765e-1f) * m - 2.4999993993e-1f;
    p = (p * m + 3.3333331174e-1f) * m * (m * m);
    return (m + ((p + e * EL_LN2_LOW) - 0.5f * (m * m))) + e * EL_LN2_HIGH;
}

static inline float el_tanh(float x) {
    const float a = x < 0.0f ? -x : x;
    if (a < 0.625f) { /* there 1 - 2 / (e + 1) would cancel */
        const float z = x * x;
        float p = -5.70498872745e-3f * z + 2.06390887954e-2f;
        p = ((p * z - 5.37397155531e-2f) * z + 1.33314422036e-1f) * z - 3.33332819422e-1f;
        return p * z * x + x;
    }
    const float t = 1.0f - el_divide(2.0f, el_exp(a + a) + 1.0f);
    return x < 0.0f ? -t : t;
}

#endif
