"""Counts what a core of unicorn executes, and stops it at a limit, without a call into Python for each block of code.

Rule: what is counted lies in ``code``; a block is counted when it is entered, and a core that is stopped stops between
two blocks. The source of what is 2 and what is 4 bytes long: Armv7-M Architecture Reference Manual, A5.1.
"""

import ctypes
from functools import cache
from typing import Any

import numpy as np

from edgelearn.compiled import callback
from edgelearn.emulator.boards.elf import Part
from edgelearn.emulator.boards.peripherals import Memory
from edgelearn.types import Array

NEVER = 2**63 - 1
HEAD_BYTES = 24  # int64: executed, limit, address of the code; the code follows
BLOCK = "void(voidptr, uint64, uint32, CPointer(int64))"


class Counter:
    """``executed`` instructions; the core stops before the block that begins at or after ``limit``."""

    def __init__(self, core: Any, code: Memory, parts: tuple[Part, ...]) -> None:
        """Watch a core; ``parts`` are the memory's content, of which what lies outside ``code`` is left out."""
        self._memory = np.zeros(HEAD_BYTES + code.size, np.uint8)
        for part in parts:
            if code.address <= part.address < code.address + code.size:
                start = HEAD_BYTES + part.address - code.address
                self._memory[start : start + len(part.data)] = np.frombuffer(part.data, np.uint8)
        self._head = memoryview(self._memory.data)[:HEAD_BYTES].cast("q")
        self._head[1], self._head[2] = NEVER, code.address
        self._hook = _add(core, self._memory)
        core.ctl_flush_tb()  # what was translated before would not be seen

    @property
    def executed(self) -> int:
        return self._head[0]

    @executed.setter
    def executed(self, instructions: int) -> None:
        self._head[0] = instructions

    @property
    def limit(self) -> int:
        return self._head[1]

    @limit.setter
    def limit(self, instructions: int) -> None:
        self._head[1] = instructions


def _add(core: Any, memory: Array) -> Any:
    """Hook on to a core what counts, and return what must live as long as the core."""
    import unicorn as untyped
    from unicorn.unicorn_py3.unicorn import (
        uclib,
    )  # `Uc.hook_add` takes Python functions only, 20 times as slow

    unicorn: Any = untyped

    count, handle = _counting(), ctypes.c_size_t()
    failed = uclib.uc_hook_add(
        core._uch, ctypes.byref(handle), unicorn.UC_HOOK_BLOCK, ctypes.cast(count.address, ctypes.c_void_p),
        memory.ctypes.data_as(ctypes.c_void_p), ctypes.c_uint64(1), ctypes.c_uint64(0),
    )  # fmt: skip
    if failed:
        raise unicorn.UcError(failed)
    return count


@cache
def _counting() -> Any:
    """Return what unicorn calls at each block."""
    from unicorn.unicorn_py3.unicorn import uclib

    at = ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p).value
    assert at is not None
    stop = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(at)

    def on_block(core, address, size, memory):  # type: ignore[no-untyped-def]  # numba types it by BLOCK
        if memory[0] >= memory[1]:
            stop(core)
            return
        # 64 bits hold four halves of an instruction; the first five bits of one say whether a second belongs to it
        at = (np.int64(address) - memory[2]) // 2
        end = at + np.int64(size) // 2
        count = 0
        while at < end:
            half = (memory[3 + at // 4] >> (16 * (at % 4) + 11)) & 0b11111
            at += 2 if half >= 0b11101 else 1
            count += 1
        memory[0] += count

    return callback(on_block, BLOCK)
