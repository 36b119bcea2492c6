"""The picture of spiking units: what they stand for, one image in spikes, and accuracy while they learn."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.bench.filters import tiled
from edgelearn.kernels.order import drive
from edgelearn.kernels.spikes import draw as draw_spikes
from edgelearn.systems.diehl_cook import DiehlCook
from edgelearn.types import F32, Array


def draw(path: Path, net: DiehlCook, image: F32, curve: Sequence[tuple[int, float]]) -> None:
    """Write the picture; ``curve`` has images learned and accuracy."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 5), layout="constrained")
    fields, spikes, learning = figure.subplots(1, 3)
    side = math.isqrt(net.n_pre)
    fields.imshow(tiled(net.w, (side, side, 1)), cmap="gray")
    fields.set_title("weights of each unit", fontsize=11)
    fields.axis("off")
    _spikes(spikes, net, image)
    learning.plot(*zip(*curve, strict=True), marker="o", color="#1f6f8b")
    learning.set(xscale="log", ylim=(0, 1), xlabel="images learned", ylabel="accuracy on the test images")
    learning.set_title(f"{net.n_post} units, one pass", fontsize=11)
    learning.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def _spikes(axes: Any, net: DiehlCook, image: F32) -> None:
    inputs, units = raster(net, image)
    axes.scatter(*np.nonzero(inputs), s=0.5, color="#999999", label="pixels")
    steps, which = np.nonzero(units)
    axes.scatter(steps, net.n_pre + 40 + which * 300 / net.n_post, s=12, color="#b2182b", label="units")
    axes.set(xlabel="ms", yticks=(), title="one image in spikes")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(0, 0.65), fontsize=8)


def raster(net: DiehlCook, image: F32) -> tuple[Array, Array]:
    """Return the spikes of pixels (steps, n_pre) and units (steps, n_post) as `DiehlCook.counts` first meets them."""
    show, kernel, params = net.show, net.neuron.kernel, net.neuron.still
    active, n_active = np.empty((show.steps, net.n_pre), np.int32), np.empty(show.steps, np.int32)
    chance = image * show.rate * np.float32(65536) + np.float32(0.5)
    draw_spikes(chance.astype(np.uint64), net.seed, 0, active, n_active)
    inputs, units = (
        np.zeros((show.steps, net.n_pre), np.float32),
        np.zeros((show.steps, net.n_post), np.float32),
    )
    state = net.neuron.init(net.n_post)._replace(theta=np.array(net.theta))
    u, slope = np.empty(net.n_post, np.float32), np.empty(net.n_post, np.float32)
    for t in range(show.steps):
        inputs[t, active[t, : n_active[t]]] = 1
        drive(inputs[t], net.w, u)
        kernel(u, units[t], slope, *state, *params)
    return inputs, units
