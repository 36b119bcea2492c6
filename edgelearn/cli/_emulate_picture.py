"""``edgelearn emulate --picture``: memory and times of samples over the run, with the cap and the budget's lines."""

from pathlib import Path
from typing import TYPE_CHECKING

from edgelearn.errors import ConfigError
from edgelearn.evaluate.pictures import check_picture
from edgelearn.replacing import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from edgelearn.cli._emulate_run import Moment
    from edgelearn.emulator.device.result import Result

_MEMORY, _P50, _P99, _LIMIT, _CAP = "#0a9396", "#94d2bd", "#ca6702", "#9b2226", "#1d3557"
_LEAST_MS = 1e-4  # what a logarithmic axis can show


def draw(result: "Result", moments: "list[Moment]", path: Path) -> None:
    """Write the picture; raises ConfigError when it cannot be written, MissingExtraError without matplotlib."""
    check_picture(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6 if moments else 3.4), dpi=130, layout="constrained")
    parts = figure.subplots(2 if moments else 1, 1, squeeze=False, sharex=True)[:, 0]
    limits = result.budget.limits if result.budget else {}
    _memory(parts[0], result, limits.get("ram"))
    if moments:
        _times(parts[1], result, moments)
    parts[-1].set_xlabel("seconds")
    head = "ran to its end" if result.ok else f"stopped: {result.stopped} ({result.why})"
    parts[0].set_title(f"{result.profile.title}: {head}", loc="left", fontsize=11)
    try:
        with replacing(path) as partial:
            figure.savefig(partial, format=path.suffix[1:].lower())
    except OSError as error:
        raise ConfigError(f"cannot write the picture {path}: {error.strerror or error}") from error


def _memory(axes: "Axes", result: "Result", limit: float | None) -> None:
    seconds = [look.t_s for look in result.trace]
    axes.plot(seconds, [look.rss_bytes / 1e6 for look in result.trace], color=_MEMORY, lw=2, label="memory")
    axes.axhline(result.ram_cap_bytes / 1e6, color=_CAP, ls="--", lw=1.3, label="cap")
    if limit is not None:
        axes.axhline(limit / 1e6, color=_LIMIT, ls=":", lw=1.6, label="budget")
    axes.set_ylabel("MB resident")
    axes.set_ylim(bottom=0)
    _tidy(axes)


def _times(axes: "Axes", result: "Result", moments: "list[Moment]") -> None:
    """Draw what was measured here, and apart from it what is predicted for the board, which the budget is held to."""
    from matplotlib.ticker import LogLocator

    seconds = [moment.t_s for moment in moments]
    axes.plot(seconds, [moment.p50_ms for moment in moments], color=_P50, lw=1.5, label="p50 here")
    axes.plot(seconds, [moment.p99_ms for moment in moments], color=_P99, lw=1.5, label="p99 here")
    if "p99_ms" in result.predicted_latency:
        board = result.predicted_latency["p99_ms"]
        band = (max(board.low_s * 1e3, _LEAST_MS), max(board.high_s * 1e3, _LEAST_MS))
        axes.axhspan(*band, color=_P99, alpha=0.15, lw=0, label="p99 on the board, predicted")
    limits = result.budget.limits if result.budget else {}
    for name in ("p50_ms", "p99_ms", "max_ms"):
        if name in limits:
            axes.axhline(limits[name], color=_LIMIT, ls=":", lw=1.6, label=f"budget {name}")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.set_ylabel("ms a sample")
    _tidy(axes)


def _tidy(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e6e6", lw=0.8)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=8.5, loc="upper left", bbox_to_anchor=(1, 1))
