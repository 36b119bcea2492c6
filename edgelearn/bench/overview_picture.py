"""One picture of all systems: accuracy against what learning keeps, each beside its twin by back-propagation.

Points are numbered in the order of their accuracy; the numbers are told beside the picture, so that no name hides one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgelearn.bench.filters import COLOURS
from edgelearn.bench.table import Line

_KIB = 1024
_TICKS = (0.25, 1, 4, 16, 64, 256, 1024, 4096, 16384)  # KiB
_LEVELS = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)


def draw(path: Path, rows: Sequence[Line]) -> None:
    """Write the picture of the rows whose accuracy and memory are known."""
    from matplotlib.figure import Figure

    points = [(line, found) for line in rows if (found := line.point()) is not None]
    points.sort(key=lambda point: -point[1][1])
    figure = Figure(figsize=(11.5, max(4.8, 0.24 * len(points) + 0.8)), layout="constrained")
    axes, beside = figure.subplots(1, 2, width_ratios=(1.7, 1))
    for number, (_, (memory, accuracy, memory_bp, accuracy_bp)) in enumerate(points, 1):
        ours = _shown(accuracy)
        if memory_bp is not None and accuracy_bp is not None:
            theirs = _shown(accuracy_bp)
            axes.plot([memory, memory_bp], [ours, theirs], color=COLOURS[1], linewidth=0.8, zorder=1)
            axes.scatter(memory_bp, theirs, s=26, color=COLOURS[2], zorder=2)
        axes.scatter(memory, ours, s=130, color=COLOURS[0], edgecolor="white", linewidth=0.6, zorder=3)
        inside = {"ha": "center", "va": "center_baseline", "fontsize": 6.5, "color": "white"}
        axes.text(memory, ours, str(number), **inside, zorder=4)
    _scales(axes)
    beside.axis("off")
    for number, (line, found) in enumerate(points, 1):
        said = f"{number}  {found[1]:.3f}  {line.row.system}, {line.row.data}"
        beside.text(0, 1 - number / (len(points) + 1), said, fontsize=6.5, va="center")
    figure.savefig(path, dpi=110)


def _shown(accuracy: float) -> float:
    """Return where it is drawn: the scale has no end, so 0 and 1 stand at the border."""
    return min(max(accuracy, 0.02), 0.996)


def _scales(axes: Any) -> None:
    axes.set_xscale("log")
    axes.set_xticks([_KIB * kib for kib in _TICKS], map(_size, _TICKS))
    axes.set_yscale("logit")  # as much room for 0.98 as for 0.7
    axes.set_yticks(_LEVELS, [f"{level:g}" for level in _LEVELS])
    axes.minorticks_off()
    axes.tick_params(labelsize=8)
    axes.set_xlabel("memory that learning from one sample keeps, beside the weights")
    axes.set_ylabel("test accuracy, last epoch")
    axes.grid(alpha=0.2)
    for colour, label in ((COLOURS[0], "local learning"), (COLOURS[2], "the same net by back-propagation")):
        axes.scatter([], [], color=colour, label=label)
    axes.figure.legend(fontsize=8, loc="outside upper left", ncols=2, frameon=False)


def _size(kib: float) -> str:
    return f"{kib:g} KiB" if kib < _KIB else f"{kib / _KIB:g} MiB"
