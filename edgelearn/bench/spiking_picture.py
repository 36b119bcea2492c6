"""The picture of S-TLLR: learning curves, the trace a delayed cue needs, memory over time, one digit in spikes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.types import Array

WORDS = {"bp": ("S-TLLR", "#1f6f8b"), "bptt": ("BPTT", "#b2182b"), "frozen": ("frozen", "#999999")}


def draw(
    path: Path,
    curves: Mapping[str, Sequence[tuple[int, float]]],
    over_lambda: Sequence[tuple[float, float]],
    memory: Sequence[tuple[int, float, float]],
    digit: Array,
) -> None:
    """Write the picture: ``curves`` (epoch, accuracy), ``memory`` (T, S-TLLR, BPTT), ``digit`` spikes (T, n_in)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 8), layout="constrained")
    (learning, cue), (kept, raster) = figure.subplots(2, 2)
    for name, points in curves.items():
        label, colour = WORDS[name]
        dashes = "--" if name == "bptt" else "-"  # it lies on S-TLLR's
        learning.plot(*zip(*points, strict=True), dashes, marker="o", markersize=3, label=label, color=colour)
    learning.set(
        xlabel="epochs", ylabel="accuracy on the test images", title="rate-coded MNIST, 10k, one seed"
    )
    cue.plot(*zip(*over_lambda, strict=True), marker="o", color="#1f6f8b")
    cue.axhline(1 / 8, color="#999999", linestyle=":")
    cue.set(
        xlabel="trace of the input kept per step",
        ylim=(0, 1.02),
        title="delayed cue, 8 classes (dots: chance)",
    )
    steps, ours, theirs = zip(*memory, strict=True)
    kept.plot(steps, theirs, marker="o", label="BPTT", color="#b2182b")
    kept.plot(steps, ours, marker="o", label="S-TLLR", color="#1f6f8b")
    kept.set(xlabel="steps T", ylabel="numbers kept a sample", yscale="log", title="memory of learning")
    for axes in (learning, kept):
        axes.legend(frameon=False)
    units = _spikes(digit)
    raster.scatter(*np.nonzero(digit), s=1, color="#999999")
    raster.scatter(np.nonzero(units)[0], digit.shape[1] + np.nonzero(units)[1], s=3, color="#b2182b")
    raster.set(xlabel="step", yticks=(), title="one digit: pixels below, 400 units above")
    figure.savefig(path, dpi=110)


def _spikes(digit: Array) -> Array:
    """Return the spikes (T, 400) of units at their start."""
    net = SpikingNet((digit.shape[1], 400, 10))
    w, now, found = net.synapses(), net.rest(1), []
    for frame in digit.astype(np.float32):
        now, _ = net.advance(w, now, frame[None])
        found.append(now[0].out[0])
    return np.array(found)
