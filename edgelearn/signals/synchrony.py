r"""Synchrony: the output should point where a fixed wave of its class points.

.. math::
    q &= y / d, \quad l = B q, \quad p = \mathrm{softmax}(l / \tau) \\
    \delta &= B^\top (p - t) / \tau, \quad m = -(\delta - q\, (q \cdot \delta)) / d

d is the length of y; with ``normalised`` False it is the number of units n, and :math:`m = -\delta / n`. Either way m
is minus the gradient of the cross-entropy by the output. ``teach`` (n_classes,) is the one-hot label t. Row c of B is
:math:`\operatorname{sign} \sin(f_c j)`, j = 0 … n - 1, with n_classes frequencies even between 50 and 512: radians, no
division by n (its aliased rows are nearly orthogonal). Silent units (y = 0) of a normalised output learn nothing.

Apolinario, Roy & Roy 2025, WACV, "LLS", and its code; d = n and tau = 1 are those of Apolinario, Roy & Frenkel 2025,
IJCNN, "TESS" (tau = 1 / kappa scales its logits by kappa).
"""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import flag, positive, whole
from edgelearn.compiled import compiled
from edgelearn.errors import InputError
from edgelearn.kernels.functions import define_exp, exp
from edgelearn.kernels.order import in_order
from edgelearn.signals.base import Signal, shares
from edgelearn.types import F32, Array

LOWEST, HIGHEST = 50, 512  # radians a unit, of the first class and of the last
_BITS = 128
_PER_PI = 0x517CC1B727220A94FE13ABE8FA9A6EE0  # 2**128 / pi: phases of 10^12 radians are still right to 10^-26


class Params(NamedTuple):
    tau: np.float32  # temperature, > 0
    normalised: np.float32  # 1: outputs are divided by their length, 0: by the number of units


class State(NamedTuple):
    basis: F32  # (n_post, n_classes) B, transposed
    share: F32  # (n_classes,) p of the last sample


def basis(n_classes: int, n_post: int) -> F32:
    """Return the waves B, transposed (n_post, n_classes), of -1, 0 and 1: the same bits on every machine.

    Raises ConfigError for fewer than 2 classes or 1 unit.
    """
    return np.array(_waves(whole("n_classes", n_classes, 2), whole("n_post", n_post, 1)))


@lru_cache(maxsize=64)
def _waves(n_classes: int, n_post: int) -> F32:
    """Whole numbers alone: a libm may say otherwise where a sine is small, and float32 does where a phase is large."""
    parts = n_classes - 1
    waves = np.empty((n_post, n_classes), np.float32)
    for c in range(n_classes):
        f = LOWEST * parts + (HIGHEST - LOWEST) * c  # f_c is f / parts
        waves[:, c] = [-1 if half_turns(f * j, parts) % 2 else 1 for j in range(n_post)]
    waves[0] = 0
    return waves


def half_turns(radians: int, parts: int) -> int:
    """Return how many whole times pi is in ``radians`` / ``parts``: the sine is below 0 where they are odd."""
    return radians * _PER_PI // (parts << _BITS)


def init(n_classes: int, n_post: int) -> State:
    """Return the waves; they belong to the number of classes and nothing else."""
    return State(basis(n_classes, n_post), np.zeros(n_classes, np.float32))


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,)."""
    length = np.sqrt(in_order(out * out)) if p.normalised else out.dtype.type(len(out))
    if length == 0:
        return State(s.basis, np.zeros_like(s.share)), np.zeros_like(out)
    q = out / length
    logits = in_order(s.basis * q[:, None]) / p.tau
    raised = define_exp(logits - logits.max())
    share: Array = raised / in_order(raised)
    delta = in_order((s.basis * ((share - teach) / p.tau)).T)
    third = q * in_order(q * delta) - delta if p.normalised else -delta
    return State(s.basis, share), third / length


@compiled()
def kernel(out: F32, teach: F32, third: F32, basis: F32, share: F32, tau: float, normalised: float) -> None:
    """`step` in place."""
    zero = np.float32(0.0)
    n, n_classes = basis.shape
    length = np.float32(n)
    if normalised:
        square = zero
        for j in range(n):
            square += out[j] * out[j]
        length = np.sqrt(square)
    share[:], third[:] = zero, zero
    if length == zero:
        return
    for j in range(n):
        q = out[j] / length
        for c in range(n_classes):
            share[c] += basis[j, c] * q
    _softmax(share, tau)
    along = zero
    for j in range(n):
        for c in range(n_classes):
            third[j] += basis[j, c] * ((share[c] - teach[c]) / tau)
        along += (out[j] / length) * third[j]
    for j in range(n):
        turned = (out[j] / length) * along - third[j] if normalised else -third[j]
        third[j] = turned / length


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


def batch(n_classes: int, p: Params, out: Array, teach: Array) -> Array:
    """Return the third factors of many samples, out (n, n_post) and teach (n, n_classes).

    Raises InputError for a teach of other than ``n_classes``, which the waves were made for.
    """
    if (said := teach.shape[1]) != n_classes:
        raise InputError(
            f"the waves were made for {n_classes} classes, not {said}: make a signal with n_classes={said}"
        )
    return answers(p, _waves(n_classes, out.shape[1]), out, teach).third


class Answers(NamedTuple):
    """Of many samples."""

    third: Array  # (n, n_post)
    q: Array  # (n, n_post)
    error: Array  # (n, n_classes) (p - t) / tau


def answers(p: Params, basis: F32, out: Array, teach: Array) -> Answers:
    """Return what `step` makes of many samples, out (n, n_post) and teach (n, n_classes), by any basis.

    ``basis`` is (n_post, n_classes); q.T @ error is the gradient of the cross-entropy by it.
    """
    length = np.full_like(out[:, :1], out.shape[1])
    if p.normalised:
        length = np.sqrt((out * out).sum(axis=1, keepdims=True))
    loud = length > 0
    length = length + ~loud  # whatever is not 0: a silent output has no direction
    q = out / length
    logits = q @ basis / p.tau
    raised = define_exp(logits - logits.max(axis=1, keepdims=True))
    error = (raised / raised.sum(axis=1, keepdims=True) - teach) * loud / p.tau
    delta = error @ basis.T
    turned = q * (q * delta).sum(axis=1, keepdims=True) - delta if p.normalised else -delta
    return Answers(turned / length, q, error)


def signal(n_classes: int = 10, tau: float = 0.5, normalised: bool = True) -> Signal:
    """Return the signal for at most ``n_classes`` classes; raises ConfigError for n_classes < 2 or tau <= 0."""
    n_classes = whole("n_classes", n_classes, 2)
    params = Params(positive("tau", tau), np.float32(flag("normalised", normalised)))
    start, many = partial(init, n_classes), partial(batch, n_classes)
    return Signal("synchrony", params, start, step, kernel, "label", lambda _: n_classes, many, shares)
