"""What a bad line does to the bytes of one direction, drawn from a seed; the one model of damage there is.

>>> damage = Damage(Faults(flip=1e-3), Random(1))
>>> arrives = damage(data)

Rule: draws belong to places in the stream. However the same bytes are cut into calls, the same bytes are hurt.
"""

from collections import Counter, deque
from random import Random
from typing import NamedTuple

REMEMBERED = 16  # chunks that `repeat` chooses from


class Faults(NamedTuple):
    """How likely each is: the first three per byte, the others per chunk (what is given to the line at once)."""

    drop: float = 0.0  # a byte is lost
    flip: float = 0.0  # one to eight bits of a byte turn over
    insert: float = 0.0  # a byte comes in before it
    repeat: float = 0.0  # this chunk, or one of the last, comes once more
    delay: float = 0.0  # the line stalls, order kept
    cut: float = 0.0  # the rest of the chunk is lost
    delay_us: int = 300_000  # the longest stall

    @property
    def per_byte(self) -> float:
        """How likely any of the faults of a byte is."""
        return self.drop + self.flip + self.insert


class Damage:
    """Call it with bytes; whoever has chunks asks for theirs: `stall_us` and `kept` before one, `again` after it."""

    def __init__(self, faults: Faults, rng: Random) -> None:
        self.faults = faults
        self.counts: Counter[str] = Counter()  # what was done, by name
        self._rng = rng
        self._until_fault = self._bytes_until_fault()
        self._past: deque[bytes] = deque(maxlen=REMEMBERED)

    def __call__(self, data: bytes) -> bytes:
        """Return what arrives of ``data``, as far as bytes are concerned."""
        if not self.faults.per_byte:
            return data
        spoilt, at = bytearray(data), 0
        while self._until_fault < len(spoilt) - at:
            at = self._spoil(spoilt, at + self._until_fault)
            self._until_fault = self._bytes_until_fault()
        self._until_fault -= len(spoilt) - at
        return bytes(spoilt)

    def stall_us(self) -> int:
        """Return for how long nothing arrives from here on, 0 for no stall."""
        return self._rng.randrange(1, self.faults.delay_us) if self._happens("delay") else 0

    def kept(self, n: int) -> int:
        """Return how many bytes arrive of a chunk of ``n``."""
        return self._rng.randrange(n + 1) if self._happens("cut") else n

    def again(self, chunk: bytes) -> bytes:
        """Return what comes a second time after ``chunk``: nothing, this one, or one before it."""
        self._past.append(chunk)
        return self._rng.choice(self._past) if self._happens("repeat") else b""

    def _happens(self, name: str) -> bool:
        likely = getattr(self.faults, name)
        happens: bool = likely > 0 and self._rng.random() < likely
        self.counts[name] += happens
        return happens

    def _bytes_until_fault(self) -> int:
        likely = self.faults.per_byte
        return int(self._rng.expovariate(likely)) if likely else -1

    def _spoil(self, data: bytearray, at: int) -> int:
        which = self._rng.random() * self.faults.per_byte
        if which < self.faults.drop:
            del data[at]
            self.counts["drop"] += 1
            return at
        if which < self.faults.drop + self.faults.flip:
            data[at] ^= self._rng.randrange(1, 256)
            self.counts["flip"] += 1
            return at + 1
        data.insert(at, self._rng.randrange(256))
        self.counts["insert"] += 1
        return at + 2
