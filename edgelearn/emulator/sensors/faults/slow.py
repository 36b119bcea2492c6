"""Drifts of what a value means: gain and offset, in a straight line of true time."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Run, Work
from edgelearn.emulator.sensors.faults.base import ValueFault
from edgelearn.types import F64, Array


@dataclass(frozen=True)
class _Drift(ValueFault):
    """Goes evenly to ``to`` in ``over_s`` seconds from ``at_s``, and stays."""

    to: float
    over_s: float
    at_s: float = 0.0

    def __post_init__(self) -> None:
        bounds.finite("to", self.to)
        check_ramp(self.at_s, self.over_s)

    @abstractmethod
    def bend(self, values: F64, share: F64) -> None:
        """Change values (n, channels) that have drifted by a ``share`` (n, 1) of the way."""

    def begin(self, run: Run) -> Callable[[Work], Array]:  # noqa: ARG002 (it draws nothing)
        """Return the drift."""

        def act(work: Work) -> Array:
            share = ramp(work.time_s, self.at_s, self.over_s)
            self.bend(work.values, share[:, None])
            return np.asarray(share > 0)

        return act


@dataclass(frozen=True)
class GainDrift(_Drift):
    """Values are multiplied by what goes evenly from 1 to ``to`` in ``over_s`` seconds from ``at_s``, and stays."""

    def bend(self, values: F64, share: F64) -> None:
        values *= 1 + share * (self.to - 1)


@dataclass(frozen=True)
class OffsetDrift(_Drift):
    """To values is added what goes evenly from 0 to ``to`` in ``over_s`` seconds from ``at_s``, and stays."""

    def bend(self, values: F64, share: F64) -> None:
        values += share * self.to


def check_ramp(at_s: float, over_s: float) -> None:
    """Raise ConfigError for times below 0."""
    bounds.at_least("at_s", at_s, 0)
    bounds.at_least("over_s", over_s, 0)


def ramp(time_s: F64, at_s: float, over_s: float) -> F64:
    """Return 0 before ``at_s``, 1 from ``at_s + over_s`` on, and a straight line between; (n,)."""
    if over_s == 0:
        return (time_s >= at_s).astype(np.float64)
    return np.clip((time_s - at_s) / over_s, 0.0, 1.0)
