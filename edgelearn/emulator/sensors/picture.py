"""A sensor as a picture: what is true, what is read, and where each fault acted."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Block
from edgelearn.errors import ConfigError
from edgelearn.evaluate.pictures import COLOURS, check_picture
from edgelearn.replacing import replacing
from edgelearn.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from edgelearn.emulator.sensors.sensor import Sensor

MOST_CHANNELS = 4  # drawn, one under another: more cannot be read
RARE = 0.5  # share of the samples below which a fault is shaded as well
TRUE, READ = "#8d99ae", "#1d3557"


def draw(sensor: "Sensor", path: Path, seconds: float) -> None:
    """Write the picture of the first ``seconds``; what is read stands where the sensor's own clock puts it.

    Below, a lane a fault shows where it acted. Raises ConfigError when the file cannot be written, MissingExtraError
    without matplotlib.
    """
    bounds.positive("seconds", seconds)
    check_picture(path)
    from matplotlib.figure import Figure

    true, read = (_first(one, seconds) for one in (sensor.faultless(), sensor))
    channels, lanes = min(sensor.channels, MOST_CHANNELS), len(read.faults)
    heights = [1.7] * channels + [0.25 * lanes] * (lanes > 0)
    figure = Figure(figsize=(10, 1.2 + sum(heights)), dpi=130, layout="constrained")
    rows = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0].tolist()
    for c, axes in enumerate(rows[:channels]):
        axes.plot(true.stamp_us / 1e6, true.values[:, c], color=TRUE, lw=1.1, label="true")
        axes.plot(read.stamp_us / 1e6, read.values[:, c], color=READ, lw=1.1, label="as read")
        axes.set_ylabel(f"channel {c}")
        axes.spines[["top", "right"]].set_visible(False)
    _faults(rows, channels, read)
    rows[-1].set_xlabel("seconds, by the sensor's own clock")
    lost = f"{np.count_nonzero(read.lost)} of {len(read.lost)} samples lost"
    rows[0].set_title(f"{sensor.rate_hz:g} Hz, {lost}", loc="left", fontsize=11)
    rows[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    try:
        with replacing(path) as partial:
            figure.savefig(partial, format=path.suffix[1:].lower())
    except OSError as error:
        raise ConfigError(f"cannot write the picture {path}: {error.strerror or error}") from error


def _first(sensor: "Sensor", seconds: float) -> Block:
    return next(sensor.blocks(max(1, round(seconds * sensor.rate_hz))))


def _faults(rows: Sequence["Axes"], channels: int, read: Block) -> None:
    """Draw a lane a fault, and shade those that are rare across the channels."""
    for k, (name, acted) in enumerate(read.faults.items()):
        colour = COLOURS[k % len(COLOURS)]
        stretches = list(_stretches(acted, read))
        rows[-1].broken_barh(stretches, (k - 0.35, 0.7), color=colour, label=name)
        for axes in rows[:channels] if acted.mean() < RARE else ():
            axes.broken_barh(
                stretches, (0, 1), transform=axes.get_xaxis_transform(), color=colour, alpha=0.22, lw=0
            )
    if read.faults:
        rows[-1].set_yticks(range(len(read.faults)), list(read.faults), fontsize=8)
        rows[-1].set_ylim(len(read.faults) - 0.4, -0.6)
        rows[-1].spines[["top", "right"]].set_visible(False)


def _stretches(acted: Array, read: Block) -> Iterator[tuple[float, float]]:
    """Yield start and length, in seconds, of each stretch where a fault acted."""
    time_s = read.stamp_us / 1e6
    period_s = float(time_s[1] - time_s[0]) if len(time_s) > 1 else 1.0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], acted, [False]]).astype(np.int8)))
    for first, behind in edges.reshape(-1, 2):
        yield float(time_s[first]) - period_s / 2, float(behind - first) * period_s
