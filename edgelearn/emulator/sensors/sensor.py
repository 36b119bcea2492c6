"""A sensor that can be had again: what was recorded, or is made, read with faults on a virtual clock.

>>> sensor = Sensor.play("walk.npz", label="activity", faults=[ClockDrift(ppm=40), Dropout(0.01, 5)], seed=7)
>>> for reading in sensor: ...
>>> for item in sensor.windows(100, 50): ...

Rule 1: the same seed gives the same bytes each time it is iterated, and on every machine where NumPy's float64 is that
of IEEE 754, as on x86-64 and arm64: nothing of ours asks a libm. Not in this are functions of your own, as signals or
drifts: an `np.sin` may differ in its last bit. Rule 2: true time and the sensor's own are two: a reading carries both.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Self

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.sensors.block import Block, Reading
from edgelearn.emulator.sensors.formats import Choice, Recorded, load
from edgelearn.emulator.sensors.hold import Hold, adc_value
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.emulator.sensors.signals import Function, Signal, TimeFunction
from edgelearn.emulator.sensors.stream import BLOCK, Fault, Stream, checked
from edgelearn.emulator.sensors.windows import SensorWindows
from edgelearn.errors import ConfigError
from edgelearn.types import F32, Array


class Sensor:
    """Made by `play` or `generate`. ``clock`` is one that passes as readings come; None for as fast as possible.

    Iterating it again begins again; its time 0 is when that begins.
    """

    def __init__(
        self, stream: Stream, clock: VirtualClock | None = None, full_scale: float | None = None
    ) -> None:
        if full_scale is not None:
            bounds.positive("full_scale", full_scale)
        self._stream, self._clock, self._full_scale = stream, clock, full_scale

    @classmethod
    def play(
        cls,
        recorded: Recorded | Recording,
        *,
        rate_hz: float | None = None,
        key: str | Sequence[str] | None = None,
        label: str | Array | None = None,
        time: str | None = None,
        item: int | None = None,
        loop: bool = False,
        faults: Sequence[Fault] = (),
        seed: int = 0,
        clock: VirtualClock | None = None,
        full_scale: float | None = None,
    ) -> Self:
        """Play a recording once, or in a ``loop``; see `recorded` for how one is chosen.

        Raises InputError for what is no recording, ConfigError for faults that do not fit it.
        """
        choice = Choice(rate_hz, key, label, time, item)
        if not isinstance(recorded, Recording):
            recorded = load(recorded, choice)
        elif given := [name for name, value in choice._asdict().items() if value is not None]:
            raise ConfigError(f"a Recording is chosen already; give {', '.join(given)} to Sensor.recorded")
        n, channels = recorded.values.shape
        stream = Stream(
            recorded, recorded.rate_hz, channels, None if loop else n, checked(faults), _seed(seed)
        )
        return cls(stream, clock, recorded.full_scale if full_scale is None else full_scale)

    @staticmethod
    def recorded(
        recorded: Recorded,
        *,
        rate_hz: float | None = None,
        key: str | Sequence[str] | None = None,
        label: str | Array | None = None,
        time: str | None = None,
        item: int | None = None,
    ) -> Recording:
        """Read a recording: an npz, CSV or WAV file, an array (n,) or (n, channels), or arrays by name.

        ``rate_hz`` where it does not say itself (npz: a number ``rate_hz`` or ``sample_rate``; CSV: a column ``time``);
        ``key``: array of an npz, column or columns of a CSV; ``label``: the array or column with labels, or the labels,
        one a sample or one an item; ``item``: one of a ragged recording (an array ``offset``), all in a row without.
        Raises InputError for what is not there, not clear or no recording.
        """
        return load(recorded, Choice(rate_hz, key, label, time, item))

    @classmethod
    def generate(
        cls,
        signal: Signal | TimeFunction,
        rate_hz: float,
        *,
        channels: int = 1,
        seconds: float | None = None,
        faults: Sequence[Fault] = (),
        seed: int = 0,
        clock: VirtualClock | None = None,
        full_scale: float | None = None,
    ) -> Self:
        """Make values from a function of time, seconds (n,) -> (n,) or (n, channels), or a signal of `generators`.

        It goes on for ``seconds``, or for ever. Raises ConfigError for impossible values.
        """
        bounds.positive("rate_hz", rate_hz)
        bounds.whole("channels", channels, 1)
        if seconds is not None:
            bounds.positive("seconds", seconds)
        if not isinstance(signal, Signal):
            if not callable(signal):
                raise ConfigError("a sensor generates from a function of time or a signal such as sine(50)")
            signal = Function(signal)
        samples = None if seconds is None else max(1, round(seconds * rate_hz))
        stream = Stream(signal, float(rate_hz), channels, samples, checked(faults), _seed(seed))
        return cls(stream, clock, full_scale)

    @property
    def rate_hz(self) -> float:
        """Samples a second, by the sensor's own clock."""
        return self._stream.rate_hz

    @property
    def channels(self) -> int:
        """Values of a reading."""
        return self._stream.channels

    @property
    def clock(self) -> VirtualClock | None:
        """The clock that readings wait for."""
        return self._clock

    def blocks(self, size: int = BLOCK) -> Iterator[Block]:
        """Yield the samples as arrays, ``size`` at a time, without waiting for the clock: the fastest way."""
        return self._stream.blocks(bounds.whole("size", size, 1))

    def __iter__(self) -> Iterator[Reading]:
        """Yield reading after reading; with a clock, each at its true time."""
        start_us = self._clock.now_us() if self._clock else 0
        for block in self.blocks():
            for reading in _readings(block):
                if self._clock:
                    self._clock.until(start_us + reading.time_us)
                yield reading

    def windows(self, window: int, hop: int | None = None) -> SensorWindows:
        """Return a source of windows of so many samples, each ``hop`` samples (by default: side by side)."""
        return SensorWindows(self, window, window if hop is None else hop)

    def at(self, time_us: int) -> F32:
        """Return the values (channels,) that were read last, at this time since the start; zeros before the first.

        What was lost is not read, so the value before it stays. Raises ConfigError for a time below 0.
        """
        return self._hold.at(bounds.whole("time_us", time_us, 0))

    def adc(self, time_us: int, channel: int = 0) -> int:
        """Return what a 16-bit converter reads there then, -32768 to 32767; ``full_scale`` is what reads as 32768.

        A channel that the sensor has not is an input with nothing on it, and reads 0: firmware may look at all of its
        inputs. Raises ConfigError for a channel below 0, or when no ``full_scale`` is known.
        """
        if self._full_scale is None:
            raise ConfigError("give the sensor full_scale=…, the value that a converter reads as 32768")
        if bounds.whole("channel", channel, 0) >= self.channels:
            return 0
        return adc_value(float(self.at(time_us)[channel]), self._full_scale)

    def plot(self, path: str | Path, seconds: float = 10.0) -> None:
        """Draw the first seconds, true and as read, as a PNG or SVG; raises as `picture.draw`."""
        from edgelearn.emulator.sensors.picture import draw

        draw(self, Path(path), seconds)

    def faultless(self) -> "Sensor":
        """Return the same sensor without faults and clock."""
        s = self._stream
        return Sensor(Stream(s.signal, s.rate_hz, s.channels, s.samples, (), s.seed), None, self._full_scale)

    @cached_property
    def _hold(self) -> Hold:
        size = min(BLOCK, max(64, ceil(self.rate_hz)))  # about a second: a board asks for little at first
        return Hold(lambda: self.blocks(size), self.channels)


def _seed(seed: int) -> int:
    return bounds.whole("seed", seed, 0)


def _readings(block: Block) -> Iterator[Reading]:
    names = list(block.faults)
    acted = np.stack([*block.faults.values(), block.lost], axis=1).tolist()
    rows = zip(
        block.index.tolist(), block.time_us.tolist(), block.stamp_us.tolist(), block.values,
        block.labels.tolist(), acted, strict=True,
    )  # fmt: skip
    for index, time_us, stamp_us, values, label, (*on, lost) in rows:
        faults = tuple(name for name, there in zip(names, on, strict=True) if there)
        yield Reading(index, time_us, stamp_us, None if lost else values, label, faults)
