"""One picture of all systems: accuracy against what learning keeps, each beside its twin by back-propagation."""

from collections.abc import Sequence
from pathlib import Path

from edgelearn.bench.filters import COLOURS
from edgelearn.bench.table import Line


def draw(path: Path, rows: Sequence[Line]) -> None:
    """Write the picture of the rows that have both figures."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 5.6), layout="constrained")
    axes = figure.subplots()
    points = [(line, found) for line in rows if (found := line.point()) is not None]
    for number, (line, (memory, ours, memory_bp, accuracy_bp)) in enumerate(
        sorted(points, key=lambda p: p[1][1])
    ):
        if memory_bp is not None and accuracy_bp is not None:
            axes.plot([memory, memory_bp], [ours, accuracy_bp], color=COLOURS[1], linewidth=0.8, zorder=1)
            axes.scatter(memory_bp, accuracy_bp, s=26, color=COLOURS[2], zorder=2)
        axes.scatter(memory, ours, s=40, color=COLOURS[0], zorder=3)
        axes.annotate(
            f"{line.row.system}, {line.row.data}", (memory, ours), (5, -11 if number % 2 else 5),
            textcoords="offset points", fontsize=6,
        )  # fmt: skip
    axes.scatter([], [], color=COLOURS[0], label="local learning")
    axes.scatter([], [], color=COLOURS[2], label="the same net by back-propagation")
    axes.set_xscale("log")
    axes.set_xlabel("bytes that learning from one sample keeps, beside the weights")
    axes.set_ylabel("test accuracy, last epoch")
    axes.grid(alpha=0.2)
    axes.legend(fontsize=8, loc="lower right")
    figure.savefig(path, dpi=110)
