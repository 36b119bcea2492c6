"""Concept drift: from some time on, the sensor looks at something else.

>>> ConceptDrift(at_s=60, to=Sensor.recorded("limping.npz", label="activity"))
>>> ConceptDrift(at_s=60, over_s=30, to=lambda values: 0.5 * values)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Run, Seen, Work
from edgelearn.emulator.sensors.faults.base import ValueFault
from edgelearn.emulator.sensors.faults.slow import check_ramp, ramp
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.errors import ConfigError, InputError
from edgelearn.types import F64, Array

Transform: TypeAlias = Callable[[F64], Array]  # values (n, channels) -> the same shape
SNAP = 2.0**20  # parts of a sample


@dataclass(frozen=True)
class ConceptDrift(ValueFault):
    """``to`` takes the place of the signal: all at once at ``at_s``, or over ``over_s`` seconds from then on.

    ``to`` is a `Recording`, which begins at ``at_s``, goes round, and brings its labels; or a function of the values
    (n, channels), sample by sample, which leaves the labels. Over time the drift is gradual in the sense of Gama et
    al. 2014 (ACM Computing Surveys 46:44): nothing is mixed, each sample is of the one or the other, with a
    probability that rises evenly from 0 to 1; with ``hold_s`` a draw stands for so many seconds of samples.

    Raises ConfigError for a recording of other channels, InputError for a function of another shape.
    """

    at_s: float
    to: Recording | Transform
    over_s: float = 0.0
    hold_s: float = 0.0

    def __post_init__(self) -> None:
        check_ramp(self.at_s, self.over_s)
        bounds.at_least("hold_s", self.hold_s, 0)
        if not isinstance(self.to, Recording) and not callable(self.to):
            raise ConfigError("a concept drifts to a Recording (Sensor.recorded) or a function of values")

    def begin(self, run: Run) -> Callable[[Work], Array]:
        """Return the drift."""
        if isinstance(self.to, Recording) and self.to.values.shape[1] != run.channels:
            raise ConfigError(
                f"a concept drifts to {self.to.values.shape[1]} channels, the sensor has {run.channels}; "
                "choose as many"
            )

        def act(work: Work) -> Array:
            new = self._new(run, work)
            if new.any():
                seen = self._seen(work, new)
                work.values[new], work.labels[new] = seen.values, seen.labels
            return new

        return act

    def _new(self, run: Run, work: Work) -> Array:
        """Return which samples are of the new concept, (n,) bool."""
        held = max(1, round(self.hold_s * run.rate_hz))
        groups = work.index // held
        first = int(groups[0])
        drawn = run.draws.uniform(first, int(groups[-1]) - first + 1)[:, 0][groups - first]
        # of a group one probability, that of its first sample by the sensor's own clock
        time_s = work.time_s if held == 1 else groups * held / run.rate_hz
        return np.asarray(drawn < ramp(time_s, self.at_s, self.over_s))

    def _seen(self, work: Work, new: Array) -> Seen:
        if isinstance(self.to, Recording):
            since_s = np.maximum(work.time_s[new] - self.at_s, 0.0)
            # to a millionth of a sample, so that what falls on a recorded one is exactly that
            return self.to.at(np.rint(since_s * self.to.rate_hz * SNAP) / SNAP)
        before = work.values[new]
        values = np.asarray(self.to(before.copy()), np.float64)
        if values.shape != before.shape or not np.isfinite(values).all():
            raise InputError(
                f"a drift's function takes values (n, {before.shape[1]}) and returns as many that are finite, "
                f"not {values.shape} for {before.shape}"
            )
        return Seen(values, work.labels[new])
