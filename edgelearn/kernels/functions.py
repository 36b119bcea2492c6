"""exp, log and tanh of our own in float32: libms differ in the last bit, so everything with a twin in C uses these.

Only additions, products, comparisons and exact powers of two, in the written order (after Cephes' expf, logf and
tanhf, Moshier 1989; within 2 units in the last place of the true value). Float64, which no device runs, uses NumPy's.
"""

import math

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.types import F32, Array

HIGHEST, LOWEST = np.float32(88.0), np.float32(-87.0)  # float32 holds exp of no more and (normal) of no less
_LOG2E, _LN2_HIGH, _LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(-2.12194440e-4)
_P0, _P1, _P2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_P3, _P4, _P5 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
_T0, _T1, _T2 = np.float32(-5.70498872745e-3), np.float32(2.06390887954e-2), np.float32(-5.37397155531e-2)
_T3, _T4, _SMALL = np.float32(1.33314422036e-1), np.float32(-3.33332819422e-1), np.float32(0.625)
_HALF, _ONE, _TWO = np.float32(0.5), np.float32(1.0), np.float32(2.0)
_ROOT_HALF, _INFINITY = np.float32(0.70710678), np.float32(np.inf)
_L0, _L1, _L2 = np.float32(7.0376836292e-2), np.float32(-1.1514610310e-1), np.float32(1.1676998740e-1)
_L3, _L4, _L5 = np.float32(-1.2420140846e-1), np.float32(1.4249322787e-1), np.float32(-1.6668057665e-1)
_L6, _L7, _L8 = np.float32(2.0000714765e-1), np.float32(-2.4999993993e-1), np.float32(3.3333331174e-1)
_POWERS = np.ldexp(np.float32(1.0), np.arange(-126, 128)).astype(np.float32)  # exact


@compiled()
def exp(x: np.float32) -> np.float32:
    """Return exp(x) of one float32, x held within [-87, 88]; NaN stays NaN."""
    if x != x:  # noqa: PLR0124 (NaN)
        return x
    y = HIGHEST if x > HIGHEST else (LOWEST if x < LOWEST else x)
    n = np.floor(y * _LOG2E + _HALF)
    r = (y - n * _LN2_HIGH) - n * _LN2_LOW
    p = ((((_P0 * r + _P1) * r + _P2) * r + _P3) * r + _P4) * r + _P5
    power = np.float32(_POWERS[int(n) + 126])
    return np.float32(((p * (r * r) + r) + _ONE) * power)


@compiled()
def log(x: np.float32) -> np.float32:
    """Return log(x) of one float32; -infinity at 0, NaN below it; NaN stays NaN."""
    if not x > np.float32(0.0):
        return -_INFINITY if x == np.float32(0.0) else np.float32(np.nan)
    if x == _INFINITY:
        return x
    mantissa, exponent = math.frexp(x)
    m, e = np.float32(mantissa), np.float32(exponent)
    if m < _ROOT_HALF:
        m, e = m + m, e - _ONE
    m = m - _ONE
    p = ((((_L0 * m + _L1) * m + _L2) * m + _L3) * m + _L4) * m + _L5
    p = (((p * m + _L6) * m + _L7) * m + _L8) * m * (m * m)
    return np.float32((m + ((p + e * _LN2_LOW) - _HALF * (m * m))) + e * _LN2_HIGH)


@compiled()
def tanh(x: np.float32) -> np.float32:
    """Return tanh(x) of one float32; NaN stays NaN."""
    a = -x if x < np.float32(0.0) else x
    if a < _SMALL:  # there 1 - 2 / (e + 1) would cancel
        z = x * x
        return ((((_T0 * z + _T1) * z + _T2) * z + _T3) * z + _T4) * z * x + x
    t = _ONE - _TWO / (exp(a + a) + _ONE)
    return -t if x < np.float32(0.0) else t


def define_exp(x: Array) -> Array:
    """The definition of `exp`, for arrays; float64 is NumPy's own."""
    if x.dtype != np.float32:
        return np.asarray(np.exp(x))
    nan = np.isnan(x)
    y: F32 = np.where(nan, np.float32(0.0), np.where(x > HIGHEST, HIGHEST, np.where(x < LOWEST, LOWEST, x)))
    n = np.floor(y * _LOG2E + _HALF)
    r = (y - n * _LN2_HIGH) - n * _LN2_LOW
    p = ((((_P0 * r + _P1) * r + _P2) * r + _P3) * r + _P4) * r + _P5
    return np.asarray(np.where(nan, x, ((p * (r * r) + r) + _ONE) * _POWERS[n.astype(np.int64) + 126]))


def define_log(x: Array) -> Array:
    """The definition of `log`, for arrays; float64 is NumPy's own."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if x.dtype != np.float32:
            return np.asarray(np.log(x))
        mantissa, exponent = np.frexp(x)
        small = mantissa < _ROOT_HALF
        m = np.where(small, mantissa + mantissa, mantissa) - _ONE
        e = exponent.astype(np.float32) - small.astype(np.float32)
        p = ((((_L0 * m + _L1) * m + _L2) * m + _L3) * m + _L4) * m + _L5
        p = (((p * m + _L6) * m + _L7) * m + _L8) * m * (m * m)
        found = (m + ((p + e * _LN2_LOW) - _HALF * (m * m))) + e * _LN2_HIGH
        edge = np.where(x == 0, -_INFINITY, np.where(x > 0, x, np.float32(np.nan)))
    return np.asarray(np.where((x > 0) & (x < _INFINITY), found, edge))


def define_tanh(x: Array) -> Array:
    """The definition of `tanh`, for arrays; float64 is NumPy's own."""
    if x.dtype != np.float32:
        return np.asarray(np.tanh(x))
    a, z = np.where(x < 0, -x, x), x * x
    near = ((((_T0 * z + _T1) * z + _T2) * z + _T3) * z + _T4) * z * x + x
    t = _ONE - _TWO / (define_exp(a + a) + _ONE)
    return np.asarray(np.where(a < _SMALL, near, np.where(x < 0, -t, t)))
