"""What a sensor looks at: something that has values at any instant. `Recording` is the other kind."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from edgelearn.emulator.sensors.block import Instants, Run, Seen
from edgelearn.errors import InputError
from edgelearn.types import F64, Array

TimeFunction: TypeAlias = Callable[[F64], Array]  # seconds (n,) -> values (n,) or (n, channels)


class Signal(ABC):
    """Makes values; `begin` starts it anew, so that each iteration of a sensor is the same."""

    @abstractmethod
    def begin(self, run: Run) -> Callable[[Instants], Seen]:
        """Return what gives the values of one stretch after another, without a gap between."""


@dataclass(frozen=True)
class Function(Signal):
    """The values of a function of time, without labels; it is asked a block of samples ahead.

    Raises InputError while it runs, when the function returns another shape or what is not finite.
    """

    function: TimeFunction

    def begin(self, run: Run) -> Callable[[Instants], Seen]:
        return lambda instants: Seen(
            values_at(self.function, instants.time_s, run.channels), unlabelled(len(instants.index))
        )


def values_at(function: TimeFunction, time_s: F64, channels: int) -> F64:
    """Return the function's values (n, channels); one (n,) is for all channels. Raises InputError as `Function`."""
    values = np.asarray(function(time_s), np.float64)
    n = len(time_s)
    if values.shape == (n,):
        values = values[:, None]
    if values.shape not in ((n, 1), (n, channels)):
        raise InputError(
            f"a signal's function takes times (n,) and returns values (n, {channels}), not {values.shape} "
            f"for {n} times; wrap a function of one time in np.vectorize"
        )
    if not np.isfinite(values).all():
        raise InputError(
            "a signal's function returned what is not finite; use Dropout for what is to be lost"
        )
    return np.broadcast_to(values, (n, channels)).copy()


def unlabelled(count: int) -> Array:
    """Return the labels of samples that nobody has named."""
    return np.full(count, None, object)
