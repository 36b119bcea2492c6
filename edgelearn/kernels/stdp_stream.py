"""Competing integrate-and-fire units that learn by STDP from many images, one call for all of them.

Equal bit for bit to `neurons.lif` (one spike a step, hard reset, at least one refractory step) and `rules.stdp`
(set-to-one traces, hard bounds, third factor 1), step after step, but only what a spike reaches is touched. Such a
trace is a function of the time since the last spike, so it is looked up, not kept; and a unit that stayed silent has
nothing to learn.
"""

from typing import Any, NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.order import drive_ones
from edgelearn.kernels.spikes import draw
from edgelearn.types import F32, Array

_HIGHEST = np.float32(65535)
_SCALE = np.float32(65536)
_HALF = np.float32(0.5)
_NEVER = np.uint64(0)


class Show(NamedTuple):
    """How an image is shown."""

    steps: int
    rate: np.float32  # chance that a pixel of 1 spikes in a step
    raised: np.float32  # added to the rate each time the image is shown again
    enough: int  # spikes of all units together, so that it is not
    tries: int  # presentations of an image at most
    norm: np.float32  # sum to which the weights of a unit that spiked are scaled afterwards
    fade: np.float32  # of the thresholds' own part kept per presentation


class Scratch(NamedTuple):
    """What one presentation needs; nothing of it outlives it."""

    active: Array  # (steps, n_pre) which inputs spike in a step
    n_active: Array  # (steps,)
    lit: Array  # (n_pre,) inputs that may spike
    chance: Array  # (n_pre,) of that
    last_pre: Array  # (n_pre,) step of the last spike, -1 for none
    awake: Array  # (n_post,) units that have spiked
    last_post: Array  # (n_post,) step of the last spike, -1 for none
    wait: Array  # (n_post,) steps left without input
    u: F32  # (n_post,) drive
    v: F32  # (n_post,) potential
    x: F32  # (steps,) a pre trace so many steps after its spike
    y: F32  # (steps,) a post trace


@compiled()
def stream(
    images: F32, counts: F32, w: F32, theta: F32, show: Show, seed: int, shown: int, neuron: Any, rule: Any,
    learns: bool,
) -> int:  # fmt: skip
    """Show images one after the other; return how many presentations there have been, with ``shown`` before.

    images (n, n_pre) in [0, 1]; counts (n, n_post) receives the spikes of each unit; w (n_pre, n_post) and theta
    (n_post,) in place; ``neuron`` and ``rule`` are the Params of theirs. Without learning each image meets the same
    noise, so that what is counted does not depend on the others.
    """
    s = _scratch(w.shape[0], w.shape[1], show.steps, rule)
    for k in range(images.shape[0]):
        for attempt in range(show.tries):
            n_lit = _light(images[k], show, attempt, s)
            draw(s.chance, seed, shown if learns else attempt, s.active, s.n_active)
            spikes = _present(counts[k], w, theta, n_lit, s, neuron, rule, learns)
            if learns:
                shown += 1
                _settle(w, theta, s, show)
            if spikes >= show.enough:
                break
    return shown


@compiled()
def _scratch(n_pre: int, n_post: int, steps: int, rule: Any) -> Scratch:
    return Scratch(
        np.empty((steps, n_pre), np.int32), np.empty(steps, np.int32),
        np.empty(n_pre, np.int32), np.empty(n_pre, np.uint64), np.empty(n_pre, np.int32),
        np.empty(n_post, np.int32), np.empty(n_post, np.int32), np.empty(n_post, np.int32),
        np.empty(n_post, np.float32), np.empty(n_post, np.float32),
        _faded(steps, rule.decay_pre), _faded(steps, rule.decay_post),
    )  # fmt: skip


@compiled()
def _faded(steps: int, decay: float) -> F32:
    left = np.empty(steps, np.float32)
    left[0] = np.float32(1.0)
    for t in range(1, steps):
        left[t] = decay * left[t - 1]
    return left


