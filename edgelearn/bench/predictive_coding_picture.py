"""The picture of predictive coding: errors that spread down, how far from the gradient that leads, learning curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgelearn.types import F64

COLOURS = {"fixed": "#1f6f8b", "standard": "#d98f4e", "incremental": "#b2182b", "frozen": "#999999"}
SHADES = ("#b7d3dc", "#6fa5b6", "#1f6f8b")  # layers, from the input up


def draw(path: Path, settling: Mapping[str, tuple[F64, F64]], curves: Mapping[str, Sequence[float]]) -> None:
    """Write the picture.

    ``settling`` maps a variant to the energies (steps + 1, L) and cosines (steps + 1, L) of a net of 3 layers,
    ``curves`` to the accuracy after each epoch.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    energy, cosine, learning = figure.subplots(1, 3)
    _energy(energy, settling["standard"][0])
    for variant, (_, cosines) in settling.items():
        cosine.plot(cosines[:, 0], label=variant, color=COLOURS[variant])
    cosine.set(
        xlabel="step of relaxation", ylim=(-1.05, 1.05),
        title="first layer: cosine of its change\nto the gradient of back-propagation",
    )  # fmt: skip
    for variant, points in curves.items():
        dashes = "--" if variant == "standard" else "-"  # it lies on the first
        learning.plot(range(1, len(points) + 1), points, dashes, label=variant, color=COLOURS[variant])
    learning.set(
        xlabel="epochs", ylabel="accuracy on the test images", title="MNIST 60k, 784-300-10, one seed"
    )
    for axes in (energy, cosine, learning):
        axes.legend(frameon=False, fontsize=9)
    figure.savefig(path, dpi=110)


def _energy(axes: Any, energies: F64) -> None:
    """Draw the energies of the layers on top of each other, the last lowest: it starts with all of it."""
    layers = energies.shape[1]
    axes.stackplot(
        range(len(energies)),
        energies.T[::-1],
        labels=[f"layer {k}" for k in range(layers, 0, -1)],
        colors=SHADES[::-1],
    )
    axes.set(
        xlabel="step of relaxation", ylabel="half the squared error of a sample",
        title="standard: the prediction error falls,\nand spreads down the layers",
    )  # fmt: skip
