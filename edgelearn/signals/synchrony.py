r"""Synchrony: the output should point where a fixed wave of its class points.

.. math::
    q &= y / \|y\|, \quad l = B q, \quad p = \mathrm{softmax}(l / \tau) \\
    \delta &= B^\top (p - t) / \tau, \quad m = -(\delta - q\, (q \cdot \delta)) / \|y\|

m is minus the gradient of the cross-entropy by the output. ``teach`` (n_classes,) is the one-hot label t. Row c of B is
:math:`\operatorname{sign} \sin(f_c j)`, j = 0 … n - 1, with n_classes frequencies even between 50 and 512: radians, no
division by n (its aliased rows are nearly orthogonal), computed in float64 (the phase reaches 10⁶, where float32 would
flip signs). Apolinario, Roy & Roy 2025, WACV, "LLS", and its code. Silent units (y = 0) learn nothing.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import positive, whole
from edgelearn.compiled import compiled
from edgelearn.kernels.functions import define_exp, exp
from edgelearn.kernels.order import in_order
from edgelearn.signals.base import Signal, shares
from edgelearn.types import F32, Array


class Params(NamedTuple):
    tau: np.float32  # temperature, > 0


class State(NamedTuple):
    basis: F32  # (n_post, n_classes) B, transposed
    share: F32  # (n_classes,) p of the last sample


def init(n_classes: int, n_post: int) -> State:
    """Return the waves; they belong to the number of classes and nothing else."""
    phase = np.arange(n_post)[:, None] * np.linspace(50, 512, n_classes)
    return State(np.sign(np.sin(phase)).astype(np.float32), np.zeros(n_classes, np.float32))


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,)."""
    norm = np.sqrt(in_order(out * out))
    if norm == 0:
        return State(s.basis, np.zeros_like(s.share)), np.zeros_like(out)
    q = out / norm
    logits = in_order(s.basis * q[:, None]) / p.tau
    raised = define_exp(logits - logits.max())
    share: Array = raised / in_order(raised)
    delta = in_order((s.basis * ((share - teach) / p.tau)).T)
    return State(s.basis, share), (q * in_order(q * delta) - delta) / norm


@compiled()
def kernel(out: F32, teach: F32, third: F32, basis: F32, share: F32, tau: float) -> None:
    """`step` in place."""
    zero = np.float32(0.0)
    n, n_classes = basis.shape
    norm = zero
    for j in range(n):
        norm += out[j] * out[j]
    norm = np.sqrt(norm)
    share[:], third[:] = zero, zero
    if norm == zero:
        return
    for j in range(n):
        q = out[j] / norm
        for c in range(n_classes):
            share[c] += basis[j, c] * q
    _softmax(share, tau)
    along = zero
    for j in range(n):
        for c in range(n_classes):
            third[j] += basis[j, c] * ((share[c] - teach[c]) / tau)
        along += (out[j] / norm) * third[j]
    for j in range(n):
        third[j] = ((out[j] / norm) * along - third[j]) / norm


@compiled()
def _softmax(x: F32, tau: float) -> None:
    for c in range(x.shape[0]):
        x[c] = x[c] / tau
    top, total = x[0], np.float32(0.0)
    for c in range(x.shape[0]):
        top = x[c] if x[c] > top or x[c] != x[c] else top
    for c in range(x.shape[0]):
        x[c] = exp(x[c] - top)
        total += x[c]
    for c in range(x.shape[0]):
        x[c] = x[c] / total


def signal(n_classes: int = 10, tau: float = 0.5) -> Signal:
    """Return the signal for at most ``n_classes`` classes; raises ConfigError for n_classes < 2 or tau <= 0."""
    n_classes = whole("n_classes", n_classes, 2)
    params, start = Params(positive("tau", tau)), partial(init, n_classes)
    return Signal("synchrony", params, start, step, kernel, "label", lambda _: n_classes, check=shares)
