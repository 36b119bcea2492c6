"""A microcontroller in this process: the firmware's own ELF, run instruction by instruction by unicorn.

>>> board = Board(path, "microbit"); board.write(b"..."); board.run(100_000); board.read()

Rule 1: its time is its own: instructions divided by the clock; one instruction, one cycle, which a real core needs more
of. Asleep, time leaps to the next byte or alarm. The same bytes at the same moments give the same run.
Rule 2: there are no interrupts (`peripherals`): the firmware looks by itself.
Rule 3: it descends from QEMU 5; QEMU itself is the second judge.
"""

import random
import struct
from pathlib import Path
from typing import Any

from edgelearn.emulator.boards import elf
from edgelearn.emulator.boards.counting import Counter
from edgelearn.emulator.boards.peripherals import CHIPS, WORD_BYTES, Flash, Line, Memory
from edgelearn.errors import ConfigError, EdgelearnError

SEED = "el_seed"  # a word in RAM that stands in for a random number generator on boards without one


class BoardError(EdgelearnError):
    """The firmware is of another board, or did what its core cannot: an address or instruction it does not know."""


class Board:
    """One board; ``board`` as in `CHIPS`, ``baud`` of its line, ``flash`` that of another life of it, ``seed`` of what
    is random in it.

    Raises ConfigError for a board that is not known or when unicorn is missing, ElfError for a file that is none,
    BoardError for the firmware of another board.
    """

    def __init__(
        self, image: Path, board: str, *, baud: int = 1_000_000, flash: Flash | None = None, seed: int = 0
    ) -> None:
        try:
            import unicorn
        except ImportError:
            raise ConfigError(
                "unicorn is missing; install it with: pip install 'edgelearn[emulate]'"
            ) from None
        if board not in CHIPS:
            raise ConfigError(f"there is no board {board!r}; there are {', '.join(CHIPS)}")
        self._unicorn: Any = unicorn
        self._elf = elf.read(image)
        self._line = Line(baud)
        draw = random.Random(seed)
        self.chip = CHIPS[board](self._line, draw)
        if flash is not None:
            self.chip.flash = flash
        parts = self._parts(draw)
        self._core = self._made(parts)
        self._count = Counter(self._core, self.chip.CODE, parts)
        self._pc = 0
        self._reset()

    @property
    def now_us(self) -> int:
        """Its time since it was switched on."""
        return self._count.executed * 1_000_000 // self.chip.HZ

    def write(self, data: bytes) -> None:
        """Put bytes on the line to the board."""
        self._line.give(data, self.now_us)

    def read(self, most: int | None = None) -> bytes:
        """Take what the board has sent, at most so many bytes."""
        data = bytes(self._line.from_board[:most])
        del self._line.from_board[: len(data)]
        return data

    def run(self, instructions: int) -> int:
        """Run so many instructions, or until the board sleeps; return how many it were.

        Raises BoardError when the firmware goes astray, PowerCutError when its flash says so.
        """
        start = self._count.executed
        self._go(start + instructions)
        return self._count.executed - start

    def run_until(self, time_us: int) -> None:
        """Run until that time of the board; asleep, time leaps. Raises as `run`."""
        end = time_us * self.chip.HZ // 1_000_000
        while self._count.executed < end:
            if self._go(end):
                self._count.executed = min(end, max(self._wake(), self._count.executed + 1))

    def _wake(self) -> int:
        """Return the cycle in which a sleep that begins now ends."""
        now_us = self.now_us
        times = [self.chip.alarm_us(now_us), self._line.next_us(now_us)]
        return -(-min(t for t in times if t is not None) * self.chip.HZ // 1_000_000)

    def _go(self, end: int) -> bool:
        """Run to that cycle; return whether the board went to sleep before."""
        self._count.limit = end
        try:
            self._core.emu_start(self._pc | 1, 0xFFFFFFFF)
        except self._unicorn.UcError as error:
            at = self._core.reg_read(self._unicorn.arm_const.UC_ARM_REG_PC)
            raise BoardError(f"the firmware went astray at {at:#x}: {error}") from None
        self._pc = self._core.reg_read(self._unicorn.arm_const.UC_ARM_REG_PC)
        return self._count.executed < end

    def _parts(self, draw: random.Random) -> tuple[elf.Part, ...]:
        """Return what is in memory at the start."""
        if SEED not in self._elf.symbols:
            return self._elf.parts
        return (*self._elf.parts, elf.Part(self._elf.symbols[SEED].address, draw.randbytes(WORD_BYTES)))

    def _made(self, parts: tuple[elf.Part, ...]) -> Any:
        uc = self._unicorn
        core = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
        small = self.chip.flash is not None
        model = uc.arm_const.UC_CPU_ARM_CORTEX_M0 if small else uc.arm_const.UC_CPU_ARM_CORTEX_M4
        core.ctl_set_cpu_model(model)
        code, ram = self.chip.CODE, self.chip.RAM
        core.mem_map(code.address, code.size, uc.UC_PROT_READ | uc.UC_PROT_EXEC)
        core.mem_map(
            ram.address, ram.size, uc.UC_PROT_READ | uc.UC_PROT_WRITE
        )  # code in it would not be counted
        for registers in self.chip.REGISTERS:
            core.mmio_map(*registers, self._on_read, registers, self._on_write, registers)
        if self.chip.flash is not None:
            slots = self.chip.flash.memory
            core.mmio_map(*slots, self._on_flash_read, self.chip.flash, self._on_write, slots)
        for part in parts:
            try:
                core.mem_write(part.address, part.data)
            except uc.UcError:
                raise BoardError(
                    f"there is no memory at {part.address:#x}: the firmware is for another board"
                ) from None
        return core

    def _reset(self) -> None:
        stack, self._pc = struct.unpack("<II", self._core.mem_read(self.chip.CODE.address, 8))
        self._core.reg_write(self._unicorn.arm_const.UC_ARM_REG_SP, stack)

    def _on_read(self, _: Any, offset: int, _size: int, registers: Memory) -> int:
        return self.chip.read(registers.address + offset, self.now_us)

    def _on_write(self, _: Any, offset: int, _size: int, value: int, registers: Memory) -> None:
        self.chip.write(registers.address + offset, value, self.now_us)

    def _on_flash_read(self, _: Any, offset: int, size: int, flash: Flash) -> int:
        return int.from_bytes(flash.bytes[offset : offset + size], "little")
