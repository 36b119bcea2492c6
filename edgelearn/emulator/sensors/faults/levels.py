"""What a sensor does to a value on its own: limits, steps, noise, spikes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Run, Work
from edgelearn.emulator.sensors.faults.base import ValueFault
from edgelearn.errors import ConfigError
from edgelearn.types import Array


@dataclass(frozen=True)
class Saturation(ValueFault):
    """Values beyond ``low`` or ``high`` are read as that limit."""

    low: float
    high: float

    def __post_init__(self) -> None:
        bounds.finite("low", self.low)
        bounds.finite("high", self.high)
        if not self.low < self.high:
            raise ConfigError(f"a saturation has low < high, not low={self.low!r}, high={self.high!r}")

    def begin(self, run: Run) -> Callable[[Work], Array]:  # noqa: ARG002 (it draws nothing)
        """Return the limit; it acted where any channel was beyond it."""

        def act(work: Work) -> Array:
            beyond = ((work.values < self.low) | (work.values > self.high)).any(axis=1)
            np.clip(work.values, self.low, self.high, out=work.values)
            return np.asarray(beyond)

        return act


@dataclass(frozen=True)
class Noise(ValueFault):
    """White normal noise of standard deviation ``std``, in units of the value, on each channel its own."""

    std: float

    def __post_init__(self) -> None:
        bounds.at_least("std", self.std, 0)

    def begin(self, run: Run) -> Callable[[Work], Array]:
        """Return the noise."""

        def act(work: Work) -> Array:
            n = len(work.index)
            work.values += self.std * run.draws.normal(int(work.index[0]), n, run.channels)
            return np.ones(n, bool)

        return act


@dataclass(frozen=True)
class Quantise(ValueFault):
    """A converter of ``bits``: 2^bits even steps from -full_scale up to one step below full_scale, to the nearest."""

    bits: int
    full_scale: float

    def __post_init__(self) -> None:
        bounds.whole("bits", self.bits, 1)
        bounds.between("bits", self.bits, 1, 32)
        bounds.positive("full_scale", self.full_scale)

    def begin(self, run: Run) -> Callable[[Work], Array]:  # noqa: ARG002 (it draws nothing)
        """Return the rounding, of a half to the even step; beyond the scale it is the last step."""
        steps = 2.0 ** (self.bits - 1)

        def act(work: Work) -> Array:
            counts = np.rint(work.values / self.full_scale * steps)
            work.values = np.clip(counts, -steps, steps - 1) / steps * self.full_scale
            return np.ones(len(work.index), bool)

        return act


@dataclass(frozen=True)
class Glitch(ValueFault):
    """With probability ``rate`` a sample has a spike: ``size`` up or down on one channel, all equally likely."""

    rate: float
    size: float

    def __post_init__(self) -> None:
        bounds.fraction("rate", self.rate)
        bounds.finite("size", self.size)

    def begin(self, run: Run) -> Callable[[Work], Array]:
        """Return the spikes."""

        def act(work: Work) -> Array:
            u = run.draws.uniform(int(work.index[0]), len(work.index), 3)
            hit = u[:, 0] < self.rate
            channel = np.floor(u[hit, 1] * run.channels).astype(np.int64)
            work.values[hit, channel] += np.where(u[hit, 2] < 0.5, -self.size, self.size)
            return np.asarray(hit)

        return act
