"""Sine, logarithm and the normal quantile that give the same bits on every machine; those of a libm do not.

>>> sine_of_turns(np.array([0.25]))
array([1.])

Rule: only +, -, *, /, sqrt, floor and frexp, which IEEE 754 defines to the last bit, one NumPy call each.
"""

from collections.abc import Sequence
from math import factorial, pi

import numpy as np

from edgelearn.types import F64

_SINE = [(-1) ** k / factorial(2 * k + 1) for k in range(11)]
_LOG = [2 / (2 * k + 1) for k in range(10)]
_LN2, _HALF_ROOT = 0.6931471805599453, 0.7071067811865476

# Wichura 1988, Applied Statistics 37:477, algorithm AS 241, PPND7: numerator, denominator; relative error 1e-7
_CENTRE = (
    (3.3871327179, 50.434271938, 159.29113202, 59.109374720),
    (1.0, 17.895169469, 78.757757664, 67.187563600),
)
_TAIL = ((1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103), (1.0, 0.73700164250, 0.12021132975))
_FAR = ((6.6579051150, 3.0812263860, 0.42868294337, 0.017337203997), (1.0, 0.24197894225, 0.012258202635))


def sine_of_turns(turns: F64) -> F64:
    """Return sin(2π · turns), within 1e-15, of any shape."""
    x = turns - np.floor(turns + 0.5)
    x = np.where(np.abs(x) > 0.25, np.copysign(0.5, x) - x, x)
    x = x * (2 * pi)
    value: F64 = x * _polynomial(_SINE, x * x)
    return value


def log(x: F64) -> F64:
    """Return the natural logarithm of what is above 0, within 1e-15 relative."""
    mantissa, exponent = np.frexp(x)
    small = mantissa < _HALF_ROOT
    mantissa = np.where(small, 2 * mantissa, mantissa)
    s = (mantissa - 1) / (mantissa + 1)
    value: F64 = s * _polynomial(_LOG, s * s) + (exponent - small) * _LN2
    return value


def normal_quantile(p: F64) -> F64:
    """Return where a standard normal variable stays below with probability ``p`` in (0, 1), within 1e-6."""
    q = p - 0.5
    value = q * _ratio(_CENTRE, 0.180625 - q * q)
    tail = np.abs(q) > 0.425
    r = np.sqrt(-log(np.minimum(p[tail], 1 - p[tail])))
    far = np.where(r <= 5, _ratio(_TAIL, r - 1.6), _ratio(_FAR, r - 5))
    value[tail] = np.copysign(far, q[tail])
    return value


def _ratio(coefficients: tuple[Sequence[float], Sequence[float]], x: F64) -> F64:
    return _polynomial(coefficients[0], x) / _polynomial(coefficients[1], x)


def _polynomial(coefficients: Sequence[float], x: F64) -> F64:
    value = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        value = value * x + c
    return value
