"""The picture of TESS: learning curves, the trace a delayed cue needs, one cue in spikes, traces and local signal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.bench import delayed_cue
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.systems.s_tllr.traces import signals
from edgelearn.types import Array

WORDS = {
    "kappa": ("TESS, kappa 100", "#1f6f8b"),
    "tess": ("TESS as published", "#e08214"),
    "bptt": ("BPTT", "#b2182b"),
    "frozen": ("frozen", "#999999"),
}
SHOWN = 40  # units


def draw(
    path: Path,
    curves: Mapping[str, Sequence[tuple[int, float]]],
    over_lambda: Sequence[tuple[float, float]],
    frozen: float,
    net: SpikingNet,
) -> None:
    """Write the picture: ``curves`` (epoch, accuracy), ``frozen`` and ``net`` of the delayed cue, at its start."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 8), layout="constrained")
    (learning, cue), (kept, heard) = figure.subplots(2, 2)
    for name, (label, colour) in WORDS.items():
        dashes = "--" if name == "bptt" else "-"  # it lies on kappa's
        learning.plot(
            *zip(*curves[name], strict=True), dashes, marker="o", markersize=3, label=label, color=colour
        )
    learning.set(
        xlabel="epochs", ylabel="accuracy on the test images", title="rate-coded MNIST, 10k, one seed"
    )
    learning.legend(frameon=False)
    cue.plot(*zip(*over_lambda, strict=True), marker="o", color="#e08214", label="TESS as published")
    cue.axhline(frozen, color="#999999", label="frozen")
    cue.axhline(1 / delayed_cue.CLASSES, color="#999999", linestyle=":", label="chance")
    cue.set(
        xlabel="trace of the input kept per step",
        ylim=(0, 1.02),
        title="delayed cue, 8 classes: a short trace is worse than no learning",
    )
    cue.legend(frameon=False)
    x, y = delayed_cue.draw(np.random.default_rng(0), 1)
    _traces(kept, x[:, 0], int(y[0]), float(net.rule.params.lam_pre))
    _signal(heard, local(net, x, y), net.late)
    figure.savefig(path, dpi=110)


def local(net: SpikingNet, x: Array, y: Array) -> Array:
    """Return what a layer's units hear (T, n_post) of one sequence x (T, 1, n_in): 0 before the loss begins."""
    w, now, found = net.synapses(), net.rest(1), []
    for t, frame in enumerate(x):
        now, _ = net.advance(w, now, frame)
        heard = signals(net, w, now, net.error(now[-1].out, y), y)[0][0]
        found.append(-heard if t >= len(x) - net.late else np.zeros_like(heard))
    return np.array(found)


def _traces(axes: Any, spikes: Array, label: int, lam_pre: float) -> None:
    channels = delayed_cue.CHANNELS // delayed_cue.CLASSES
    own = slice(label * channels, (label + 1) * channels)
    trace, found = np.zeros(spikes.shape[1]), []
    for frame in spikes:
        trace = lam_pre * trace + frame
        found.append(trace)
    traces = np.array(found)
    axes.scatter(*np.nonzero(spikes), s=14, color="#999999", label="input spikes")
    axes.set(
        xlabel="step",
        ylabel="input channel",
        title=f"one cue: spikes (last row asks), and traces that keep {lam_pre:g}",
    )
    beside = axes.twinx()
    beside.plot(traces[:, own].mean(axis=1), color="#1f6f8b", label="trace of the cue's channels")
    others = np.delete(traces[:, : delayed_cue.CHANNELS], own, axis=1)
    beside.plot(others.mean(axis=1), color="#e08214", label="trace of all others")
    beside.set(ylabel="mean trace", ylim=(0, None))
    beside.legend(frameon=False, loc="center right")


def _signal(axes: Any, heard: Array, late: int) -> None:
    first, most = len(heard) - late, np.abs(heard).max()
    image = axes.imshow(
        heard[:, :SHOWN].T, aspect="auto", cmap="RdBu_r", vmin=-most, vmax=most, interpolation="none"
    )
    axes.axvline(first - 0.5, color="#999999", linestyle=":")
    axes.set(
        xlabel="step",
        ylabel="unit of the hidden layer",
        title=f"what units hear before they learn: labels from step {first} on",
    )
    axes.figure.colorbar(image, ax=axes, label="third factor")
