"""The picture of LLS: its waves, how near to them each layer holds the classes, and what each layer alone is worth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgelearn.bench import bars
from edgelearn.bench.bars import AGAINST, LEARNED
from edgelearn.bench.images import Images
from edgelearn.bench.lls_training import Shares
from edgelearn.signals import synchrony
from edgelearn.systems.lls import LLS
from edgelearn.types import Array

UNITS = 120  # shown of each wave


class Shown(NamedTuple):
    """What is drawn: a trained dense network, images to ask it about, and what was right by epoch and by way."""

    net: LLS
    images: Images
    curve: Sequence[Shares]
    bars: Mapping[str, float]


def draw(path: Path, shown: Shown) -> None:
    """Write the picture: waves and cosines above, accuracy by epoch and at the end below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.6), layout="constrained")
    (waves, near), (learning, ends) = figure.subplots(2, 2)
    _waves(waves, shown.net.n_classes)
    _near(figure, near, shown)
    _curves(learning, shown.curve)
    bars.draw(ends, shown.bars, ("as drawn", "labels"))
    figure.savefig(path, dpi=110)


def cosines(net: LLS, images: Images) -> Array:
    """Return the mean cosine of the last layer's output with each wave (true class, wave), of the test images."""
    out, basis = net.features(images.x_test), net.basis(len(net.blocks) - 1)
    unit = out / np.linalg.norm(out, axis=1, keepdims=True) @ (basis / np.linalg.norm(basis, axis=0))
    return np.stack([unit[images.y_test == c].mean(axis=0) for c in range(net.n_classes)])


def _waves(panel: Any, n_classes: int) -> None:
    basis = synchrony.basis(n_classes, UNITS)
    panel.imshow(basis.T, cmap="gray", aspect="auto", interpolation="nearest", vmin=-1, vmax=1)
    panel.set(
        title=f"where each class should point: square waves, first {UNITS} units",
        xlabel="unit (white +1, black -1)",
        ylabel="class",
        yticks=range(n_classes),
    )


def _near(figure: Any, panel: Any, shown: Shown) -> None:
    found = cosines(shown.net, shown.images)
    drawn = panel.imshow(found, cmap="viridis", vmin=min(0.0, float(found.min())))
    figure.colorbar(drawn, ax=panel, label="mean cosine")
    ticks = range(shown.net.n_classes)
    panel.set(
        title="where the last layer points, test images",
        xlabel="wave of class",
        ylabel="true class",
        xticks=ticks,
        yticks=ticks,
    )


def _curves(panel: Any, curve: Sequence[Shares]) -> None:
    epochs, depth = np.arange(1, len(curve) + 1), len(curve[0].layers)
    for k in range(depth):
        shade = 0.35 + 0.65 * (k + 1) / depth
        values = [shares.layers[k] for shares in curve]
        panel.plot(
            epochs, values, marker="o", markersize=4, color=LEARNED, alpha=shade, label=f"layer {k + 1} alone"
        )
    panel.plot(
        epochs, [s.final for s in curve], "--", color=AGAINST, marker="o", markersize=4, label="softmax"
    )
    panel.set(title="every layer classifies, one seed", xlabel="epochs", ylabel="accuracy, 1,000 test images")
    panel.grid(alpha=0.2)
    panel.legend(frameon=False, fontsize=9, loc="lower right")
