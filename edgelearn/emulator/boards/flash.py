"""Flash that a program writes itself: pages that are erased whole, kept when the power goes, and worn with every erase.

>>> flash = Flash(Memory(0x3E000, 0x2000), 1024, random.Random(0), endurance=10_000)

Rule 1: a bit is only ever written to 0. Rule 2: a page erased more often than ``endurance`` gets one more bit that
sticks each time, at 0 or at 1, as drawn: a program that reads back what it wrote sees it. Rule 3: the operation in
which the power goes is half done, as drawn.
"""

import random
from typing import NamedTuple

from edgelearn.emulator.boards.errors import PowerCutError

WORD_BYTES = 4
ERASED = 0xFF
SLOTS = 2  # that a store writes in turn
DAYS_A_YEAR = 365.25


class Memory(NamedTuple):
    """A range of addresses."""

    address: int
    size: int

    @property
    def end(self) -> int:
        return self.address + self.size


class Wear(NamedTuple):
    """``erases`` of each page so far; ``endurance`` of a page, None where nobody says; ``stuck`` bits in all."""

    erases: tuple[int, ...]
    endurance: int | None
    stuck: int

    def years(self, saves_a_day: float) -> float | None:
        """Predict how long it lasts at so many saves a day, two slots in turn; None without an endurance."""
        if self.endurance is None or saves_a_day <= 0:
            return None
        return max(0, self.endurance - max(self.erases)) * SLOTS / saves_a_day / DAYS_A_YEAR


class Flash:
    """``cut_after``: how many operations there are (a word written, a page erased; ``operations`` so far) before the
    one in which the power goes; None for never."""

    def __init__(
        self, memory: Memory, page_bytes: int, draw: random.Random, endurance: int | None = None
    ) -> None:
        self.memory, self.page_bytes, self.endurance, self._draw = memory, page_bytes, endurance, draw
        self.bytes = bytearray([ERASED]) * memory.size
        self.erases = [0] * -(-memory.size // page_bytes)
        self.operations = 0
        self.cut_after: int | None = None
        self._stuck: dict[int, tuple[int, int]] = {}  # byte -> bits at 0, bits at 1

    @property
    def wear(self) -> Wear:
        stuck = sum((low | high).bit_count() for low, high in self._stuck.values())
        return Wear(tuple(self.erases), self.endurance, stuck)

    def erase(self, address: int) -> None:
        """Erase the page at ``address``; outside of the flash nothing happens. Raises PowerCutError."""
        if not self.memory.address <= address < self.memory.end:
            return
        page = (address - self.memory.address) // self.page_bytes
        start = page * self.page_bytes
        cut = self._count()
        if cut:
            for at in range(start, start + self.page_bytes):
                if self._draw.random() < 0.5:
                    self.bytes[at] = ERASED
        else:
            self.bytes[start : start + self.page_bytes] = bytes([ERASED]) * self.page_bytes
        self._wear(page)
        self._stick(range(start, start + self.page_bytes))
        if cut:
            raise PowerCutError

    def write(self, address: int, word: int) -> None:
        """Write the word at ``address``. Raises PowerCutError."""
        start = address - self.memory.address
        cut = self._count()
        kept = self._draw.getrandbits(32) if cut else 0  # bits that had no time to become 0
        before = int.from_bytes(self.bytes[start : start + WORD_BYTES], "little")
        self.bytes[start : start + WORD_BYTES] = (before & (word | kept)).to_bytes(WORD_BYTES, "little")
        self._stick(range(start, start + WORD_BYTES))
        if cut:
            raise PowerCutError

    def age(self, erases: int) -> None:
        """Add so many erases to every page, as years of use do; a bit sticks for each that is beyond endurance."""
        for page in range(len(self.erases)):
            whole = max(0, min(erases, (self.endurance or erases) - self.erases[page]))
            self.erases[page] += whole
            for _ in range(erases - whole):
                self._wear(page)
        self._stick(range(self.memory.size))

    def _count(self) -> bool:
        cut = self.cut_after is not None and self.operations >= self.cut_after
        self.operations += 1
        return cut

    def _wear(self, page: int) -> None:
        self.erases[page] += 1
        if self.endurance is not None and self.erases[page] > self.endurance:
            at, bit = (
                page * self.page_bytes + self._draw.randrange(self.page_bytes),
                1 << self._draw.randrange(8),
            )
            low, high = self._stuck.get(at, (0, 0))
            if not (low | high) & bit:
                self._stuck[at] = (low | bit, high) if self._draw.random() < 0.5 else (low, high | bit)

    def _stick(self, place: range) -> None:
        if self._stuck:
            for at in place:
                low, high = self._stuck.get(at, (0, 0))
                self.bytes[at] = self.bytes[at] & ~low | high
