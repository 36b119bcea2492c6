"""One picture of all systems: accuracy against what learning keeps, each beside its twin by back-propagation.

Points are numbered in the order of their accuracy; the numbers are told beside the picture, so that no name hides one.
Points that would hide each other share a mark, "5-7"; a twin that lies under a mark is a ring around it.
"""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.bench.filters import COLOURS
from edgelearn.bench.table import Line
from edgelearn.types import Array

_KIB = 1024
_TICKS = (0.25, 1, 4, 16, 64, 256, 1024, 4096, 16384)  # KiB
_LEVELS = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
_DPI, _NEAR = 110, 12  # points between two marks that can both be read
_MARK: dict[str, Any] = {
    "ha": "center", "va": "center_baseline", "fontsize": 6.5, "color": "white", "zorder": 4,
    "bbox": {"boxstyle": "round,pad=0.35,rounding_size=0.8", "facecolor": COLOURS[0], "edgecolor": "white"},
}  # fmt: skip


def draw(path: Path, rows: Sequence[Line]) -> None:
    """Write the picture of the rows whose accuracy and memory are known."""
    from matplotlib.figure import Figure

    points = [(line, found) for line in rows if (found := line.point()) is not None]
    points.sort(key=lambda point: -point[1][1])
    figure = Figure(figsize=(11.5, max(4.8, 0.24 * len(points) + 0.8)), dpi=_DPI, layout="constrained")
    axes, beside = figure.subplots(1, 2, width_ratios=(1.7, 1))
    ours = [(memory, _shown(accuracy)) for _, (memory, accuracy, _, _) in points]
    theirs = [(m, _shown(a)) if m and a is not None else None for _, (_, _, m, a) in points]
    for place, twin in zip(ours, theirs, strict=True):
        axes.plot(*zip(place, twin or place, strict=True), color=COLOURS[1], linewidth=0.8, zorder=1)
    _scales(axes)
    beside.axis("off")
    for number, (line, found) in enumerate(points, 1):
        said = f"{number}  {found[1]:.3f}  {line.row.system}, {line.row.data}"
        beside.text(0, 1 - number / (len(points) + 1), said, fontsize=6.5, va="center")
    figure.draw_without_rendering()  # now it is known where everything lies
    _marks(axes, ours, [twin for twin in theirs if twin is not None])
    figure.savefig(path)


def groups(places: Array, near: float) -> list[list[int]]:
    """Return the indices of places (n, 2) that lie within ``near`` of the first of their group, in their order."""
    found: list[list[int]] = []
    for k, place in enumerate(places):
        home = [group for group in found if np.hypot(*(places[group[0]] - place)) < near]
        if home:
            home[0].append(k)
        else:
            found.append([k])
    return found


def numbers(indices: Sequence[int]) -> str:
    """Return what a mark says of points 0, 1, …: "1", "5-7", "9,11-12"."""
    runs = groupby(enumerate(indices, 1), key=lambda pair: pair[1] - pair[0])
    ends = [(run[0][1] + 1, run[-1][1] + 1) for run in (list(pairs) for _, pairs in runs)]
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ends)


def _marks(axes: Any, ours: list[tuple[float, float]], theirs: list[tuple[float, float]]) -> None:
    """Mark the points (memory, accuracy) of systems and of their twins."""
    near, shown = _NEAR * _DPI / 72, axes.transData
    places = shown.transform(np.reshape(ours, (-1, 2)))
    together = groups(places, near)
    centres = [places[group].mean(axis=0) for group in together]
    for centre, group in zip(centres, together, strict=True):
        axes.text(*shown.inverted().transform(centre), numbers(group), **_MARK)
    for twin in theirs:
        under = [c for c in centres if np.hypot(*(shown.transform(twin) - c)) < near * 0.7]
        if under:
            around = shown.inverted().transform(under[0])
            axes.scatter(*around, s=330, facecolor="none", edgecolor=COLOURS[2], linewidth=1.6, zorder=3)
        else:
            axes.scatter(*twin, s=26, color=COLOURS[2], zorder=5)


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
    axes.set_xlabel("memory that learning from one sample keeps, beside the weights; with that of a readout")
    axes.set_ylabel("test accuracy, last epoch")
    axes.grid(alpha=0.2)
    twin = "the same net by back-propagation (a ring: in the same place)"
    for colour, label in ((COLOURS[0], "local learning"), (COLOURS[2], twin)):
        axes.scatter([], [], color=colour, label=label)
    axes.figure.legend(fontsize=8, loc="outside upper left", ncols=2, frameon=False)


def _size(kib: float) -> str:
    return f"{kib:g} KiB" if kib < _KIB else f"{kib / _KIB:g} MiB"
