"""How time passes on a board: with each instruction, or with each look at a register. Asleep, it leaps either way.

Rule 1, counted: one instruction takes one clock cycle, which a real core needs more of; any instruction can be named,
and what is to happen there happens between it and the one before. Rule 2, uncounted: computing takes no time, each read
of a register `TICK_US`; nothing is made at the start that counts, and the core runs as fast as unicorn.
Rule 3: either way the same bytes at the same times give the same run, whatever the machine, but for one thing: it is
this machine's clock that ends a firmware as hung which, uncounted, computes for `PATIENCE_S` seconds without a look.
"""

import heapq
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from edgelearn.emulator.boards.errors import BoardError
from edgelearn.emulator.boards.hung import PATIENCE_S, watch
from edgelearn.emulator.boards.machine import Machine
from edgelearn.emulator.boards.peripherals import Chip

if TYPE_CHECKING:
    from edgelearn.emulator.boards.counting import Counter

TICK_US = 1
MICRO = 1_000_000


class Counted:
    """Time is what ``counter`` has counted and what was leapt over."""

    def __init__(self, chip: Chip, counter: "Counter", clock_hz: int) -> None:
        self._chip, self.counter, self._clock_hz = chip, counter, clock_hz
        self._leapt = 0  # cycles asleep, or without power
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self._order = itertools.count()

    def drive(self, machine: Machine) -> None:
        """Take the core whose time this is; `read` and `write` are its registers'."""
        self._machine = machine
        self.counter.watch(machine.uc)

    @property
    def now_us(self) -> int:
        return (self.counter.executed + self._leapt) * MICRO // self._clock_hz

    def read(self, _: Any, offset: int, _size: int, base: int) -> int:
        return self._chip.read(base + offset, self.now_us)

    def write(self, core: Any, offset: int, _size: int, value: int, base: int) -> None:
        self._chip.write(base + offset, value, self.now_us)
        if self._chip.wants_reset:
            core.emu_stop()

    def leap(self, time_us: int) -> None:
        """Let time pass until then at once."""
        self._leapt = max(self._leapt, -(-time_us * self._clock_hz // MICRO) - self.counter.executed)

    def go(self, end_us: int) -> bool:
        """Run until that time; return whether the core went to sleep before. Raises as `Machine.go`."""
        return self.go_to(-(-end_us * self._clock_hz // MICRO) - self._leapt)

    def at(self, instruction: int, call: Callable[[], object]) -> None:
        """Have ``call`` happen when exactly so many instructions have been executed, be it in an IT block."""
        heapq.heappush(self._due, (instruction, next(self._order), call))

    def go_to(self, end: int) -> bool:
        """Run until so many instructions have been executed, or what is due has happened: it may change everything."""
        if not self._due or self._due[0][0] > end:
            self.counter.until(end)
            self._machine.go()
            return not self.counter.stopped
        self._exactly_to(self._due[0][0])
        if self.counter.executed < self._due[0][0]:
            return True
        heapq.heappop(self._due)[2]()
        return False

    def _exactly_to(self, end: int) -> None:
        """Run to the last block that ends before, then to the instruction in the next."""
        self.counter.until(end, exact=True)
        self._machine.go()
        left = end - self.counter.executed
        if not self.counter.stopped or left <= 0:
            return
        machine = self._machine
        with self.counter.part_of(machine.pc, lambda: machine.pc):
            machine.go_exactly_to(self.counter.after(machine.pc, left))


class Polled:
    """Time passes when the firmware looks at a register."""

    def __init__(self, chip: Chip) -> None:
        self._chip, self.now_us = chip, 0
        self.running = self._hung = self._stopped = False
        self._end_us = 0

    def drive(self, machine: Machine) -> None:
        """Take the core whose time this is; `read` and `write` are its registers'."""
        self._machine = machine
        watch.add(self)

    def read(self, core: Any, offset: int, _size: int, base: int) -> int:
        now_us = self.now_us
        if now_us >= self._end_us:
            self._stopped = True
            core.emu_stop()  # this read has not happened
            return 0
        self.now_us = now_us = now_us + TICK_US
        return self._chip.read(base + offset, now_us)

    def write(self, core: Any, offset: int, _size: int, value: int, base: int) -> None:
        self._chip.write(base + offset, value, self.now_us)
        if self._chip.wants_reset:
            core.emu_stop()

    def leap(self, time_us: int) -> None:
        """Let time pass until then at once."""
        self.now_us = max(self.now_us, time_us)

    def end(self) -> None:
        """Stop a core that looks at nothing."""
        self._hung = True
        self._machine.stop()

    def go(self, end_us: int) -> bool:
        """Run until that time; return whether the core went to sleep before. Raises as `Machine.go`."""
        self._end_us, self._stopped = end_us, False
        self.running = True
        watch.wake()
        try:
            self._machine.go()
        finally:
            self.running = False
        if self._hung:
            self._hung = False
            raise BoardError(
                f"the firmware has computed for {PATIENCE_S:.0f} s at {self._machine.pc:#x} without a look at line "
                "or clock; open the board with counted=True to see it in its own time"
            )
        return not self._stopped
