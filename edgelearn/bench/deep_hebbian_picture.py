"""The picture of Deep Hebbian: filters of digits and of colour images, and what it is worth to learn few or many."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgelearn.bench.filters import COLOURS, tiled
from edgelearn.types import F32

TITLES = (
    ("16 learned filters, MNIST", (7, 7, 1)),
    ("CIFAR-10 (JPEG)", (7, 7, 3)),
    ("CIFAR-10 (JPEG), whitened patches", (7, 7, 3)),
)


def draw(path: Path, filters: Sequence[F32], by_number: Mapping[int, tuple[float, float]]) -> None:
    """Write the picture: ``filters`` (n_patch, 16) for each of `TITLES`, and accuracies by their number."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 3.9), layout="constrained")
    panels: Any = figure.subplots(1, len(filters) + 1, width_ratios=[1] * len(filters) + [1.35])
    for panel, w, (title, shape) in zip(panels, filters, TITLES, strict=False):
        panel.imshow(tiled(w, shape), cmap="gray")
        panel.set_title(title, fontsize=11)
        panel.axis("off")
    numbers = list(by_number)
    for k, label in enumerate(("learned", "random")):
        values = [by_number[n][k] for n in numbers]
        panels[-1].plot(numbers, values, marker="o", label=label, color=COLOURS[k])
    panels[-1].set_xscale("log", base=2)
    panels[-1].set_xticks(numbers, [str(n) for n in numbers])
    panels[-1].set(
        title="learning pays where filters are few (MNIST 3k)",
        xlabel="filters of the first layer (second: 4 times as many)",
        ylabel="test accuracy, ridge",
    )
    panels[-1].grid(alpha=0.2)
    panels[-1].legend(frameon=False, loc="lower right")
    figure.savefig(path, dpi=110)
