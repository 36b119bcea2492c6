r"""Fixed point: what the formats are, and the few operations of which everything else here is made.

An integer v with b fraction bits stands for :math:`v / 2^b`. Formats, all int16 and all saturating:

- inputs: 15 bits, [-1, 1);
- drives, outputs of linear, relu and lif units, rewards: 12 bits, [-8, 8);
- shares of softmax units: 15 bits, [0, 1);
- weights: 8 to 14 bits, chosen for a head (`fixed.quantize`), [-128, 128) to [-2, 2).

A rate is a pair (m, t), the number :math:`m / 2^t` with m below 2**15, so that a factor of any size keeps 15 digits.

A step that is smaller than one weight unit must not vanish, and a weight has no bits to keep it in. So a step is
rounded by a dither: :math:`(v + r) \gg t` with r uniform below :math:`2^t` is right on average, and 0 where v is 0.
r comes from one linear congruential generator a head (Knuth, TAOCP 2, 3.2.1; multiplier and increment of Numerical
Recipes), whose 32 bits are part of the state, so that twins in any language draw alike. Gupta et al. 2015, ICML, "Deep
learning with limited numerical precision", section 3.1.
"""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from edgelearn.errors import ConfigError
from edgelearn.types import I64, Array

I16: TypeAlias = npt.NDArray[np.int16]
I32: TypeAlias = npt.NDArray[np.int32]

INPUT_BITS, DRIVE_BITS = 15, 12
LOWEST, HIGHEST = -(2**15), 2**15 - 1
LOW32, HIGH32 = -(2**31), 2**31 - 1
_MULTIPLIER, _INCREMENT = 1664525, 1013904223


class Rate(NamedTuple):
    """The number m / 2**t."""

    m: int  # 0, or in [2**14, 2**15)
    t: int  # 1 to 30


def saturated(v: Array | int) -> I16:
    """Return ``v`` as int16, held within its range."""
    return np.clip(np.asarray(v, np.int64), LOWEST, HIGHEST).astype(np.int16)


def halved(v: Array | int, shift: int) -> I64:
    """Return v / 2**shift as int64, rounded to the nearest, halves upwards; ``shift`` at least 1."""
    return (np.asarray(v, np.int64) + (1 << (shift - 1))) >> shift


def scaled(v: Array, m: int) -> I64:
    """Return v m / 2**15, rounded: int16 v and m in [0, 2**15) give a value that int16 holds."""
    return halved(np.asarray(v, np.int64) * m, 15)


def draw(dither: int) -> int:
    """Return the next 32 bits of the generator; the upper ones are used."""
    return (dither * _MULTIPLIER + _INCREMENT) & 0xFFFFFFFF


def draws(dither: int, where: Array, bits: int) -> tuple[int, I64]:
    """Return the generator after one draw for each place where ``where`` (n,) is not 0, and those draws (n,).

    A draw has ``bits`` bits, 1 to 31; the other places hold 0.
    """
    found = np.zeros(len(where), np.int64)
    for i in np.flatnonzero(where):
        dither = draw(dither)
        found[i] = dither >> (32 - bits)
    return dither, found


def root(v: int) -> int:
    """Return the whole part of the square root of ``v``, an uint32."""
    return math.isqrt(v)


def towards_zero(v: Array, bits: int) -> I64:
    """Return v / 2**bits without its fraction: what fades ends at 0 on both sides."""
    wide = np.asarray(v, np.int64)
    return np.where(wide < 0, -((-wide) >> bits), wide >> bits)


def rate(name: str, value: float) -> Rate:
    """Return the rate nearest to ``value``; raises ConfigError where no rate is near: above 2**14, or below 2**-16."""
    if value == 0:
        return Rate(0, 1)
    mantissa, exponent = math.frexp(value)
    m, t = round(mantissa * 2**15), 15 - exponent
    if m == 2**15:
        m, t = 2**14, t - 1
    if value < 0 or not 1 <= t <= 30:
        raise ConfigError(
            f"{name} is {value:g} in units of the fixed-point head, which holds 2**-16 to 2**14: "
            f"{'raise' if t > 30 else 'lower'} it, or scale the inputs to [-1, 1]"
        )
    return Rate(m, t)


def fixed(value: float, bits: int, low: int = LOWEST, high: int = HIGHEST) -> int:
    """Return ``value`` with ``bits`` fraction bits, to the nearest, held within [low, high]; infinities are bounds."""
    return math.floor(min(max(value * 2.0**bits, low), high) + 0.5)
