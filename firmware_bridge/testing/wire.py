"""A serial line that exists in memory only: paced, late, and as bad as one asks for, the same for the same seed.

    wire = Wire(host, device, seed=1, faults=Faults(flip=1e-4, cut=1e-3), baud=115200, latency_us=10_000)
    wire.run(5_000_000)

Both ends are `Connection`s, or anything with the same five methods (`End`). Time is virtual: a minute of line takes as
long as its bytes take to handle. The line keeps order, as serial lines do; what it may do besides is in `Faults`.
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import Protocol

from firmware_bridge.protocol.connection import Event
from firmware_bridge.testing.faults import Damage, Faults

__all__ = ["BITS", "TICK_US", "End", "Faults", "Line", "Wire"]

TICK_US = 1_000
BITS = 10  # on the line for a byte: start, eight, stop


class End(Protocol):
    """One end of a line, without port or clock."""

    def connected(self, now_us: int) -> None: ...
    def disconnected(self, now_us: int) -> None: ...
    def receive(self, data: bytes, now_us: int) -> list[Event]: ...
    def poll(self, now_us: int) -> list[Event]: ...
    def transmit(self, now_us: int, room: int) -> bytes: ...


class Line:
    """One direction."""

    def __init__(self, rng: Random, faults: Faults, baud: int, latency_us: int, ahead_us: int) -> None:
        """``ahead_us``: how long the line needs for what the sender's port buffers."""
        self._hurt = Damage(faults, rng)
        self.damage = self._hurt.counts  # what was done, by name
        self.sent_bytes = 0
        self._byte_ns = BITS * 10**9 // baud
        self._latency_us, self._ahead_us = latency_us, ahead_us
        self._free_ns = 0  # when the last byte given will have gone
        self._stall_us = 0  # nothing arrives before
        self._coming: deque[tuple[int, bytes]] = deque()

    @property
    def faults(self) -> Faults:
        """What may happen; may be set anew."""
        return self._hurt.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._hurt.faults = faults

    def room(self, now_us: int) -> int:
        """Return how many bytes the line takes now."""
        return max(0, (now_us + self._ahead_us) * 1000 - max(self._free_ns, now_us * 1000)) // self._byte_ns

    def give(self, data: bytes, now_us: int) -> None:
        """Put bytes on the line."""
        self._free_ns = max(self._free_ns, now_us * 1000) + len(data) * self._byte_ns
        self.sent_bytes += len(data)
        arrives_us = max(-(-self._free_ns // 1000) + self._latency_us, self._stall_us)
        if stall_us := self._hurt.stall_us():
            arrives_us = self._stall_us = arrives_us + stall_us
        data = self._hurt(data)
        kept = self._hurt.kept(len(data))
        self._coming.append((arrives_us, data[:kept] + self._hurt.again(data)))

    def take(self, now_us: int) -> bytes:
        """Return what has arrived."""
        parts = []
        while self._coming and self._coming[0][0] <= now_us:
            parts.append(self._coming.popleft()[1])
        return b"".join(parts)

    def clear(self) -> None:
        """Lose what is on the line."""
        self._coming.clear()
        self._free_ns = self._stall_us = 0


class Wire:
    """A host and a device, joined by two lines."""

    def __init__(
        self,
        host: End,
        device: End,
        *,
        seed: int,
        faults: Faults = Faults(),  # noqa: B008 (a value that cannot change)
        baud: int = 115_200,
        latency_us: int = 1_000,
        tick_us: int = TICK_US,
        ahead_us: int | None = None,
        on_host: Callable[[Event], object] = lambda _event: None,
        on_device: Callable[[Event], object] = lambda _event: None,
    ) -> None:
        """``latency_us``: of each direction, beside the time bytes take; ``ahead_us``: what the ports buffer, two ticks
        where None; ``on_host``, ``on_device`` get the events of that end as they happen."""
        self.rng = Random(seed)
        self.now_us = 0
        self.host, self.device = host, device
        ahead_us = (
            2 * tick_us if ahead_us is None else ahead_us
        )  # one tick alone leaves the line idle between two
        self.to_device = Line(self.rng, faults, baud, latency_us, ahead_us)
        self.to_host = Line(self.rng, faults, baud, latency_us, ahead_us)
        self._tick_us = tick_us
        self._on_host, self._on_device = on_host, on_device
        self.plugged = False
        self.plug()

    def plug(self) -> None:
        """Both ends have a line."""
        self.plugged = True
        self.host.connected(self.now_us)
        self.device.connected(self.now_us)

    def unplug(self) -> None:
        """Both ends lose it, and what is on it is lost."""
        self.plugged = False
        self.host.disconnected(self.now_us)
        self.device.disconnected(self.now_us)
        self.to_device.clear()
        self.to_host.clear()

    def reboot(self, *, host: End | None = None, device: End | None = None) -> None:
        """Put another end in the place of one; what is on the line stays there."""
        if host is not None:
            self.host = host
        if device is not None:
            self.device = device
        for end in (host, device):
            if end is not None and self.plugged:
                end.connected(self.now_us)

    def heal(self) -> None:
        """Let the line be good from now on."""
        self.to_device.faults = self.to_host.faults = Faults()

    def run(self, for_us: int, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, at most ``for_us``; return whether ``until`` came true."""
        end_us = self.now_us + for_us
        while self.now_us < end_us:
            self.step()
            if until():
                return True
        return False

    def step(self) -> None:
        """Let one tick pass."""
        self.now_us += self._tick_us
        self._end(self.host, self.to_host, self.to_device, self._on_host)
        self._end(self.device, self.to_device, self.to_host, self._on_device)

    def _end(self, end: End, coming: Line, going: Line, tell: Callable[[Event], object]) -> None:
        events = end.poll(self.now_us)
        if self.plugged and (data := coming.take(self.now_us)):
            events = events + end.receive(data, self.now_us)
        for event in events:
            tell(event)
        if self.plugged and (room := going.room(self.now_us)) and (data := end.transmit(self.now_us, room)):
            going.give(data, self.now_us)
