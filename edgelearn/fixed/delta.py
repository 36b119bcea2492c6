r"""Delta rule in fixed point.

.. math:: w_{ij} \leftarrow w_{ij} + (g_j x_i + r_i) / 2^t, \qquad g_j = m_j\, \eta_m / 2^{15}

x has 15 fraction bits, w those of its head, the third factor m those of its unit; :math:`\eta_m / 2^t` takes in all
three (`fixed.quantize`). g is int16, :math:`g x + r` below 2**31; the weight is held within [low, high], at most
int16. r_i, t bits of the dither, is one draw an input that is not 0.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed.number import I16, draws, scaled
from edgelearn.types import Array


class Params(NamedTuple):
    eta: int  # learning rate: eta / 2**t
    t: int  # 1 to 30
    low: int  # hard bounds of a weight
    high: int


def step(p: Params, w: Array, x: Array, third: Array, dither: int) -> tuple[I16, int]:
    """Return the next weights (n_pre, n_post) and the generator; x (n_pre,), third (n_post,), all int16."""
    dither, r = draws(dither, x, p.t)
    moved = w + ((x.astype(np.int64)[:, None] * scaled(third, p.eta) + r[:, None]) >> p.t)
    active = (x != 0)[:, None]
    return np.where(active, np.clip(moved, p.low, p.high), w).astype(np.int16), dither
