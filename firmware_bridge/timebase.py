"""Where the time of a link comes from and who turns it: this machine and a thread, or a port's own time and who waits.

A port with a ``timebase`` lives in that time alone: `Session` and `Link` ask the system for no clock, no thread and no
random number, so the same calls give the same run. Only here is known that there are two ways.

Rule 1: virtual time passes while somebody waits, in the thread that waits; only one thread may use such a port.
"""

import math
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

STEP_US = 1_000  # how often virtual time is looked at, by links and by those who wait

Turn = Callable[[float], float]  # seconds it may block -> seconds until there may be more to do


class Timebase(Protocol):
    """A port's own time, in microseconds that never go back."""

    def now_us(self) -> int:
        """Return what has passed."""

    def at(self, time_us: int, call: Callable[[], object]) -> None:
        """Have ``call`` happen then."""

    def until(self, time_us: int) -> None:
        """Let time pass, and everything happen that is due in it."""

    def entropy(self, n: int) -> bytes:
        """Return ``n`` random bytes, the same in each run."""


class Turning(Protocol):
    """Calls a turn again and again, from `start` until `end`."""

    @property
    def alive(self) -> bool:
        """Whether it goes on."""

    def start(self) -> None:
        """Begin."""

    def end(self, wake: Callable[[], None]) -> None:
        """Let no turn begin any more, and wait for one that goes on; ``wake`` has it end. May be called by a turn."""


class Time(Protocol):
    """Both ways, as `Session`, `Link` and `MemoryPort` see them."""

    @property
    def virtual(self) -> bool:
        """Whether it passes only while somebody waits."""

    def now_us(self) -> int:
        """Return microseconds that never go back."""

    def wall_s(self, time_s: float) -> float:
        """Return the time of day, seconds since 1970, at ``time_s`` of this clock; virtual time is its own."""

    def entropy(self, n: int) -> bytes:
        """Return ``n`` random bytes."""

    def wait(self, changed: threading.Condition, timeout_s: float | None) -> None:
        """Wait (lock held) until something may have changed, ``timeout_s`` at most."""

    def turning(self, turn: Turn, ended: Callable[[], None]) -> Turning:
        """Return what calls ``turn``, and ``ended`` once after the last."""


class Machine:
    """This machine's time: `time.monotonic`, and a thread for each link."""

    virtual = False

    def now_us(self) -> int:
        return time.monotonic_ns() // 1000

    def wall_s(self, time_s: float) -> float:
        return time_s + time.time() - time.monotonic()

    def entropy(self, n: int) -> bytes:
        return os.urandom(n)

    def wait(self, changed: threading.Condition, timeout_s: float | None) -> None:
        changed.wait(timeout_s)

    def turning(self, turn: Turn, ended: Callable[[], None]) -> Turning:
        return _Thread(turn, ended)


class Virtual:
    """The time of a port that brings its own."""

    virtual = True

    def __init__(self, base: Timebase) -> None:
        self._base = base
        self.now_us, self.entropy = base.now_us, base.entropy

    def wall_s(self, time_s: float) -> float:
        return time_s

    def wait(self, changed: threading.Condition, timeout_s: float | None) -> None:  # noqa: ARG002 (nobody else is there)
        look_us = next_step_us(self.now_us())
        if timeout_s is not None:
            look_us = min(look_us, self.now_us() + max(1, math.ceil(timeout_s * 1e6)))
        self._base.until(look_us)

    def turning(self, turn: Turn, ended: Callable[[], None]) -> Turning:
        return _Steps(self._base, turn, ended)


MACHINE = Machine()


def next_step_us(now_us: int) -> int:
    """Return when virtual time is looked at next."""
    return now_us - now_us % STEP_US + STEP_US


class _Thread:
    """Turns that block, one after the other."""

    def __init__(self, turn: Turn, ended: Callable[[], None]) -> None:
        self._turn, self._ended = turn, ended
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="firmware_bridge", daemon=True)
        self.start = self._thread.start

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def end(self, wake: Callable[[], None]) -> None:
        self._stopping.set()
        wake()
        if self.alive and threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                left_s = self._turn(math.inf)
                if left_s > 0:
                    self._stopping.wait(left_s)
        finally:
            self._ended()


class _Steps:
    """Turns that never block, at each step of virtual time; what has come in one may have its answer at once."""

    def __init__(self, base: Timebase, turn: Turn, ended: Callable[[], None]) -> None:
        self._base, self._turn, self._ended = base, turn, ended
        self.alive = False

    def start(self) -> None:
        self.alive = True
        self._later()

    def end(self, wake: Callable[[], None]) -> None:  # noqa: ARG002 (nothing sleeps)
        if self.alive:
            self.alive = False
            self._ended()

    def _later(self) -> None:
        self._base.at(next_step_us(self._base.now_us()), self._step)

    def _step(self) -> None:
        if not self.alive:
            return
        self._later()
        try:
            if self._turn(0.0) == 0.0 and self.alive:
                self._turn(0.0)
        except BaseException:
            self.end(lambda: None)
            raise
