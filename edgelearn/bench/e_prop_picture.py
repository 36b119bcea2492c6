"""The picture of e-prop: the wave while it is learned, and what one synapse still knows of a cue 200 ms later."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from edgelearn.bench.filters import COLOURS
from edgelearn.kernels.order import define_drive
from edgelearn.neurons import alif
from edgelearn.rules import e_prop
from edgelearn.systems.e_prop import RecurrentNet
from edgelearn.types import F32, Array

WORDS = {"pattern": "e-prop", "pattern_bptt": "BPTT", "pattern_frozen": "readout alone"}


def draw(path: Path, curves: Mapping[str, Sequence[tuple[int, float]]], net: RecurrentNet, x: F32) -> None:
    """Write the picture: ``curves`` (round, share of the variance left), ``x`` (T, n_in) a sequence with a cue."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for (name, curve), colour in zip(curves.items(), (COLOURS[0], COLOURS[2], COLOURS[1]), strict=True):
        left.plot(*zip(*curve, strict=True), label=WORDS[name], color=colour)
    left.set(yscale="log", xlabel="rounds", ylabel="share of the wave's variance left")
    left.set_title("a wave of one second is learned", fontsize=10)
    left.legend(fontsize=8)
    fast, slow = remembered(net, x)
    right.plot(fast, color=COLOURS[1], label="trace of the input: forgets in a few leaks")
    right.plot(slow, color=COLOURS[0], label="how the synapse moved its unit's threshold")
    right.set(xlabel="ms; the cue is over after 20", ylabel="share of its largest value")
    right.set_title("what one synapse keeps of a cue", fontsize=10)
    right.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def remembered(net: RecurrentNet, x: F32) -> tuple[Array, Array]:
    """Return both parts of the eligibility (T,) of the input synapse that moved its threshold most, at most 1."""
    w, p = net.arrays["w"], net.rule.params
    state, memory, z = alif.init(net.n_units), e_prop.init(*w.shape), np.zeros(net.n_units, np.float32)
    fast, slow, nothing = [], [], np.zeros_like(w)
    for frame in x:
        pre = np.concatenate((frame, z))
        state, z, slope = alif.step(net.neuron.params, state, define_drive(pre, w))
        memory, _ = e_prop.step(p, memory, nothing, pre, slope, np.zeros_like(z))
        fast.append(memory.pre_trace[: net.n_in])
        slow.append(memory.slow[: net.n_in])
    i, j = np.unravel_index(np.argmax(np.abs(slow[len(x) // 4])), slow[0].shape)
    parts = np.array([[a[i] for a in fast], [a[i, j] for a in slow]])
    fast_part, slow_part = parts / np.abs(parts).max(axis=1, keepdims=True)
    return fast_part, slow_part
