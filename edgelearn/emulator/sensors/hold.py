"""Sample and hold: what a sensor last read, at any time, as an emulated board's converter asks for it."""

from collections.abc import Callable, Iterator
from math import isnan

import numpy as np

from edgelearn.emulator.sensors.block import Block
from edgelearn.types import F32, I64

MOST, LEAST = 32767, -32768


class Hold:
    """The last value that arrived. Asking on, and back by a block, is fast; going back further begins again."""

    _from_us: int  # what was held before this time is no longer known
    _time_us: I64  # of the values of the last two blocks that arrived
    _values: F32  # (n, channels)
    _newest: int  # how many of them are of the last block
    _before: F32  # (channels,) the last that arrived before them

    def __init__(self, begin: Callable[[], Iterator[Block]], channels: int) -> None:
        self._begin, self._channels = begin, channels
        self._restart()

    def at(self, time_us: int) -> F32:
        """Return the values (channels,) held at that time."""
        if time_us < self._from_us:
            self._restart()
        while not len(self._time_us) or self._time_us[-1] <= time_us:
            block = next(self._blocks, None)
            if block is None:
                break
            self._take(block.time_us[~block.lost], block.values[~block.lost])
        k = int(np.searchsorted(self._time_us, time_us, side="right"))
        held: F32 = self._values[k - 1] if k else self._before
        return held.copy()

    def _take(self, time_us: I64, values: F32) -> None:
        """Add what arrived in a block, and let go of the block before the last."""
        old = len(self._time_us) - self._newest
        if old:
            self._before, self._from_us = self._values[old - 1], int(self._time_us[old - 1])
        self._time_us = np.concatenate([self._time_us[old:], time_us])
        self._values = np.concatenate([self._values[old:], values])
        self._newest = len(time_us)

    def _restart(self) -> None:
        self._blocks = self._begin()
        self._from_us = self._newest = 0
        self._time_us = np.empty(0, np.int64)
        self._values = np.empty((0, self._channels), np.float32)
        self._before = np.zeros(self._channels, np.float32)


def adc_value(value: float, full_scale: float) -> int:
    """Return the nearest of 2^16 steps, the first and the last beyond the scale; 0 for what is no number."""
    return 0 if isnan(value) else round(min(max(value / full_scale * (MOST + 1), LEAST), MOST))
