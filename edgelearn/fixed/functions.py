r"""Powers of two and quotients in whole numbers.

:math:`2^{-z}` comes from a table of 65 values with straight lines between (error below 2**-15), a quotient from the
reciprocal of a divisor that was shifted to 16 bits, which costs one division however many quotients there are.
"""

import math
from typing import NamedTuple

TABLE = tuple(math.floor(2 ** (15 - k / 64) + 0.5) for k in range(65))  # 2**-(k / 64) with 15 fraction bits


class Divisor(NamedTuple):
    """1 / v as reciprocal / 2**(31 + shift)."""

    reciprocal: int  # in [2**15, 2**16]
    shift: int  # how far v was shifted right to have 16 bits; below 0: left


def power(z: int) -> int:
    """Return 2**-z in 15 fraction bits, 0 to 2**15, for z >= 0 with 16 fraction bits, an uint32."""
    whole, part = z >> 16, z & 0xFFFF
    if whole > 15:
        return 0
    at, rest = part >> 10, part & 1023
    return (TABLE[at] - (((TABLE[at] - TABLE[at + 1]) * rest + 512) >> 10)) >> whole


def divisor(v: int) -> Divisor:
    """Return the reciprocal of ``v``, an uint32 above 0."""
    shift = v.bit_length() - 16
    return Divisor(2**31 // (v >> shift if shift >= 0 else v << -shift), shift)
