"""A board at the pace of a clock: real with `serving`, virtual with `virtual`, a wire or a `VirtualClock`.

>>> wire = Wire(host.link, board, seed=0, baud=115_200)  # firmware_bridge.testing.wire

Rule: the board's time follows the clock that it is given, and makes up for all that has passed: what it does depends on
bytes and times only, not on how often it is asked. Bytes go to it at the pace of its own line.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_bridge.protocol.connection import Event


class Paced(ABC):
    """A `serving.Served` of what runs until a time of its own."""

    _zero_us = 0  # of the clock, when the board's own time was 0
    _heard_us: int | None = None  # what the clock said last
    _there = False

    @property
    @abstractmethod
    def now_us(self) -> int: ...

    @abstractmethod
    def write(self, data: bytes) -> None: ...

    @abstractmethod
    def read(self, most: int | None = None) -> bytes: ...

    @abstractmethod
    def run_until(self, time_us: int) -> None: ...

    def starts_at(self, zero_us: int) -> None:  # noqa: B027 - most need not know
        """Hear what the clock said when the board's own time was 0."""

    def connected(self, now_us: int) -> None:
        """Take a fresh line."""
        self._pass(now_us)
        self.read()
        self._there = True

    def disconnected(self, now_us: int) -> None:
        """Lose the line; what the board says from now on is lost."""
        self._pass(now_us)
        self._there = False

    def receive(self, data: bytes, now_us: int) -> "list[Event]":
        """Take bytes from the line; what they mean only the firmware knows. Raises as `run_until`."""
        self.write(data)
        self._pass(now_us)
        return []

    def poll(self, now_us: int) -> "list[Event]":
        """Let time pass. Raises as `run_until`."""
        self._pass(now_us)
        return []

    def transmit(self, now_us: int, room: int) -> bytes:
        """Return what the board has for the line. Raises as `run_until`."""
        self._pass(now_us)
        return self.read(room) if self._there else b""

    def _pass(self, now_us: int) -> None:
        if self._heard_us is None or now_us < self._heard_us:  # the first clock, or another
            self._zero_us = now_us - self.now_us
            self.starts_at(self._zero_us)
        self._heard_us = now_us
        self.run_until(now_us - self._zero_us)
