"""The picture of a system that learns filters: what they look like, and what they are worth beside random ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.types import F32, Array

GAP = 1  # pixels between filters
COLOURS = ("#1f6f8b", "#b0b0b0", "#d98f4e")


def draw(
    path: Path,
    filters: Sequence[tuple[str, F32, tuple[int, int, int]]],
    bars: Mapping[str, Sequence[float]],
    bar_names: Sequence[str],
) -> None:
    """Write a picture: a panel of filters for each (title, w (n_pre, n_post), shape of a filter), then the bars.

    ``bars`` maps a title to a value for each of ``bar_names``, or the first of them.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * (len(filters) + 1), 4.2), layout="constrained")
    panels: Any = figure.subplots(1, len(filters) + 1)
    for panel, (title, w, shape) in zip(panels, filters, strict=False):
        panel.imshow(tiled(w, shape), cmap="gray")
        panel.set_title(title, fontsize=9)
        panel.axis("off")
    _bars(panels[-1], bars, bar_names)
    figure.savefig(path, dpi=110)


def tiled(w: F32, shape: tuple[int, int, int]) -> Array:
    """Return the filters of w (n_pre, n_post), each of ``shape`` (height, width, channels), side by side in [0, 1]."""
    height, width, channels = shape
    n = w.shape[1]
    across = int(np.ceil(np.sqrt(n)))
    canvas = np.ones((-(-n // across) * (height + GAP), across * (width + GAP), channels))
    for k in range(n):
        image = w[:, k].reshape(shape)
        image = (image - image.min()) / (np.ptp(image) or 1)
        y, x = k // across * (height + GAP), k % across * (width + GAP)
        canvas[y : y + height, x : x + width] = image
    return canvas


def _bars(panel: Any, bars: Mapping[str, Sequence[float]], bar_names: Sequence[str]) -> None:
    width = 0.8 / len(bar_names)
    for k, (name, colour) in enumerate(zip(bar_names, COLOURS, strict=True)):
        values = [row[k] if k < len(row) else np.nan for row in bars.values()]
        drawn = panel.bar(np.arange(len(values)) + k * width, values, width, label=name, color=colour)
        panel.bar_label(drawn, fmt="%.3f", fontsize=6)
    titles = [title.replace(", ", "\n") for title in bars]
    panel.set_xticks(np.arange(len(bars)) + width, titles, fontsize=7)
    panel.set_ylim(0, 1.15)
    panel.set_ylabel("test accuracy of a linear readout", fontsize=8)
    panel.legend(fontsize=7, loc="upper center", ncols=len(bar_names))
