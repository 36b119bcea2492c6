"""Windows of a sensor as a source: samples for a learner, and what was lost said where it is missing.

>>> for item in sensor.windows(100, 50):
...     if isinstance(item, Sample):
...         learner.learn_one(item.x, item.label)

Rule: where the sensor has a clock, a window comes once its last sample was taken. A `Pause` says how long that is, and
whoever drives may sleep on the clock; if nobody did, the clock is moved on to then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edgelearn import bounds
from edgelearn.sources.base import Item, Missed, Pause
from edgelearn.types import F32, I64, Array, Sample

if TYPE_CHECKING:
    from edgelearn.emulator.sensors.sensor import Sensor


@dataclass(frozen=True)
class SensorWindows:
    """Windows (window,) float32 or, of several channels, (window, channels), each ``hop`` samples.

    The id counts the windows made, the label is that of the last sample, the time is that of the first sample by the
    sensor's own clock, in seconds since its start. A window that lacks a sample is not given: a `Missed` counts those.
    """

    sensor: "Sensor"
    window: int
    hop: int

    def __post_init__(self) -> None:
        bounds.whole("window", self.window, 1)
        bounds.whole("hop", self.hop, 1)

    def __iter__(self) -> Iterator[Item]:
        clock = self.sensor.clock
        start_us = clock.now_us() if clock else 0
        missed = 0
        for number, cut in enumerate(self._cuts()):
            ready_us = start_us + int(cut.time_us[-1])
            if clock and clock.now_us() < ready_us:
                yield Pause((ready_us - clock.now_us()) / 1e6)
                clock.until(ready_us)
            if cut.lost.any():
                missed += 1
                continue
            if missed:
                yield _missed(missed)
                missed = 0
            x = cut.values[:, 0] if self.sensor.channels == 1 else cut.values
            yield Sample(number, x.copy(), cut.labels[-1], float(cut.stamp_us[0]) / 1e6)
        if missed:
            yield _missed(missed)

    def _cuts(self) -> Iterator["_Stretch"]:
        """Yield the samples of each window, whole ones only."""
        kept: _Stretch | None = None
        start = 0  # of the next window, in what is kept
        for block in self.sensor.blocks():
            new = _Stretch(block.time_us, block.stamp_us, block.values, block.labels, block.lost)
            kept = new if kept is None else _joined(kept, new)
            while start + self.window <= len(kept.lost):
                yield _Stretch._make(part[start : start + self.window] for part in kept)
                start += self.hop
            passed = min(start, len(kept.lost))
            kept = _Stretch._make(part[passed:] for part in kept)
            start -= passed


class _Stretch(NamedTuple):
    time_us: I64  # (n,)
    stamp_us: I64  # (n,)
    values: F32  # (n, channels)
    labels: Array  # (n,)
    lost: Array  # (n,) bool


def _joined(first: _Stretch, second: _Stretch) -> _Stretch:
    pairs: Iterator[tuple[Array, Array]] = zip(first, second, strict=True)
    return _Stretch._make(np.concatenate(pair) for pair in pairs)


def _missed(count: int) -> Missed:
    return Missed(count, f"{count} windows lack samples that the sensor lost")
