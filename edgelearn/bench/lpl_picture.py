"""The picture of LPL: who knows a moved digit, what a unit answers to it, how far views lie apart, what collapses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.bench.backprop import Backprop
from edgelearn.bench.images import Images
from edgelearn.bench.invariance import Distances, participation, readout, viewed
from edgelearn.systems.lpl import LPL
from edgelearn.systems.views import moved
from edgelearn.types import F32, Array

LEARNED, GREY, TWIN = "#1f6f8b", "#b0b0b0", "#d98f4e"
FAR, TRAINED, SHAPE, UNITS = 6, 3, (28, 28), 4  # pixels shown, pixels met while learning
WORDS = {
    "frozen": "as drawn", "learned": "LPL", "no_predict": "no\nprediction", "no_decorr": "no de-\ncorrelation",
    "no_hebb": "no\nHebb",
}  # fmt: skip


def draw(path: Path, nets: Mapping[str, LPL], twin: Backprop, images: Images) -> None:
    """Write the picture; ``nets`` by the names of WORDS, ``twin`` trained by labels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 7.6), layout="constrained")
    sides: Any = figure.subfigures(1, 2, width_ratios=(1.1, 1))
    left, right = sides
    shift, dimension = left.subplots(2, 1)
    _by_shift(shift, nets, twin, images)
    _dimensions(dimension, {name: participation(nets[name].features(images.x_test)) for name in WORDS})
    above, below = right.subfigures(2, 1)
    _answers(above, nets, images.x_test[:1000])
    _apart(below, {name: viewed(nets[name], images.x_test) for name in ("frozen", "learned")})
    figure.savefig(path, dpi=110)


def _by_shift(panel: Any, nets: Mapping[str, LPL], twin: Backprop, images: Images) -> None:
    pixels = range(-FAR, FAR + 1)
    tests = [_right(images.x_test, by) for by in pixels]
    panel.axvspan(-TRAINED, TRAINED, color="#f0f0f0")
    taught = [twin.accuracy(x, images.y_test) for x in tests]
    panel.plot(pixels, taught, "o-", color=TWIN, label="backprop, labels of moved digits too")
    for name, colour in (("learned", LEARNED), ("frozen", GREY)):
        found = [readout(nets[name], images, x) for x in tests]
        panel.plot(pixels, found, "o-", color=colour, label=f"{WORDS[name]}, labels of centred digits")
    panel.set(
        ylim=(0, 1), xlabel="pixels to the right (grey: shifts met while learning)", ylabel="test accuracy"
    )
    title = "A readout of centred digits knows moved ones only on learned features"
    panel.set_title(title, fontsize=10)
    panel.legend(frameon=False, loc="lower center", fontsize=8)


def _dimensions(panel: Any, found: Mapping[str, float]) -> None:
    colours = [LEARNED if name == "learned" else GREY for name in found]
    bars = panel.bar([WORDS[name] for name in found], list(found.values()), color=colours, width=0.6)
    panel.bar_label(bars, fmt="%.1f", fontsize=8)
    panel.set(ylabel="directions that 500 units use")
    panel.set_title("Without decorrelation one direction is left; without Hebb none", fontsize=10)


def _answers(part: Any, nets: Mapping[str, LPL], x: F32) -> None:
    """Show units of layer 3 over all shifts of the digit they like best."""
    part.suptitle("Units of layer 3: answer to their best digit, moved up to 6 pixels every way", fontsize=10)
    rows = part.subplots(2, UNITS)
    for row, name in zip(rows, ("frozen", "learned"), strict=True):
        for panel, answer in zip(row, answers(nets[name], x), strict=True):
            panel.imshow(answer, cmap="viridis", vmin=0, extent=(-FAR - 0.5, FAR + 0.5) * 2)
            panel.set(xticks=(), yticks=())
        row[0].set_ylabel(WORDS[name])


def answers(net: LPL, x: F32) -> Array:
    """Return the answers (UNITS, shifts, shifts) of the liveliest units of the last layer, the largest 1."""
    seen = net.features(x)
    grid = np.arange(-FAR, FAR + 1)
    down, right = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    found = []
    for unit in np.argsort(-seen.std(axis=0))[:UNITS]:
        best = np.repeat(x[seen[:, unit].argmax()][None], len(down), axis=0)
        answer = net.features(moved(best, SHAPE, down, right))[:, unit]
        found.append(answer.reshape(len(grid), len(grid)) / answer.max())
    return np.stack(found)


def _apart(part: Any, found: Mapping[str, Distances]) -> None:
    part.suptitle("Distance of two views in layer 3 (mean of two images = 1)", fontsize=10)
    bins = np.linspace(0, 2, 60)
    for panel, (name, d) in zip(part.subplots(2, 1, sharex=True), found.items(), strict=True):
        scale = d.between.mean()
        panel.hist(d.between / scale, bins, color=GREY, label="of two images")
        panel.hist(d.within / scale, bins, color=LEARNED, alpha=0.75, label="of one image")
        panel.set(yticks=(), ylabel=f"{WORDS[name]}: {d.ratio:.2f}")
        panel.legend(frameon=False, fontsize=8)


def _right(x: F32, by: int) -> F32:
    return moved(x, SHAPE, np.zeros(len(x), np.int64), np.full(len(x), by))
