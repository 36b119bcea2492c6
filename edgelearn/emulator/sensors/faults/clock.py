"""The sample clock: too fast or slow, wandering, or trembling."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Run
from edgelearn.emulator.sensors.faults.base import TimeFault
from edgelearn.errors import ConfigError
from edgelearn.types import F64, I64


@dataclass(frozen=True)
class ClockDrift(TimeFault):
    """The sensor's clock runs ``ppm`` millionths too fast (negative: too slow), so it samples so much more often.

    Sample i is taken at i / rate / (1 + ppm·1e-6). With ``wander_us`` that instant walks besides: normal steps, a
    standard deviation of so many microseconds after one second, twice that after four.
    """

    ppm: float
    wander_us: float = 0.0

    def __post_init__(self) -> None:
        bounds.between("ppm", self.ppm, -1e5, 1e5)
        bounds.at_least("wander_us", self.wander_us, 0)

    def begin(self, run: Run) -> Callable[[I64], F64]:
        """Return the drift; the walk is summed from sample to sample."""
        late = 1 / (1 + self.ppm * 1e-6) - 1
        step_s = self.wander_us * 1e-6 / sqrt(run.rate_hz)
        walked = 0.0

        def shifts(index: I64) -> F64:
            nonlocal walked
            moved = index / run.rate_hz * late
            if step_s:
                steps = step_s * run.draws.normal(int(index[0]), len(index))[:, 0]
                walk = np.cumsum(np.concatenate([[walked], steps]))[1:]
                walked = float(walk[-1])
                moved += walk
            return moved

        return shifts


@dataclass(frozen=True)
class Jitter(TimeFault):
    """Each sample is taken up to ``us`` microseconds before or after its instant, all equally likely.

    Raises ConfigError when that is more than half a period, where samples would overtake each other.
    """

    us: float

    def __post_init__(self) -> None:
        bounds.at_least("us", self.us, 0)

    def begin(self, run: Run) -> Callable[[I64], F64]:
        """Return the jitter, of each sample its own."""
        if self.us > 0.5e6 / run.rate_hz:
            raise ConfigError(
                f"a jitter of {self.us:g} µs is more than half a period at {run.rate_hz:g} Hz, "
                f"{0.5e6 / run.rate_hz:g} µs; make it smaller"
            )
        reach_s = self.us * 1e-6
        return lambda index: reach_s * (2 * run.draws.uniform(int(index[0]), len(index))[:, 0] - 1)