@compiled()
def _light(image: F32, show: Show, attempt: int, s: Scratch) -> int:
    rate = show.rate + np.float32(attempt) * show.raised
    n_lit = 0
    for i in range(image.shape[0]):
        s.chance[i] = np.uint64(min(image[i] * rate * _SCALE + _HALF, _HIGHEST))
        if s.chance[i] > _NEVER:
            s.lit[n_lit] = i
            n_lit += 1
    return n_lit


@compiled()
def _present(
    counts: F32, w: F32, theta: F32, n_lit: int, s: Scratch, neuron: Any, rule: Any, learns: bool
) -> int:
    """Show one image to units at rest; return how many spikes there were."""
    counts[:] = np.float32(0.0)
    s.v[:] = np.float32(0.0)
    s.wait[:] = 0
    s.last_pre[:] = -1
    s.last_post[:] = -1
    n_awake, spikes = 0, 0
    for t in range(s.n_active.shape[0]):
        drive_ones(s.active[t, : s.n_active[t]], w, s.u)
        best = _spike(s.u, s.v, s.wait, theta, neuron)
        if best >= 0:
            spikes += 1
            counts[best] += np.float32(1.0)
            if s.last_post[best] < 0:
                s.awake[n_awake] = best
                n_awake += 1
            s.last_post[best] = t
        if learns:
            _depress(w, t, n_awake, s, rule)
            if best >= 0:
                _potentiate(w, t, best, n_lit, s, rule)
    return spikes


@compiled()
def _spike(u: F32, v: F32, wait: Array, theta: F32, p: Any) -> int:
    """Let the potentials follow, and return which unit sends its spike, or -1.

    A refractory unit is below its threshold: it was reset to less, takes no drive, and fades. All in four bytes a
    unit, so that the first loop vectorises.
    """
    zero, no, yes = np.float32(0.0), np.int32(0), np.int32(1)
    crossed = no
    for j in range(u.shape[0]):
        rested = wait[j] <= no
        now = p.decay * v[j] + (u[j] if rested else zero)
        v[j] = now
        wait[j] = wait[j] if rested else wait[j] - yes
        crossed |= yes if now - (p.threshold + theta[j]) > zero else no
    if crossed == no:
        return -1
    best, most = -1, zero
    for j in range(u.shape[0]):
        height = v[j] - (p.threshold + theta[j])
        if height > zero:
            if height > most:
                best, most = j, height
            v[j] = p.reset
            theta[j] += p.theta_plus
            wait[j] = np.int32(p.refractory)
        elif wait[j] <= no:
            v[j] -= p.inhibition
    return best


@compiled()
def _depress(w: F32, t: int, n_awake: int, s: Scratch, p: Any) -> None:
    for k in range(s.n_active[t]):
        i = s.active[t, k]
        s.last_pre[i] = t
        for a in range(n_awake):
            j = s.awake[a]
            w[i, j] = _held(w[i, j] - p.eta_pre * s.y[t - s.last_post[j]], p)


@compiled()
def _potentiate(w: F32, t: int, j: int, n_lit: int, s: Scratch, p: Any) -> None:
    for k in range(n_lit):
        i = s.lit[k]
        if s.last_pre[i] >= 0:
            w[i, j] = _held(w[i, j] + p.eta_post * s.x[t - s.last_pre[i]], p)


@compiled()
def _held(value: float, p: Any) -> float:
    value = p.low if value < p.low else value
    return p.high if value > p.high else value


@compiled()
def _settle(w: F32, theta: F32, s: Scratch, show: Show) -> None:
    """After a presentation: scale the weights of the units that spiked, let the thresholds fade."""
    for j in range(w.shape[1]):
        theta[j] *= show.fade
        if s.last_post[j] >= 0:
            total = np.float32(0.0)
            for i in range(w.shape[0]):
                total += w[i, j]
            if total > np.float32(0.0):
                factor = show.norm / total
                for i in range(w.shape[0]):
                    w[i, j] *= factor
