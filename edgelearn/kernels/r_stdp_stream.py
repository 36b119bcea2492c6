"""One integrate-and-fire unit that lives in steps of 1 ms and learns by dopamine, many steps a call.

Equal bit for bit, step after step, to `drive` of the input spikes, `neurons.lif` (hard reset, no refractory steps, one
unit), `signals.reward` and `rules.stdp_dopamine`. Around them is the world: it sees when the unit spikes shortly after
the chosen input, and pays seconds later. Where ``pays`` is False rewards come as ``due`` says alone.

Shapes: active (T, n) and n_active (T,) as of `spikes.draw`; due (T_all,) rewards of all steps, of which ``begin`` is
the first of these; w, x and c (n,); unit (4,).
"""

from typing import Any, NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.spikes import mix
from edgelearn.types import F32, I64, Array

V, Y, D, BASELINE = range(4)  # of unit: potential, trace of its spikes, dopamine, expected reward
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)


class World(NamedTuple):
    """What is rewarded, and when."""

    pays: bool
    chosen: int  # input
    window: int  # steps from its spike to the unit's, at most
    soonest: int  # steps from there to the reward
    latest: int
    reward: np.float32
    seed: int  # of the delays


@compiled()
def live(
    active: Array, n_active: Array, due: F32, begin: int, w: F32, x: F32, c: F32, unit: F32, last: I64,
    world: World, neuron: Any, alpha: np.float32, rule: Any,
) -> int:  # fmt: skip
    """Live through T steps; return how many spikes of the unit there were.

    last (1,) is the step of the chosen input's last spike, from the start of ``due``; ``neuron`` and ``rule`` are the
    Params of theirs, ``alpha`` that of the reward.
    """
    spikes = 0
    for t in range(n_active.shape[0]):
        came, now = active[t, : n_active[t]], begin + t
        u = _ZERO
        for k in range(came.shape[0]):
            u += w[came[k]]
            if came[k] == world.chosen:
                last[0] = now
        v = neuron.decay * unit[V] + u
        spiked = v - neuron.threshold > _ZERO
        unit[V] = neuron.reset if spiked else v
        surprise = due[now] - unit[BASELINE]
        unit[BASELINE] += alpha * surprise
        _learn(came, spiked, surprise, w, x, c, unit, rule)
        spikes += spiked
        if spiked and world.pays and now - last[0] <= world.window:
            count = mix(np.uint64(world.seed)) + np.uint64(now)
            wait = world.soonest + int(mix(count) % np.uint64(world.latest - world.soonest + 1))
            if now + wait < due.shape[0]:
                due[now + wait] += world.reward
    return spikes


@compiled()
def _learn(
    came: Array, spiked: bool, released: np.float32, w: F32, x: F32, c: F32, unit: F32, p: Any
) -> None:
    unit[D] = p.decay_d * unit[D] + released
    step = p.eta * unit[D]
    for i in range(x.shape[0]):
        x[i] = p.decay_pre * x[i]
    for k in range(came.shape[0]):
        x[came[k]] += _ONE
    up, down = p.a_plus if spiked else _ZERO, p.a_minus * unit[Y]
    for i in range(c.shape[0]):
        c[i] = p.decay_c * c[i] + up * x[i]
    for k in range(came.shape[0]):
        c[came[k]] -= down
    for i in range(w.shape[0]):
        moved = w[i] + step * c[i]
        moved = p.low if moved < p.low else moved
        w[i] = p.high if moved > p.high else moved
    unit[Y] = p.decay_post * unit[Y] + (_ONE if spiked else _ZERO)
