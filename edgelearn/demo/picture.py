"""The picture of the demo: accuracy over the stream, what arrived, the kill, and where it ended."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from edgelearn.demo.stream import Stream
from edgelearn.errors import ConfigError, MissingExtraError
from edgelearn.types import F64, I64

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg", ".pdf")
LOOK = {  # method: name, colour, line width, line style
    "offline": ("offline bound", "#1d3557", 1.4, "--"),
    "edgelearn": ("edgelearn", "#0a9396", 2.6, "-"),
    "softmax": ("online softmax", "#ca6702", 1.6, "-"),
    "frozen": ("frozen network", "#8d99ae", 1.6, "-"),
}
THUMBNAILS = 24  # digits drawn along the stream
PHASES = ("0–4, which the network knows", "5–9, one class at a time", "the camera turns")
SHADES = ("#f4f5f7", "#e8f3f1", "#fdf1e3")


class Story(NamedTuple):
    """What the picture tells; curves are accuracies on the held-out digits, turned as the camera is then."""

    stream: Stream
    seen: I64  # (k,) samples learned at each point of the curves
    curves: Mapping[str, F64]  # method -> (k,) accuracy over all ten classes
    upright: Mapping[str, float]  # method -> final accuracy
    turned: Mapping[str, float]
    killed_at: int  # samples learned
    resumed_at: int

    def before_drift(self, method: str) -> float:
        """Return the accuracy when every new class had come and the camera was still upright."""
        return float(self.curves[method][int(np.flatnonzero(self.seen == self.stream.drift_from)[0])])


def check_path(path: Path) -> None:
    """Raise before any work: ConfigError for a format or folder, MissingExtraError without matplotlib."""
    from importlib.util import find_spec

    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"a picture ends in {', '.join(FORMATS)}; {path.name} does not")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent} to write the picture into; make it first")
    if not os.access(path.absolute().parent, os.W_OK):
        raise ConfigError(
            f"the folder {path.absolute().parent} cannot be written to; give --picture another path"
        )
    if find_spec("matplotlib") is None:
        raise MissingExtraError("the picture needs matplotlib: pip install 'edgelearn[plot]'")


def draw(story: Story, path: Path) -> None:
    """Write the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 6.4), dpi=130, facecolor="white")
    FigureCanvasAgg(figure)
    main = figure.add_axes((0.055, 0.1, 0.66, 0.66))
    bars = figure.add_axes((0.83, 0.1, 0.15, 0.66))
    _phases(main, story)
    _curves(main, story)
    _kill(main, story)
    _thumbnails(main, story.stream)
    _bars(bars, story)
    figure.text(
        0.055, 0.945, "A frozen network meets digits it was never trained on", fontsize=17, weight="bold"
    )
    figure.text(
        *(
            0.055,
            0.905,
            "Accuracy on held-out digits of all ten classes, turned as the camera is at that moment",
        ),
        fontsize=11,
        color="#555555",
    )
    figure.savefig(path)


def _phases(axes: "Axes", story: Story) -> None:
    bounds = (0, story.stream.new_from, story.stream.drift_from, len(story.stream.y))
    for start, stop, name, shade in zip(bounds, bounds[1:], PHASES, SHADES, strict=False):
        axes.axvspan(start, stop, color=shade, zorder=0, linewidth=0)
        axes.text((start + stop) / 2, 1.025, name, ha="center", va="bottom", fontsize=10.5, color="#333333")
    axes.set_xlim(0, bounds[-1])
    axes.set_ylim(0, 1.02)
    axes.set_yticks(np.linspace(0, 1, 6), [f"{tick:.0%}" for tick in np.linspace(0, 1, 6)])
    axes.set_xlabel("samples learned, one at a time, each only once")
    axes.grid(axis="y", color="white", linewidth=1.2)
    _bare(axes)


def _curves(axes: "Axes", story: Story) -> None:
    for method, (name, colour, width, style) in LOOK.items():
        axes.plot(story.seen, story.curves[method], style, color=colour, linewidth=width, label=name)
    axes.legend(loc="lower left", frameon=False, fontsize=10.5, bbox_to_anchor=(0.1, 0.01))


def _kill(axes: "Axes", story: Story) -> None:
    axes.axvline(story.killed_at, color="#ae2012", linewidth=1.3, linestyle=":")
    axes.annotate(
        f"SIGKILL\nresumed from the save at {story.resumed_at}",
        *((story.resumed_at, 0.3), (story.killed_at + 12, 0.2)),
        color="#ae2012",
        fontsize=10,
        arrowprops={"arrowstyle": "->", "color": "#ae2012", "connectionstyle": "arc3,rad=0.35"},
    )


def _thumbnails(axes: "Axes", stream: Stream) -> None:
    at = np.linspace(0, len(stream.y), THUMBNAILS, endpoint=False) + len(stream.y) / THUMBNAILS / 2
    for position in at.astype(int):
        share = 1 / THUMBNAILS
        box = axes.inset_axes((position / len(stream.y) - share / 2, 1.075, share, 0.085))
        box.imshow(np.pad(stream.x[position], 1), cmap="gray_r", vmin=0, vmax=16, interpolation="bicubic")
        box.set_axis_off()


def _bars(axes: "Axes", story: Story) -> None:
    methods = list(LOOK)[::-1]
    for row, method in enumerate(methods):
        colour = LOOK[method][1]
        for value, offset, alpha in ((story.upright[method], 0.19, 1.0), (story.turned[method], -0.19, 0.55)):
            axes.barh(row + offset, value, height=0.34, color=colour, alpha=alpha)
            axes.text(value + 0.02, row + offset, f"{value:.0%}", va="center", fontsize=10, color="#333333")
    axes.set_yticks(range(len(methods)), [LOOK[method][0] for method in methods], fontsize=10.5)
    for text, method in zip(axes.get_yticklabels(), methods, strict=True):
        text.set_color(LOOK[method][1])
    axes.set_xlim(0, 1.15)
    axes.set_xticks([])
    axes.set_title(
        "at the end: upright (full)\nand turned (pale)", fontsize=10.5, color="#333333", loc="left"
    )
    _bare(axes)


def _bare(axes: Any) -> None:
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0)
