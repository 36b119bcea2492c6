"""The time that emulated things share: it passes while somebody sleeps, and at no other moment.

>>> clock = VirtualClock()
>>> clock.at(2_000_000, wire.unplug)
>>> clock.sleep(3.0)  # at once; the wire was unplugged on the way

Rule 1: what is to happen happens at its own time, in order of time, then of being asked for; nothing depends on this
machine, so the same calls give the same run. Rule 2: everything happens in the thread that sleeps.
"""

import heapq
import time
from collections.abc import Callable
from itertools import count

from edgelearn.errors import ConfigError


class VirtualClock:
    """``speed``: how many seconds of it pass in one of ours at the most; None as many as this machine manages.

    Raises ConfigError for a speed that is not above 0.
    """

    def __init__(self, speed: float | None = None) -> None:
        if speed is not None and not speed > 0:
            raise ConfigError(f"a clock's speed is above 0, or None for as fast as possible, not {speed!r}")
        self._speed = speed
        self._now_us = 0
        self._started_s = time.monotonic()
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self._order = count()

    def now_us(self) -> int:
        """Return the microseconds that have passed."""
        return self._now_us

    def at(self, time_us: int, call: Callable[[], object]) -> None:
        """Have ``call`` happen at that time; what is past happens as soon as somebody sleeps."""
        heapq.heappush(self._due, (time_us, next(self._order), call))

    def every(self, period_us: int, call: Callable[[], object]) -> Callable[[], None]:
        """Have ``call`` happen each ``period_us``, the first time after one; return what ends that."""
        if period_us < 1:
            raise ConfigError(f"a period is at least one microsecond, not {period_us!r}")
        ended = False

        def end() -> None:
            nonlocal ended
            ended = True

        def once() -> None:
            if not ended:
                self.at(self._now_us + period_us, once)
                call()

        self.at(self._now_us + period_us, once)
        return end

    def sleep(self, seconds: float) -> None:
        """Let time pass, and everything happen that is due in it."""
        self.until(self._now_us + round(seconds * 1e6))

    def until(self, time_us: int) -> None:
        """Let time pass until then; a time that is past changes nothing."""
        while self._due and self._due[0][0] <= time_us:
            when_us, _, call = heapq.heappop(self._due)
            self._go_to(when_us)
            call()
        self._go_to(time_us)

    def _go_to(self, time_us: int) -> None:
        self._now_us = max(self._now_us, time_us)
        if self._speed is not None:
            ahead_s = self._now_us / 1e6 / self._speed - (time.monotonic() - self._started_s)
            if ahead_s > 0:
                time.sleep(ahead_s)
