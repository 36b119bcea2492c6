"""The picture of Forward-Forward: how far apart each layer holds real and corrupted images, and what that is worth."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgelearn.bench import bars
from edgelearn.bench.bars import AGAINST, LEARNED
from edgelearn.types import Array


class Shown(NamedTuple):
    """What is drawn: by layer (two) the goodness (n,) of real and corrupted images; accuracy by epoch, and by way."""

    sides: Sequence[tuple[Array, Array]]
    curves: Mapping[str, Sequence[float]]
    bars: Mapping[str, float]


def draw(path: Path, shown: Shown) -> None:
    """Write the picture: a row of histograms, and below it the curves and the bars."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 7), layout="constrained")
    panels: Any = figure.subplots(2, len(shown.sides))
    for number, (panel, sides) in enumerate(zip(panels[0], shown.sides, strict=True), 1):
        _histograms(panel, f"layer {number}: images it never learned from", sides)
    _curves(panels[1][0], shown.curves)
    bars.draw(panels[1][1], shown.bars, ("as drawn", "no corrupted", "labels"))
    figure.savefig(path, dpi=110)


def _histograms(panel: Any, title: str, sides: tuple[Array, Array]) -> None:
    low, high = np.quantile(np.concatenate(sides), [0.002, 0.998])
    edges = np.linspace(low, high, 60)
    for values, label, colour in zip(sides, ("own label", "a wrong label"), (LEARNED, AGAINST), strict=True):
        panel.hist(values, edges, label=label, color=colour, alpha=0.65)
    panel.axvline(1, color="black", linestyle=":", label="as likely either")
    panel.set(title=title, xlabel="goodness: mean square of the units", ylabel="images")
    panel.set_ylim(top=1.3 * panel.get_ylim()[1])  # room for the legend
    panel.legend(framealpha=1, edgecolor="none", fontsize=9, ncols=3, loc="upper center")


def _curves(panel: Any, curves: Mapping[str, Sequence[float]]) -> None:
    for (label, values), colour in zip(curves.items(), (LEARNED, AGAINST), strict=True):
        panel.plot(np.arange(1, len(values) + 1), values, marker="o", markersize=4, label=label, color=colour)
    panel.set(
        title="learning, hard wrong labels, one seed", xlabel="epochs", ylabel="accuracy, 1,000 test images"
    )
    panel.grid(alpha=0.2)
    panel.legend(frameon=False, fontsize=9, loc="lower right")
