r"""SoftHebb in fixed point: Oja-like learning under soft competition (`edgelearn.rules.softhebb`).

.. math::
    \rho_j &= \eta \sqrt{|\,\|w_j\| - 1|}\; m_j / M, \qquad
    M = \max_j |m_j| (\max_i |x_i| + |u_j| \|w_j\|) \\
    w_{ij} &\leftarrow w_{ij} + (a_j x_i - c_j w_{ij} + r_i) / 2^t

a stands for :math:`\rho` and c for :math:`\rho u` in one scale, t, which is found anew in each step: the largest of
both gets 14 bits, so that the sum stays below 2**31. Norms are those of the weights as they are, measured in every step
by the whole part of the root, at most 65535 (that is 4 with 14 bits, 16 with 12); how far one is from 1 counts up to 4.
x has 15 fraction bits, u 12, m 15 (shares), w b. Weights saturate. One draw of t bits an input, 0 or not, where
anything moves: Oja's term moves the weights of silent inputs too.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed.functions import divisor
from edgelearn.fixed.number import I16, draw, root, saturated
from edgelearn.types import I64, Array


class Params(NamedTuple):
    eta: int  # the most a weight moves in a step at norm 2 or 0: eta / 2**t, in weights of 1
    t: int  # 1 to 30
    bits: int  # fraction bits of a weight, 8 to 14


class Move(NamedTuple):
    a: I64  # (n_post,) factor of the input, at most 2**14
    c: I64  # (n_post,) factor of the weight, at most 2**14
    t: int  # 1 to 30


def step(p: Params, w: Array, x: Array, u: Array, third: Array, dither: int) -> tuple[I16, int]:
    """Return the next weights (n_pre, n_post) and the generator; x (n_pre,), u and third (n_post,), all int16."""
    move = factors(p, norms(w), int(np.abs(x.astype(np.int64)).max()), u.tolist(), third.tolist())
    if move is None:
        return w.copy(), dither
    r = np.zeros((len(x), 1), np.int64)
    for i in range(len(x)):
        dither = draw(dither)
        r[i] = dither >> (32 - move.t)
    change = move.a * x.astype(np.int64)[:, None] - move.c * w + r
    return saturated(w + (change >> move.t)), dither


def norms(w: Array) -> list[int]:
    """Return the norm of each unit's weights (n_post,), in their own fraction bits, at most 65535."""
    squares = (w.astype(np.int64) ** 2).sum(axis=0)
    return [root(min(int(square), 2**32 - 1)) for square in squares]


def factors(p: Params, norm: list[int], top: int, u: list[int], third: list[int]) -> Move | None:
    """Return the factors of a step; None where nothing moves. ``top`` is the largest magnitude of an input."""
    bound = max(abs(m) * _reach(p, top, v, length) for m, v, length in zip(third, u, norm, strict=True))
    if bound == 0:
        return None
    by = divisor(bound)
    raw = [((_rate(p, n) * abs(m)) >> 16) * by.reciprocal for n, m in zip(norm, third, strict=True)]
    if max(raw) == 0:
        return None
    size = max(raw).bit_length()
    room = max(0, max(map(abs, u)).bit_length() + 3 - p.bits)  # bits by which c may be above a
    t = 32 + by.shift + p.t - size - room - p.bits
    less = 1 + room + max(0, t - 30)
    if less > 15:
        return None
    a = [_signed((_upper(v, size) * p.eta) >> 15 >> less, m) for v, m in zip(raw, third, strict=True)]
    c = [_signed((abs(f) * abs(v)) << 3 >> p.bits, f * v) for f, v in zip(a, u, strict=True)]
    return Move(np.array(a), np.array(c), min(max(t, 1), 30))


def _reach(p: Params, top: int, u: int, norm: int) -> int:
    """Return max|x| + |u| ‖w‖ in 12 bits, at most 65535."""
    return min((top >> 3) + ((abs(u) * norm) >> p.bits), 65535)


def _rate(p: Params, norm: int) -> int:
    """Return the root of a norm's distance from 1 in 15 bits, at most 65535."""
    away = min(abs(norm - (1 << p.bits)), (4 << p.bits) - 1)
    return root(away << (30 - p.bits))


def _upper(v: int, size: int) -> int:
    """Return the upper 15 of ``size`` bits."""
    return v >> (size - 15) if size >= 15 else v << (15 - size)


def _signed(v: int, like: int) -> int:
    return -v if like < 0 else v
