"""From a signal through the faults to what the sensor gives, a block of samples at a time.

Rule 1: each fault draws its own numbers, named by its class and how many of that class stand before it: a fault more
changes the draws of no other class. Rule 2: what comes out does not depend on the size of the blocks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from edgelearn.emulator.sensors.block import Block, Instants, Run, Work
from edgelearn.emulator.sensors.draws import Draws
from edgelearn.emulator.sensors.faults.base import TimeFault, ValueFault
from edgelearn.emulator.sensors.signals import Signal
from edgelearn.errors import ConfigError
from edgelearn.types import F64, I64, Array

BLOCK = 4096  # samples
Fault: TypeAlias = TimeFault | ValueFault


def checked(faults: object) -> tuple[Fault, ...]:
    """Return the faults; raises ConfigError unless it is a list of them."""
    if not isinstance(faults, Sequence) or isinstance(faults, str):
        raise ConfigError(f"faults is a list such as [Dropout(rate=0.1)], not {faults!r}")
    for fault in faults:
        if not isinstance(fault, TimeFault | ValueFault):
            hint = "; give it its values in brackets" if isinstance(fault, type) else ""
            raise ConfigError(f"{fault!r} is no fault such as Dropout(rate=0.1){hint}")
    return tuple(faults)


@dataclass(frozen=True)
class Stream:
    """A sensor's samples; ``samples`` is where the signal ends, None for never. Raises ConfigError as the faults do."""

    signal: Signal
    rate_hz: float
    channels: int
    samples: int | None
    faults: tuple[Fault, ...]
    seed: int

    def __post_init__(self) -> None:
        for fault, run in self._runs():
            fault.begin(run)

    def blocks(self, size: int = BLOCK) -> Iterator[Block]:
        """Yield all samples from the first on, ``size`` at a time and what is left at the end."""
        see = self.signal.begin(self._run("signal", 0))
        clock = _Clock([f.begin(run) for f, run in self._runs() if isinstance(f, TimeFault)], self.rate_hz)
        acts = [(type(f).__name__, f.begin(run)) for f, run in self._runs() if isinstance(f, ValueFault)]
        start, more = 0, True
        while more:
            instants = clock.instants(np.arange(start, start + size, dtype=np.int64))
            start += size
            if self.samples is not None:
                instants = _until(instants, self.samples)
                more = len(instants.index) == size
            if not len(instants.index):
                return
            seen = see(instants)
            lost = np.zeros(len(instants.index), bool)
            work = Work(instants.index, instants.time_s, seen.values, seen.labels, lost)
            touched = {name: np.zeros(len(lost), bool) for name, _ in acts}
            for name, act in acts:
                touched[name] |= act(work)
            yield self._given(work, touched)

    def _given(self, work: Work, touched: dict[str, Array]) -> Block:
        with np.errstate(over="ignore"):  # a fault may make infinity; a reader refuses it with the reason
            values = work.values.astype(np.float32)
        values[work.lost] = np.nan
        time_us = _us(work.time_s)
        return Block(
            work.index, time_us, _us(work.index / self.rate_hz), values, work.labels, work.lost, touched
        )

    def _runs(self) -> Iterator[tuple[Fault, Run]]:
        seen: dict[str, int] = {}
        for fault in self.faults:
            name = type(fault).__name__
            yield fault, self._run(name, seen.get(name, 0))
            seen[name] = seen.get(name, 0) + 1

    def _run(self, name: str, nth: int) -> Run:
        return Run(self.rate_hz, self.channels, Draws(self.seed, name, nth))


class _Clock:
    """The true instants of samples; never before the start, and never before the sample before."""

    def __init__(self, shifts: list[Callable[[I64], F64]], rate_hz: float) -> None:
        self._shifts, self._rate_hz = shifts, rate_hz
        self._last_s = 0.0

    def instants(self, index: I64) -> Instants:
        """Return when samples are taken, (n,); call it for one stretch after another."""
        time_s = index / self._rate_hz
        if not self._shifts:
            return Instants(index, time_s, index.astype(np.float64))
        late_s = sum((shift(index) for shift in self._shifts), np.zeros(len(index)))
        time_s = np.maximum.accumulate(np.maximum(time_s + late_s, self._last_s))
        self._last_s = float(time_s[-1])
        return Instants(index, time_s, time_s * self._rate_hz)


def _until(instants: Instants, samples: int) -> Instants:
    """Return what is taken before the signal ends, half a period behind its last sample, which holds till then."""
    count = int(np.searchsorted(instants.position, samples - 0.5))
    position = np.minimum(instants.position[:count], samples - 1)
    return Instants(instants.index[:count], instants.time_s[:count], position)


def _us(time_s: F64) -> I64:
    return np.rint(time_s * 1e6).astype(np.int64)
