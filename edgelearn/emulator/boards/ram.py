"""The RAM of a board: what is in it after power-up, how deep the stack went, and bits that flip.

Rule: variables begin as noise, as in a chip; what lies between them and the top of the stack is painted, and the
deepest byte that is no longer so says how far the stack went.
"""

import random
from collections.abc import Mapping

from edgelearn.emulator.boards.elf import Symbol
from edgelearn.emulator.boards.flash import Memory
from edgelearn.emulator.boards.machine import Machine

PAINT = 0xA5


class Ram:
    """``top`` of the stack; variables end where the last symbol below it does."""

    def __init__(
        self, machine: Machine, symbols: Mapping[str, Symbol], top: int, draw: random.Random
    ) -> None:
        self._uc, self._draw, start = machine.uc, draw, machine.ram.address
        ends = (s.address + s.size for s in symbols.values() if start <= s.address < top)
        end = min(max(ends, default=start), top)
        self._variables, self._stack = Memory(start, end - start), Memory(end, top - end)

    @property
    def used_bytes(self) -> int:
        """What variables take."""
        return self._variables.size

    @property
    def stack_room_bytes(self) -> int:
        """What is between the variables and the top of the stack."""
        return self._stack.size

    @property
    def stack_high_water_bytes(self) -> int:
        """How much of it was ever written to since power-up."""
        content = bytes(self._uc.mem_read(*self._stack))
        return len(content.lstrip(bytes([PAINT])))

    def power_up(self) -> None:
        """Fill it as it is when the power comes: what was there is lost."""
        self._uc.mem_write(self._variables.address, self._draw.randbytes(self._variables.size))
        self._uc.mem_write(self._stack.address, bytes([PAINT]) * self._stack.size)

    def flip(self, address: int, bit: int) -> None:
        """Flip a bit of the byte at an address."""
        (byte,) = self._uc.mem_read(address, 1)
        self._uc.mem_write(address, bytes([byte ^ (1 << bit)]))
