"""One direction of a wire, without port, thread or clock: bytes and times in, bytes out.

>>> line = Line(115_200, 1_000, Faults(flip=1e-3), Random("7 to device"))
>>> line.give(data, now_us)
>>> line.take(later_us)

Rule 1: of bytes that follow each other, the k-th arrives k · 10 / baud seconds after the line began with them, and the
latency after that: whole numbers, never rounded twice. Rule 2: what is hurt depends on the seed and the place in the
stream; a chunk is 64 bytes, a packet of USB. Rule 3: no byte is forgotten: `Passed.balance` is what is on the way.
"""

from collections import deque
from random import Random
from typing import NamedTuple

from firmware_bridge.testing.faults import Damage, Faults

CHUNK_BYTES = 64
AHEAD_US = 2_000  # a line takes what begins so soon, or it would be idle until it is looked at again
CATCH_UP_US = (
    50_000  # a busy line that was held up by this machine goes on where it was, no further back than this
)
BYTE = 10_000_000  # µs · baud that a byte takes: start, eight bits, stop


class Passed(NamedTuple):
    """What happened to the bytes of one direction."""

    sent: int = 0
    arrived: int = 0  # read, or kept for who will read
    dropped: int = 0
    flipped: int = 0
    inserted: int = 0
    repeated: int = 0  # bytes of chunks that came once more
    cut: int = 0  # bytes of chunks that ended too early
    stalled: int = 0  # times that nothing arrived for a while
    overrun: int = 0  # bytes for a reader who did not read
    lost: int = 0  # bytes that were on the way when it was unplugged, or found nobody there

    @property
    def balance(self) -> int:
        """How many bytes went in and have neither come out nor been lost."""
        came = self.sent + self.inserted + self.repeated
        return came - self.arrived - self.dropped - self.cut - self.overrun - self.lost


class Line:
    """One direction; times are whole microseconds that never go back."""

    def __init__(self, baud: int, latency_us: int, faults: Faults, rng: Random) -> None:
        self._baud, self._latency_us = baud, latency_us
        self._damage = Damage(faults, rng)
        self._free = 0  # µs · baud when the last byte given has left
        self._busy = False  # it was given all it takes
        self._coming: deque[tuple[int, bytes]] = deque()  # µs · baud when they begin, bytes
        self._stalled_us = 0  # nothing arrives before
        self._left = 0  # bytes until the next chunk begins
        self._kept = 0  # bytes of this chunk that still arrive
        self._chunk = bytearray()  # of it what has arrived
        self._sent = self._repeated = self._cut = self._arrived = self._overrun = self._lost = 0

    def room(self, now_us: int) -> int:
        """Return how many bytes the line takes now."""
        return max(0, -(-((now_us + AHEAD_US) * self._baud - self._begins(now_us)) // BYTE))

    def give(self, data: bytes, now_us: int) -> None:
        """Put bytes on the line, `room` at most."""
        begins, self._busy = self._begins(now_us), len(data) >= self.room(now_us)
        if data:
            self._coming.append((begins, data))
            self._free = begins + len(data) * BYTE
            self._sent += len(data)

    def take(self, now_us: int) -> bytes:
        """Return what comes out; say with `delivered` what became of it."""
        parts = []
        while self._coming and self._stalled_us <= now_us:
            begins, data = self._coming[0]
            there = ((now_us - self._latency_us) * self._baud - begins) // BYTE
            if there < 1 or (not self._left and self._stalls(begins)):
                break
            n = min(len(data), there, self._left)
            parts.append(self._passed(data[:n]))
            self._coming.popleft()
            if n < len(data):
                self._coming.appendleft((begins + n * BYTE, data[n:]))
        return b"".join(parts)

    def delivered(self, arrived: int, *, overrun: int = 0, lost: int = 0) -> None:
        """Count what became of bytes that were taken."""
        self._arrived += arrived
        self._overrun += overrun
        self._lost += lost

    def clear(self) -> None:
        """Lose what is on the way."""
        self._lost += sum(len(data) for _, data in self._coming)
        self._coming.clear()
        self._free = self._stalled_us = 0
        self._busy = False

    def passed(self) -> Passed:
        """Return the counts until now."""
        count = self._damage.counts
        return Passed(self._sent, self._arrived, count["drop"], count["flip"], count["insert"],
                      self._repeated, self._cut, count["delay"], self._overrun, self._lost)  # fmt: skip

    def _begins(self, now_us: int) -> int:
        """Return the µs · baud when the next byte begins."""
        return max(self._free, (now_us - CATCH_UP_US * self._busy) * self._baud)

    def _stalls(self, begins: int) -> bool:
        """Begin a chunk; return whether its first byte is held up, although it would have arrived."""
        self._left, self._kept = CHUNK_BYTES, self._damage.kept(CHUNK_BYTES)
        stall_us = self._damage.stall_us()
        if stall_us:
            self._stalled_us = -(-(begins + BYTE) // self._baud) + self._latency_us + stall_us
        return stall_us > 0

    def _passed(self, data: bytes) -> bytes:
        """Return what arrives of bytes of one chunk."""
        kept = data[: self._kept]
        self._kept -= len(kept)
        self._left -= len(data)
        self._cut += len(data) - len(kept)
        arrives = self._damage(kept)
        self._chunk += arrives
        if self._left:
            return arrives
        again = self._damage.again(bytes(self._chunk))
        self._repeated += len(again)
        self._chunk.clear()
        return arrives + again
