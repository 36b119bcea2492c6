"""Layers that learn from pushes of their units and one reward, several pairs of pushes a sample, many samples a call.

It equals `systems.grlu_passes.learned`, the composition of the definitions, bit for bit. All passes of a sample go
through a layer together, a lane each: lane p with the push of pair p, lane P + p with the same push taken away. The
input has no push, so the first layer has one product and one change a sample, whatever P is.

Shapes: X (n, n_pre + 1) normalised, its last column 1; w a tuple of (n_pre + 1, n_post), the last row the biases.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.functions import exp, log
from edgelearn.kernels.noise import normal, start
from edgelearn.kernels.order import drive
from edgelearn.types import F32, I64

TINY = np.float32(1e-8)  # what is divided by where all units of a layer do the same
_ZERO, _HALF, _ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)


class Settings(NamedTuple):
    """How a stream is learned."""

    seed: int  # of the noise
    pairs: int  # P
    sigma: np.float32  # size of a push
    rate: np.float32  # of the rule, for each pair
    gated: bool  # only units that are active learn
    pushed: int  # the first layer that is pushed
    first: int  # the first that learns
    stale: bool  # control: the rewards are those of the sample before


class Scratch(NamedTuple):
    """What one sample needs; of it only ``gain`` outlives it, for the control."""

    u: F32  # (n_post,) drives of the first layer
    seen: F32  # (layers, widest + 1, 2 P) what the next layer sees of each; its last row 1
    slope: F32  # (layers, widest, 2 P)
    noise: F32  # (layers, widest, P)
    lane: F32  # (2, 2 P) sums of each pass
    gain: F32  # (2, P) reward difference / sigma of each pair, and those of the sample before
    change: F32  # (widest,) of the weights from an input of 1


@compiled()
def stream(X: F32, y: I64, w: tuple[F32, ...], count: I64, s: Settings) -> None:
    """Learn from samples one after the other, w in place; count (1,) is how many pairs there have been."""
    t = _scratch(w, s.pairs)
    for k in range(X.shape[0]):
        _passes(X[k], w, count[0], t, s)
        _rewards(t.seen[len(w) - 1], w[len(w) - 1].shape[1], y[k], t, s)
        gain = t.gain[1] if s.stale else t.gain[0]
        for layer in range(s.first, len(w)):
            if layer == 0:
                _learn_first(X[k], w[0], gain, t, s)
            else:
                _learn(layer, w[layer], s.gated and layer < len(w) - 1, gain, t, s)
        t.gain[1] = t.gain[0]
        count[0] += s.pairs


@compiled()
def _scratch(w: tuple[F32, ...], pairs: int) -> Scratch:
    widest = 0
    for layer in range(len(w)):
        widest = max(widest, w[layer].shape[1])
    return Scratch(
        np.empty(w[0].shape[1], np.float32),
        np.empty((len(w), widest + 1, 2 * pairs), np.float32),
        np.empty((len(w), widest, 2 * pairs), np.float32),
        np.zeros((len(w), widest, pairs), np.float32),
        np.empty((2, 2 * pairs), np.float32),
        np.zeros((2, pairs), np.float32),
        np.empty(widest, np.float32),
    )


@compiled()
def _passes(x: F32, w: tuple[F32, ...], count: int, t: Scratch, s: Settings) -> None:
    unit = 0
    drive(x, w[0], t.u)
    for layer in range(len(w)):
        n, last = w[layer].shape[1], layer == len(w) - 1
        z = t.seen[layer, : n + 1]
        if layer == 0:
            for j in range(n):
                z[j] = t.u[j]
        else:
            _drives(t.seen[layer - 1], w[layer], z)
        if not last:
            _rectify(z, n, t.slope[layer])
        if layer >= s.pushed:
            _push(z, n, unit, count, t.noise[layer], s)
        if not last:
            _normalise(z, n, t.lane)
        unit += n


@compiled()
def _drives(pre: F32, w: F32, z: F32) -> None:
    for j in range(w.shape[1]):
        for k in range(z.shape[1]):
            z[j, k] = _ZERO
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            v = w[i, j]
            for k in range(z.shape[1]):
                z[j, k] += pre[i, k] * v


@compiled()
def _rectify(z: F32, n: int, slope: F32) -> None:
    for j in range(n):
        for k in range(z.shape[1]):
            above = z[j, k] > _ZERO
            z[j, k] = z[j, k] if above else _ZERO
            slope[j, k] = _ONE if above else _ZERO


@compiled()
def _push(z: F32, n: int, unit: int, count: int, noise: F32, s: Settings) -> None:
    for p in range(s.pairs):
        begin = start(s.seed, count + p)
        for j in range(n):
            noise[j, p] = normal(begin, unit + j)
    for j in range(n):
        for p in range(s.pairs):
            push = s.sigma * noise[j, p]
            z[j, p] = z[j, p] + push
            z[j, s.pairs + p] = z[j, s.pairs + p] - push


@compiled()
def _normalise(z: F32, n: int, lane: F32) -> None:
    """Each pass less its mean over the units, divided by its deviation; the row after them is the input of 1."""
    mean, by = lane[0], lane[1]
    lane[:] = _ZERO
    for j in range(n):
        for k in range(z.shape[1]):
            mean[k] += z[j, k]
    for k in range(z.shape[1]):
        mean[k] = mean[k] / np.float32(n)
    for j in range(n):
        for k in range(z.shape[1]):
            z[j, k] = z[j, k] - mean[k]
            by[k] += z[j, k] * z[j, k]
    for k in range(z.shape[1]):
        by[k] = _ONE / (np.sqrt(by[k] / np.float32(n)) + TINY)
    for j in range(n):
        for k in range(z.shape[1]):
            z[j, k] = z[j, k] * by[k]
    z[n] = _ONE


@compiled()
def _rewards(z: F32, n: int, label: int, t: Scratch, s: Settings) -> None:
    """Write half the difference of the two rewards of each pair, log softmax at the label, over sigma."""
    reward = t.lane[0]
    for k in range(z.shape[1]):
        top, total = z[0, k], _ZERO
        for j in range(n):
            top = z[j, k] if z[j, k] > top else top
        for j in range(n):
            total += exp(z[j, k] - top)
        reward[k] = (z[label, k] - top) - log(total)
    for p in range(s.pairs):
        t.gain[0, p] = (reward[p] - reward[s.pairs + p]) * _HALF / s.sigma


@compiled()
def _learn_first(x: F32, w: F32, gain: F32, t: Scratch, s: Settings) -> None:
    for j in range(w.shape[1]):
        third = _ZERO
        for p in range(s.pairs):
            third += gain[p] * t.noise[0, j, p]
        t.change[j] = (s.rate * third) * (t.slope[0, j, 0] if s.gated else _ONE)
    for i in range(w.shape[0]):
        pre = x[i]
        for j in range(w.shape[1]):
            w[i, j] += t.change[j] * pre


@compiled()
def _learn(layer: int, w: F32, gated: bool, gain: F32, t: Scratch, s: Settings) -> None:
    pres, slope, change = t.seen[layer - 1], t.slope[layer], t.change
    for p in range(s.pairs):
        q = s.pairs + p
        for j in range(w.shape[1]):
            post = (slope[j, p] + slope[j, q]) * _HALF if gated else _ONE
            change[j] = (s.rate * (gain[p] * t.noise[layer, j, p])) * post
        for i in range(w.shape[0]):
            pre = (pres[i, p] + pres[i, q]) * _HALF
            for j in range(w.shape[1]):
                w[i, j] += change[j] * pre
