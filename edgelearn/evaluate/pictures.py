"""An evaluation as a picture: accuracy along the stream, or after each step beside the accuracy matrix."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgelearn.errors import ConfigError, MissingExtraError
from edgelearn.evaluate.study import Row, Study
from edgelearn.replacing import check_replaceable, replacing
from edgelearn.types import F64

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg")
COLOURS = ("#0a9396", "#ca6702", "#5a4fcf", "#9b2226", "#2a6f97", "#7f7f00", "#b5179e")
CONTROLS = {  # name: words, colour, dashes
    "offline": ("offline, all at once", "#1d3557", (6, 3)),
    "frozen": ("frozen after the first part", "#8d99ae", (3, 2)),
    "no_change": ("repeats the last label", "#8d99ae", (1, 2)),
}
POINTS = 2000  # of a curve: more cannot be seen


def check_picture(path: Path) -> None:
    """Raise before any work: ConfigError for a format, folder or place, MissingExtraError without matplotlib."""
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"a picture ends in {' or '.join(FORMATS)}; {path.name} does not")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent} for the picture; make it first")
    check_replaceable(path)
    if find_spec("matplotlib") is None:
        raise MissingExtraError("a picture needs matplotlib: pip install 'edgelearn[plot]'")


def draw(study: Study, path: Path) -> None:
    """Write the picture of a study; the file's ending says PNG or SVG. Raises ConfigError when it cannot."""
    check_picture(path)
    from matplotlib.figure import Figure

    best = max(study.rows, key=lambda row: row.mean("accuracy"))
    matrix = seen(study, best)
    wide = matrix is not None and len(matrix) > 1
    figure = Figure(figsize=(12 if wide else 9, 5.2), dpi=130, layout="constrained")
    parts = figure.subplots(1, 2 if wide else 1, squeeze=False, width_ratios=(1.5, 1) if wide else None)[0]
    _curves(parts[0], study)
    if wide and matrix is not None:
        _matrix(parts[1], matrix, best.name)
    try:
        with replacing(path) as partial:
            figure.savefig(partial, format=path.suffix[1:].lower())
    except OSError as error:
        raise ConfigError(f"cannot write the picture {path}: {error.strerror or error}") from error


def seen(study: Study, row: Row) -> F64 | None:
    """Return the accuracy matrix (T, T) with NaN where classes were tested before they were learned."""
    matrix = row.matrix
    if matrix is None or study.plan.protocol != "class-incremental":
        return matrix
    return np.where(np.tri(len(matrix), dtype=bool), matrix, np.nan)


def _curves(axes: "Axes", study: Study) -> None:
    stream = study.plan.protocol == "prequential"
    for name, row in study.controls.items():
        words, colour, dashes = CONTROLS[name]
        label = f"{words}  {row.mean('accuracy'):.3f}"
        if stream or name == "frozen":
            _line(axes, row, label, stream, color=colour, dashes=dashes, lw=1.3)
        else:
            axes.axhline(row.mean("accuracy"), label=label, color=colour, dashes=dashes, lw=1.3)
    for k, row in enumerate(study.rows):
        colour = COLOURS[k % len(COLOURS)]
        _line(axes, row, f"{row.name}  {row.mean('accuracy'):.3f}", stream, color=colour, lw=2.2)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("accuracy, sliding window" if stream else "accuracy on what was met so far")
    things = "domains" if study.plan.protocol == "domain" else "steps"
    axes.set_xlabel("samples" if stream else f"{things} learned")
    axes.set_title(f"{study.plan.protocol}, {len(study.classes)} classes", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e6e6", lw=0.8)
    axes.set_axisbelow(True)
    axes.figure.legend(loc="outside lower left", ncols=4, frameon=False, fontsize=8.5)


def _line(axes: "Axes", row: Row, label: str, stream: bool, **look: Any) -> None:
    curves = np.stack([outcome.curve for outcome in row.outcomes])
    shown = np.unique(np.linspace(0, curves.shape[1] - 1, POINTS).astype(np.int64))
    curves = curves[:, shown]
    mark = None if stream else "o"
    (line,) = axes.plot(shown + 1, curves.mean(axis=0), label=label, marker=mark, ms=3.5, **look)
    if len(curves) > 1 and not stream:
        mean, std = curves.mean(axis=0), curves.std(axis=0, ddof=1)
        axes.fill_between(shown + 1, mean - std, mean + std, color=line.get_color(), alpha=0.12, lw=0)
    if not stream:
        axes.set_xticks(shown[:: 1 + (len(shown) - 1) // 12] + 1)


def _matrix(axes: "Axes", matrix: F64, name: str) -> None:
    axes.imshow(matrix, vmin=0, vmax=1, cmap="GnBu")
    if len(matrix) <= 12:
        for (i, j), value in np.ndenumerate(matrix):
            if not np.isnan(value):
                colour = "white" if value > 0.6 else "#333333"
                axes.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
    ticks = np.arange(0, len(matrix), 1 + (len(matrix) - 1) // 12)
    axes.set_xticks(ticks, ticks + 1)
    axes.set_yticks(ticks, ticks + 1)
    axes.set_xlabel("tested on")
    axes.set_ylabel("after learning")
    axes.set_title(f"{name}: accuracy matrix", loc="left", fontsize=11)
