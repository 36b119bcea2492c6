"""The picture of Krotov–Hopfield: what units become, with one pushed away and without, and how their norms settle."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.bench.filters import COLOURS
from edgelearn.types import F32

SIDE, ACROSS = 28, 5


def draw(path: Path, filters: Sequence[F32], norms: Mapping[str, Sequence[float]]) -> None:
    """Write the picture: weights (784, 25) and the median norm by epoch for each of the names of ``norms``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 4), layout="constrained")
    panels: Any = figure.subplots(1, len(filters) + 1)
    for panel, w, name in zip(panels, filters, norms, strict=False):
        reach = float(np.quantile(np.abs(w), 0.998))
        image = panel.imshow(_tiled(w), cmap="RdBu_r", vmin=-reach, vmax=reach)
        panel.set_title(f"25 of 100 units, {name}", fontsize=11)
        panel.axis("off")
        figure.colorbar(image, ax=panel, shrink=0.8)
    for (name, values), colour in zip(norms.items(), (COLOURS[0], COLOURS[2]), strict=True):
        panels[-1].plot(np.arange(1, len(values) + 1), values, label=name, color=colour)
    panels[-1].axhline(1, color="black", linestyle=":")
    panels[-1].set(
        title="units that win come to norm 1", xlabel="epochs (MNIST 10k)", ylabel="median norm", yscale="log"
    )
    panels[-1].legend(frameon=False)
    figure.savefig(path, dpi=110)


def _tiled(w: F32) -> F32:
    """Return 25 images side by side, 0 between them."""
    images = np.pad(w.T.reshape(ACROSS, -1, SIDE, SIDE), ((0, 0), (0, 0), (1, 1), (1, 1)))
    wide = images.shape[2]
    return images.swapaxes(1, 2).reshape(ACROSS * wide, -1)
