"""Samples to windows on the way to the line, as `window.c` does it: a few are kept, the oldest goes first, and every
loss is counted."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from edgelearn.emulator.boards.features import features_of
from edgelearn.types import F32, Array
from firmware_bridge.protocol.constants import FEATURES, FORMATS
from firmware_bridge.protocol.messages import FORMS, Configure, Gap, Window

CHANNELS_MAX = 8
MEMORY_BYTES = 2048  # the window being gathered, and those that wait for the line
_TIME_BYTES = 4
_ALL = sum(FEATURES.values())
_FIXED = FORMS[Window].fixed.size


class Windows:
    """Gathers windows of int16 samples; nothing is gathered before `configure`."""

    def __init__(self) -> None:
        self.made = self.dropped = 0
        self.config: Configure | None = None
        self._on = self._gap = False
        self._waiting: deque[Window] = deque()
        self._room = 0  # windows that may wait
        self._samples: list[Sequence[int]] = []
        self._time_us = 0
        self._features: F32 | None = None

    def configure(self, config: Configure, mtu: int) -> int | None:
        """Start to gather anew; returns None, or the limit that ``config`` is beyond: then nothing has changed."""
        if not 1 <= config.channels <= CHANNELS_MAX:
            return CHANNELS_MAX
        if config.features & ~_ALL:
            return _ALL
        longest = _longest(config, mtu)
        if not 1 <= config.window <= longest:
            return longest
        self._drop(len(self._waiting))
        self.config, self._samples, self._features = config, [], None
        self._room = (MEMORY_BYTES - 2 * config.channels * config.window) // (
            _TIME_BYTES + _data_bytes(config)
        )
        return None

    def stream(self, on: bool) -> None:
        """Say whether windows are for the line; those that are not have no number."""
        self._on = on

    def sample(self, channels: Sequence[int], time_us: int) -> None:
        """Take one sample (channels,) of the time ``time_us``."""
        if self.config is None:
            return
        if not self._samples:
            self._time_us = time_us
        self._samples.append(channels[: self.config.channels])
        if len(self._samples) == self.config.window:
            self._finish(self.config, np.array(self._samples, "<i2").T)
            self._samples = []

    def next(self) -> Window | Gap | None:
        """Return what goes on the line next; a window leaves as it goes."""
        if self._gap:
            self._gap = False
            return Gap((self.made - len(self._waiting)) & 0xFFFFFFFF)
        return self._waiting.popleft() if self._waiting else None

    def features(self) -> F32 | None:
        """Return the features of the latest window, channel after channel; None where there are none."""
        return self._features

    def _finish(self, config: Configure, samples: Array) -> None:
        if config.features:
            self._features = features_of(samples, config.features)
        if not self._on:
            return
        index = self.made & 0xFFFFFFFF
        self.made += 1
        if len(self._waiting) == self._room:
            self._drop(1)
        form, values = FORMATS["i16"], samples.reshape(-1)
        if self._features is not None:
            form, values = FORMATS["features"], self._features.astype("<f4")
        window = Window(
            index, self._time_us & 0xFFFFFFFF, form, config.channels, config.window, values.tobytes()
        )
        self._waiting.append(window)

    def _drop(self, count: int) -> None:
        for _ in range(count):
            self._waiting.popleft()
        self.dropped += count
        self._gap = self._gap or count > 0


def _data_bytes(config: Configure) -> int:
    if config.features:
        return 4 * config.channels * config.features.bit_count()
    return 2 * config.channels * config.window


def _longest(config: Configure, mtu: int) -> int:
    """Return the most samples a channel: they fit in a frame, one window gathered and one waiting fit in the memory."""
    line, sample = max(mtu - _FIXED, 0), 2 * config.channels
    if not config.features:
        return min(line // sample, (MEMORY_BYTES - _TIME_BYTES) // 2 // sample)
    data = _data_bytes(config)
    if data > line or _TIME_BYTES + data > MEMORY_BYTES:
        return 0
    return (MEMORY_BYTES - _TIME_BYTES - data) // sample
