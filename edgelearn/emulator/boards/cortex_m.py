"""A Cortex-M without a board: an ELF in memory, of which single functions are called and their instructions counted.

>>> chip = Image(elf.read(path), "m0")
>>> chip.call("el_learner_learn", x, 3)

Rule 1: a call changes the arrays it is given, as a C function would, and returns what is left in r0. Rule 2: nothing of
a board is there: no clock, no peripheral, no start-up code; variables hold what the ELF says, else zeros.
"""

import struct
from typing import Any, Literal, NamedTuple

import numpy as np
import unicorn as untyped
from unicorn import arm_const as arm

from edgelearn.emulator.boards.counting import Counter
from edgelearn.emulator.boards.elf import Elf
from edgelearn.emulator.boards.flash import Memory
from edgelearn.errors import EdgelearnError
from edgelearn.types import Array

unicorn: Any = untyped

Core = Literal["m4f", "m0"]
Argument = int | float | Array

MODELS = {"m4f": arm.UC_CPU_ARM_CORTEX_M4, "m0": arm.UC_CPU_ARM_CORTEX_M0}
WORDS = (arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3)
FLOATS = (arm.UC_ARM_REG_S0, arm.UC_ARM_REG_S1, arm.UC_ARM_REG_S2, arm.UC_ARM_REG_S3)
FLASH, RAM, ARRAYS, STACK = 0x0000_0000, 0x2000_0000, 0x3000_0000, 0x3800_0000
ROOM = 0x0100_0000  # bytes of each
STOP = FLASH + ROOM - 16  # where a call returns to: code runs below 0x4000_0000 only
MOST = 100_000_000  # instructions of a call


class CallError(EdgelearnError):
    """A function is not in the image, faults, or never returns."""


class _Placed(NamedTuple):
    """Where the arguments of a call go, as the procedure call standard has it (AAPCS32)."""

    words: list[int]
    floats: list[int]
    arrays: list[tuple[int, Array]]


class Image:
    """A linked firmware in the memory of a core; ``symbols`` says where its functions and variables are."""

    def __init__(self, image: Elf, core: Core) -> None:
        self.symbols, self.core = image.symbols, core
        self._parts = image.parts
        self._counter: Counter | None = None  # only who counts pays for it
        self._uc = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
        self._uc.ctl_set_cpu_model(MODELS[core])
        for start in (FLASH, RAM, ARRAYS, STACK):
            self._uc.mem_map(start, ROOM)
        for part in image.parts:
            self._uc.mem_write(part.address, part.data)

    def call(self, symbol: str, *args: Argument) -> int:
        """Call a C function with numbers and arrays; returns r0. Raises CallError."""
        if symbol not in self.symbols:
            raise CallError(f"{symbol} is not in the image; its symbols are in .symbols")
        placed = self._place(args)
        for register, word in (
            *zip(WORDS, placed.words, strict=False),
            *zip(FLOATS, placed.floats, strict=False),
        ):
            self._uc.reg_write(register, word)
        rest = b"".join(struct.pack("<I", word) for word in placed.words[len(WORDS) :])
        top = STACK + ROOM - (len(rest) + 7) // 8 * 8
        self._uc.mem_write(top, rest)
        self._uc.reg_write(arm.UC_ARM_REG_SP, top)
        self._uc.reg_write(arm.UC_ARM_REG_LR, STOP | 1)
        try:
            self._uc.emu_start(self.symbols[symbol].address | 1, STOP, count=MOST)
        except unicorn.UcError as error:
            where = self._uc.reg_read(arm.UC_ARM_REG_PC)
            raise CallError(f"{symbol} faults at 0x{where:08x}: {error}") from error
        if self._uc.reg_read(arm.UC_ARM_REG_PC) != STOP:
            raise CallError(f"{symbol} has not returned after {MOST} instructions")
        for at, array in placed.arrays:
            found = np.frombuffer(self._uc.mem_read(at, array.nbytes), array.dtype)
            array[...] = found.reshape(array.shape)
        return int(self._uc.reg_read(arm.UC_ARM_REG_R0))

    def count(self, symbol: str, *args: Argument) -> int:
        """Call a function and return how many instructions it took, those of what it calls included."""
        if self._counter is None:
            ends = [part.address + len(part.data) for part in self._parts if part.address < RAM]
            self._counter = Counter(Memory(FLASH, max(ends)), self._parts)
            self._counter.watch(self._uc)
        before = self._counter.executed
        self.call(symbol, *args)
        return self._counter.executed - before

    def _place(self, args: tuple[Argument, ...]) -> _Placed:
        placed, at = _Placed([], [], []), ARRAYS
        for arg in args:
            if isinstance(arg, np.ndarray):
                self._uc.mem_write(at, arg.tobytes())
                placed.words.append(at)
                placed.arrays.append((at, arg))
                at += (arg.nbytes + 15) // 16 * 16
            elif isinstance(arg, float):
                bits = int(np.float32(arg).view(np.uint32))
                (placed.floats if self.core == "m4f" else placed.words).append(bits)
            else:
                placed.words.append(int(arg) & 0xFFFF_FFFF)
        return placed
