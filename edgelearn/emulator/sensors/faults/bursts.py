"""When a fault that comes and goes is there: bursts of random length."""

from collections.abc import Callable
from dataclasses import dataclass

from edgelearn import bounds
from edgelearn.emulator.sensors.block import Run
from edgelearn.emulator.sensors.generators import since
from edgelearn.errors import ConfigError
from edgelearn.types import I64, Array


@dataclass(frozen=True)
class Bursts:
    """A share ``rate`` of all samples, in bursts of ``mean_length`` samples on average (geometric).

    The model of Gilbert 1960: two states, and a probability to change at each sample. Without ``mean_length`` each
    sample is on its own. Raises ConfigError for a mean below 1 / (1 - rate), where a sample in a burst would make the
    next one less likely.
    """

    rate: float
    mean_length: float | None = None

    def __post_init__(self) -> None:
        bounds.fraction("rate", self.rate)
        least = 1 / (1 - self.rate)
        if self.mean_length is not None and not least <= self.mean_length < float("inf"):
            raise ConfigError(
                f"mean_length must be at least {least:g} samples at a rate of {self.rate:g}, not {self.mean_length!r}"
            )

    def begin(self, run: Run) -> Callable[[I64], Array]:
        """Return what says for sample numbers (n,) whether each is in a burst, (n,) bool."""
        end = 1 - self.rate if self.mean_length is None else 1 / self.mean_length
        start = self.rate * end / (1 - self.rate)
        on = False

        def states(index: I64) -> Array:
            nonlocal on
            u = run.draws.uniform(int(index[0]), len(index))[:, 0]
            # below ``start`` there is a burst, above 1 - ``end`` there is none, between all stays as it was
            first = index == 0
            known = (u < start) | (u >= 1 - end) | first
            inside = since(known, u < (self.rate * first + start * ~first), on)
            on = bool(inside[-1])
            return inside.astype(bool)

        return states
