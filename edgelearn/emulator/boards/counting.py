"""Counts what a core of unicorn executes, block by block, and stops it at a limit, without a call into Python.

>>> counter = Counter(Memory(0, 1 << 20), image.parts)
>>> counter.watch(core)

Rule 1: what is counted lies in ``code``, which does not change; a block is counted when it is entered, and a core
that is stopped stops between two blocks: before the first that begins at or after ``limit``, or that would pass
``fence``.
Rule 2: an instruction counts once whatever its length (Armv7-M Architecture Reference Manual, A5.1), and whether its
condition holds or not. Rule 3: what runs at each block is made with llvmlite, in a few milliseconds, where numba
takes a second; unicorn's own Python hooks are 20 times as slow.
"""

import ctypes
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from edgelearn.emulator.boards.elf import Part
from edgelearn.emulator.boards.flash import Memory

NEVER = 2**63 - 1
EXECUTED, LIMIT, FENCE, STOPPED, MUTED, CODE, HALVES, BLOCKS = range(8)  # int64 that the hook is given
HEAD = 8
LENGTH, ENTERED, INSTRUCTIONS = range(
    3
)  # of a block, by the half word it begins at: bytes << 32 | instructions; sums
PER_BLOCK = 3
WIDE_FROM = 0b11101  # the first five bits of an instruction's first half: from here on a second belongs to it


class Counter:
    """Counts for one core at a time; ``executed`` instructions."""

    def __init__(self, code: Memory, parts: tuple[Part, ...]) -> None:
        """``parts`` are the memory's content, of which what lies outside ``code`` is left out."""
        self._code = code
        self._halves = np.zeros(code.size // 2 + 2, np.uint16)
        memory = self._halves.view(np.uint8)
        for part in parts:
            if code.address <= part.address < code.end:
                start = part.address - code.address
                memory[start : start + len(part.data)] = np.frombuffer(part.data, np.uint8)
        self._blocks = np.zeros((code.size // 2 + 1, PER_BLOCK), np.int64)
        self._head = np.zeros(HEAD, np.int64)
        self._head[LIMIT] = self._head[FENCE] = NEVER
        self._head[[CODE, HALVES, BLOCKS]] = code.address, self._halves.ctypes.data, self._blocks.ctypes.data
        self._words = memoryview(self._head.data)  # three times as quick to look into

    def watch(self, core: Any) -> None:
        """Hook on to a core."""
        import unicorn as untyped
        from unicorn.unicorn_py3.unicorn import uclib  # `Uc.hook_add` takes Python functions only

        unicorn: Any = untyped
        handle = ctypes.c_size_t()
        failed = uclib.uc_hook_add(
            core._uch, ctypes.byref(handle), unicorn.UC_HOOK_BLOCK, ctypes.c_void_p(_hook()[1]),
            ctypes.c_void_p(self._head.ctypes.data), ctypes.c_uint64(1), ctypes.c_uint64(0),
        )  # fmt: skip
        if failed:
            raise unicorn.UcError(failed)
        core.ctl_flush_tb()  # what was translated before would not be seen

    @property
    def executed(self) -> int:
        return self._words[EXECUTED]

    @property
    def stopped(self) -> bool:
        """Whether the last run ended at ``limit`` or ``fence``, and not by itself."""
        return bool(self._words[STOPPED])

    def until(self, limit: int, *, exact: bool = False) -> None:
        """Have the next run stop at so many instructions; ``exact``: never beyond, where it may be short of it."""
        words = self._words
        words[LIMIT], words[FENCE], words[STOPPED] = limit, limit if exact else NEVER, 0

    @contextmanager
    def part_of(self, start: int, reached: Callable[[], int]) -> Iterator[None]:
        """Count only the instructions of the block at ``start`` that come before where the core then is.

        Meanwhile ``executed`` is what it would be in the whole block: the time that the firmware sees does not change.
        """
        words, block = self._words, self._blocks[(start - self._code.address) // 2]
        before, size, whole = self.executed, int(block[LENGTH]) >> 32, int(block[LENGTH]) % (1 << 32)
        words[EXECUTED], words[MUTED] = before + whole, 1
        try:
            yield
        finally:
            done = self._between(start, reached()) if start <= reached() < start + size else whole
            words[EXECUTED], words[MUTED] = before + done, 0
            block[ENTERED] += 1
            block[INSTRUCTIONS] += done

    def after(self, start: int, instructions: int) -> int:
        """Return the address so many instructions behind ``start``, as they lie in memory."""
        return next(itertools.islice(self._addresses(start), instructions, None))

    def _between(self, start: int, end: int) -> int:
        return sum(1 for _ in itertools.takewhile(lambda at: at < end, self._addresses(start)))

    def _addresses(self, at: int) -> Iterator[int]:
        while True:
            yield at
            wide = int(self._halves[(at - self._code.address) // 2]) >> 11 >= WIDE_FROM
            at += 4 if wide else 2

    def blocks(self) -> list[tuple[int, int, int]]:
        """Return address, times entered and instructions executed of each block, in order of address."""
        (found,) = self._blocks[:, ENTERED].nonzero()
        return [
            (self._code.address + 2 * int(at), int(self._blocks[at, ENTERED]), int(self._blocks[at, INSTRUCTIONS]))
            for at in found
        ]  # fmt: skip


@cache
def _hook() -> tuple[Any, int]:
    """Return the compiled hook, which must live as long as its address is used, and the address."""
    import llvmlite.binding as llvm

    from edgelearn.emulator.boards.block_hook import module

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module())), machine)
    engine.finalize_object()
    return engine, engine.get_function_address("on_block")
