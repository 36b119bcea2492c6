"""Samples that never arrive, and values that stay where they were."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Run, Work
from edgelearn.emulator.sensors.faults.base import ValueFault
from edgelearn.emulator.sensors.faults.bursts import Bursts
from edgelearn.errors import ConfigError
from edgelearn.types import F64, Array


@dataclass(frozen=True)
class Dropout(ValueFault):
    """A share ``rate`` of the samples is lost, in bursts of ``mean_length`` samples; see `Bursts`."""

    rate: float
    mean_length: float | None = None

    def __post_init__(self) -> None:
        Bursts(self.rate, self.mean_length)

    def begin(self, run: Run) -> Callable[[Work], Array]:
        """Return the loss; values that are lost stay for the faults behind it, and are never read."""
        states = Bursts(self.rate, self.mean_length).begin(run)

        def act(work: Work) -> Array:
            lost = states(work.index)
            work.lost |= lost
            return lost

        return act


@dataclass(frozen=True)
class StuckAt(ValueFault):
    """All channels stay at the last value before, or at ``value``: in bursts (``rate``, ``mean_length`` in samples; see
    `Bursts`), or once, ``for_s`` seconds from ``at_s`` on.

    Raises ConfigError for both or neither.
    """

    rate: float | None = None
    mean_length: float | None = None
    at_s: float | None = None
    for_s: float = float("inf")
    value: float | None = None

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.at_s is None):
            raise ConfigError("StuckAt takes either rate (and mean_length), or at_s (and for_s)")
        if self.rate is not None:
            Bursts(self.rate, self.mean_length)
        if self.at_s is not None:
            bounds.at_least("at_s", self.at_s, 0)
        if not self.for_s > 0:
            raise ConfigError(f"for_s must be above 0, not {self.for_s!r}")
        if self.value is not None:
            bounds.finite("value", self.value)

    def begin(self, run: Run) -> Callable[[Work], Array]:
        """Return the hold; before the first sample there is none, so that one is held then."""
        stuck_at = self._when(run)
        last: F64 | None = None

        def act(work: Work) -> Array:
            nonlocal last
            stuck = stuck_at(work)
            if self.value is None:
                before = work.values[0] if last is None else last
                work.values = np.where(stuck[:, None], held(work.values, ~stuck, before), work.values)
                last = work.values[-1].copy()
            else:
                work.values[stuck] = self.value
            return stuck

        return act

    def _when(self, run: Run) -> Callable[[Work], Array]:
        if self.rate is not None:
            states = Bursts(self.rate, self.mean_length).begin(run)
            return lambda work: states(work.index)
        start_s = self.at_s or 0.0
        return lambda work: (work.time_s >= start_s) & (work.time_s < start_s + self.for_s)


def held(values: F64, good: Array, before: F64) -> F64:
    """Return values (n, channels) with each that is not ``good`` (n,) replaced by the last that was, or ``before``."""
    last = np.maximum.accumulate(np.where(good, np.arange(1, len(good) + 1), 0))
    filled: F64 = np.concatenate([before[None], values])[last]
    return filled
