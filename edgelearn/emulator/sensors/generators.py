"""Signals that are ready: shapes in time, noise, a walk, and classes by turns with their labels.

>>> Sensor.generate(sine(50), rate_hz=1000)
>>> Sensor.generate(mixture({"rest": sine(1, 0.1), "walk": sine(2)}, mean_s=5), rate_hz=50)

Rule: the same bits on every machine; a function of your own that calls `np.sin` may differ in the last one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Instants, Run, Seen
from edgelearn.emulator.sensors.exact import sine_of_turns
from edgelearn.emulator.sensors.signals import Signal, TimeFunction, unlabelled, values_at
from edgelearn.errors import ConfigError
from edgelearn.types import Array, Label


def sine(hz: float, amplitude: float = 1.0, turns: float = 0.0) -> TimeFunction:
    """Return a sine; ``turns`` is its phase, 1 the whole circle."""
    return lambda time_s: amplitude * sine_of_turns(time_s * hz + turns)


def square(hz: float, amplitude: float = 1.0, duty: float = 0.5) -> TimeFunction:
    """Return ``amplitude`` in the first ``duty`` of each period and its negative in the rest."""
    bounds.between("duty", duty, 0, 1)
    return lambda time_s: np.where(time_s * hz - np.floor(time_s * hz) < duty, amplitude, -amplitude)


def step(at_s: float, before: float = 0.0, after: float = 1.0) -> TimeFunction:
    """Return ``before`` until ``at_s``, ``after`` from then on."""
    return lambda time_s: np.where(time_s < at_s, before, after)


@dataclass(frozen=True)
class Walk(Signal):
    """x_i = keep · x_(i-1) + std · e_i, with e standard normal, in each channel its own; x_(-1) = 0.

    ``keep`` 0 is white noise, 1 a random walk, between them AR(1), of standard deviation std / sqrt(1 - keep²).
    """

    keep: float
    std: float = 1.0

    def __post_init__(self) -> None:
        bounds.between("keep", self.keep, 0, 1)
        bounds.at_least("std", self.std, 0)

    def begin(self, run: Run) -> Callable[[Instants], Seen]:
        """Return the walk, sample by sample in the declared order."""
        last = [0.0] * run.channels

        def values(instants: Instants) -> Seen:
            n = len(instants.index)
            drawn = self.std * run.draws.normal(int(instants.index[0]), n, run.channels)
            for c in range(run.channels):
                walked = accumulate(drawn[:, c].tolist(), lambda x, e: self.keep * x + e, initial=last[c])
                drawn[:, c] = list(walked)[1:]
                last[c] = float(drawn[-1, c])
            return Seen(drawn, unlabelled(n))

        return values


def noise(std: float = 1.0) -> Walk:
    """Return white normal noise."""
    return Walk(0.0, std)


def walk(std: float = 1.0) -> Walk:
    """Return a random walk of steps of that standard deviation, a sample."""
    return Walk(1.0, std)


@dataclass(frozen=True)
class Mixture(Signal):
    """One class at a time, for ``mean_s`` on average (geometric), then one drawn anew, all equally likely."""

    classes: Mapping[Label, TimeFunction]
    mean_s: float

    def __post_init__(self) -> None:
        bounds.positive("mean_s", self.mean_s)
        if not self.classes:
            raise ConfigError("a mixture needs classes: {label: function of time}")

    def begin(self, run: Run) -> Callable[[Instants], Seen]:
        """Return the values and the labels of the classes."""
        functions = list(self.classes.values())
        names = np.empty(len(functions), object)
        names[:] = list(self.classes)
        turn = min(1.0, 1 / (self.mean_s * run.rate_hz))
        now = 0

        def values(instants: Instants) -> Seen:
            nonlocal now
            n = len(instants.index)
            u = run.draws.uniform(int(instants.index[0]), n, 2)
            turns = (u[:, 0] < turn) | (instants.index == 0)
            chosen = since(turns, np.floor(u[:, 1] * len(functions)).astype(np.int64), now)
            now = int(chosen[-1])
            seen = np.empty((n, run.channels))
            for k in np.unique(chosen):
                of_k = chosen == k
                seen[of_k] = values_at(functions[k], instants.time_s[of_k], run.channels)
            return Seen(seen, names[chosen])

        return values


def mixture(classes: Mapping[Label, TimeFunction], mean_s: float) -> Mixture:
    """Return classes by turns, labelled; see `Mixture`."""
    return Mixture(classes, mean_s)


def since(new: Array, values: Array, before: int) -> Array:
    """Return for each sample the value where ``new`` was last true, ``before`` where it was not yet; all (n,)."""
    last = np.maximum.accumulate(np.where(new, np.arange(len(new)), -1))
    return np.asarray(np.where(last >= 0, values[last], before))
