"""A microcontroller in this process: the firmware's own ELF, run instruction by instruction by unicorn.

>>> board = open_board("cortex-m4f", counted=True)  # boards.opening
>>> board.write(b"..."); board.run_until(100_000); board.read()

Rule 1: its time is its own (`pace`); asleep, time leaps to the next byte or alarm. The same bytes at the same moments
give the same run. Rule 2: there are no interrupts (`peripherals`): the firmware looks by itself.
Rule 3: RAM is noise after power-up, stays through a reset and is lost with the power; flash stays, but for the
operation in which the power goes (`flash`). Rule 4: it descends from QEMU 5; QEMU itself is the second judge.
"""

import random
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from edgelearn.closing import Closing
from edgelearn.emulator.boards import elf, report
from edgelearn.emulator.boards.attached import Attached, Read
from edgelearn.emulator.boards.errors import PowerCutError
from edgelearn.emulator.boards.flash import Flash, Wear
from edgelearn.emulator.boards.line import Line
from edgelearn.emulator.boards.machine import Machine
from edgelearn.emulator.boards.pace import Counted, Polled
from edgelearn.emulator.boards.paced import Paced
from edgelearn.emulator.boards.peripherals import CHIPS
from edgelearn.emulator.boards.ram import Ram
from edgelearn.emulator.boards.spec import Spec, fit, spec_of, stack_top
from edgelearn.errors import ConfigError


class Board(Paced, Closing):
    """One board; ``board``: a profile, or one of `CHIPS`; ``baud`` of its line, ``flash`` that of another life of it,
    ``seed`` of what is random in it, ``counted`` as in `pace`.

    Raises ConfigError for a board that is not known, MissingExtraError when unicorn is missing, ElfError for a file
    that is none, BoardError for the firmware of another board, or one that does not fit on this.
    """

    def __init__(
        self, image: Path, board: str | Path | Spec, *, baud: int = 1_000_000, flash: Flash | None = None,
        seed: int = 0, counted: bool = True,
    ) -> None:  # fmt: skip
        self.spec = board if isinstance(board, Spec) else spec_of(board)
        self._elf = elf.read(image)
        fit(self._elf, self.spec)
        draw = random.Random(seed)
        self._flips = random.Random(f"{seed} flips")  # apart: flips change nothing else that is drawn
        chip = CHIPS[self.spec.port]
        self.flash = flash or Flash(chip.SLOTS, self.spec.page_bytes, draw, self.spec.endurance)
        self._line, self._attached = Line(baud), Attached(self.flash)
        self.chip = chip(self._line, self.flash, self._attached, draw)
        self._pace: Counted | Polled = self._counted() if counted else Polled(self.chip)
        self._machine = Machine(
            self._elf, self.chip, self.spec.ram_bytes, self.flash, self._pace.read, self._pace.write
        )
        self._pace.drive(self._machine)
        self.ram = Ram(self._machine, self._elf.symbols, stack_top(self._elf), draw)
        self.on = False
        self.flipped = self.boots = 0
        self.power_on()

    def _counted(self) -> Counted:
        from edgelearn.emulator.boards.counting import Counter  # loads numpy and llvmlite

        return Counted(self.chip, Counter(self.chip.CODE, self._elf.parts), self.spec.clock_hz)

    # -- time and line --------------------------------------------------------------------------------------

    @property
    def now_us(self) -> int:
        """Its time since it was first switched on."""
        return self._pace.now_us

    def write(self, data: bytes) -> None:
        """Put bytes on the line to the board; without power nobody hears them."""
        if self.on:
            self._line.give(data, self.now_us)

    def read(self, most: int | None = None) -> bytes:
        """Take what the board has sent, at most so many bytes."""
        data = bytes(self._line.from_board[:most])
        del self._line.from_board[: len(data)]
        return data

    def starts_at(self, zero_us: int) -> None:
        self._attached.zero_us = zero_us

    def run(self, instructions: int) -> int:
        """Run so many instructions, or until the board sleeps or is off; return how many it were.

        Raises BoardError when the firmware goes astray, ConfigError for a board that does not count.
        """
        pace = self._counts()
        start = pace.counter.executed
        end = start + instructions
        while self.on and pace.counter.executed < end and not self._run(lambda: pace.go_to(end)):
            pass
        return pace.counter.executed - start

    def run_until(self, time_us: int) -> None:
        """Run until that time of the board; asleep, time leaps. Raises BoardError when the firmware goes astray."""
        pace = self._pace
        while pace.now_us < time_us:
            if not self.on:
                pace.leap(time_us)
            elif self._run(lambda: pace.go(time_us)):
                pace.leap(min(time_us, max(self._wake_us(), pace.now_us + 1)))

    def _run(self, go: Callable[[], bool]) -> bool:
        """Let the core go; return whether it sleeps now."""
        try:
            asleep = go()
        except PowerCutError:
            self._power_off()
            return False
        if self.chip.wants_reset:
            self._restart()
            return False
        return asleep

    def _wake_us(self) -> int:
        """Return when a sleep that begins now ends."""
        now_us = self.now_us
        line_us, alarm_us = self._line.next_us(now_us), self.chip.alarm_us(now_us)
        return alarm_us if line_us is None else min(line_us, alarm_us)

    # -- power ----------------------------------------------------------------------------------------------

    def reset(self, *, at_instruction: int | None = None) -> None:
        """Press the button, now or at exactly that instruction: RAM and flash stay. Without power nothing happens."""
        self._at(at_instruction, self._restart)

    def power_cut(self, *, at_instruction: int | None = None, at_flash_operation: int | None = None) -> None:
        """Take the power away: now, at exactly that instruction, or in the middle of an operation on flash (1: the
        next). The board stays off until `power_on`; RAM is lost, flash is kept."""
        if at_flash_operation is not None:
            if at_flash_operation < 1:
                raise ConfigError(f"operations on flash are counted from 1, not {at_flash_operation}")
            self.flash.cut_after = self.flash.operations + at_flash_operation - 1
        else:
            self._at(at_instruction, self._power_off)

    def power_on(self) -> None:
        """Give the power back; a board that is on stays as it is."""
        if not self.on:
            self.on = True
            self.flash.cut_after = None
            self.ram.power_up()
            self._restart()

    def brown_out(self, *, at_instruction: int | None = None) -> None:
        """Let the supply dip, now or at exactly that instruction: off, RAM lost, and on again at once."""
        self._at(at_instruction, self._dip)

    def _dip(self) -> None:
        if self.on:
            self._power_off()
            self.power_on()

    def _power_off(self) -> None:
        self.on = False
        self._line.clear()

    def _restart(self) -> None:
        if self.on:
            self.boots += 1
            self.chip.reset(self.now_us)
            self._machine.restart()

    def _at(self, instruction: int | None, call: Callable[[], object]) -> None:
        if instruction is None:
            call()
            return
        pace = self._counts()
        if instruction < pace.counter.executed:
            raise ConfigError(
                f"instruction {instruction} is past: the board has executed {self.instructions}"
            )
        pace.at(instruction, call)

    def _counts(self) -> Counted:
        if isinstance(self._pace, Counted):
            return self._pace
        raise ConfigError("this board does not count instructions; open it with counted=True")

    # -- faults ---------------------------------------------------------------------------------------------

    def flip(self, where: int | str, bit: int, *, offset: int = 0, at_instruction: int | None = None) -> None:
        """Flip a bit (0 to 7) of the byte of RAM at an address, or ``offset`` bytes into a variable of that name.

        Raises ConfigError for what is not in RAM."""
        address = (self._address(where) if isinstance(where, str) else where) + offset
        if not self._machine.ram.address <= address < self._machine.ram.end or not 0 <= bit < 8:
            raise ConfigError(f"there is no bit {bit} at {address:#x} in RAM; a byte of RAM has bits 0 to 7")
        self._at(at_instruction, lambda: self._flip(address, bit))

    def flip_randomly(self, instructions: float) -> None:
        """From now on flip a bit anywhere in RAM every so many instructions on average, drawn from the seed."""
        if not instructions >= 1:
            raise ConfigError(f"bits flip every so many instructions, 1 or more, not {instructions}")
        pace = self._counts()
        ram = self._machine.ram

        def flip() -> None:
            self._flip(ram.address + self._flips.randrange(ram.size), self._flips.randrange(8))
            again()

        def again() -> None:
            pace.at(pace.counter.executed + 1 + int(self._flips.expovariate(1 / instructions)), flip)

        again()

    def _flip(self, address: int, bit: int) -> None:
        if self.on:
            self.flipped += 1
            self.ram.flip(address, bit)

    def _address(self, symbol: str) -> int:
        if symbol not in self._elf.symbols:
            near = get_close_matches(symbol, self._elf.symbols, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else "its symbols are those of the ELF"
            raise ConfigError(f"the firmware has no variable {symbol!r}; {hint}")
        return self._elf.symbols[symbol].address

    def attach_sensor(self, read: Read | None) -> None:
        """Have the firmware sample ``read(time_us, channel)`` (int16; by the clock that the board goes by) where its
        port asks for it; None: its sensor counts."""
        self._attached.sensor = read

    # -- looks ----------------------------------------------------------------------------------------------

    @property
    def instructions(self) -> int:
        """How many were executed since the board was opened. Raises ConfigError for a board that does not count."""
        return self._counts().counter.executed

    def functions(self) -> tuple[report.FunctionCount, ...]:
        """Return the instructions of each function, the most first; their sum is `instructions`. Raises ConfigError."""
        return report.functions(self._elf.functions, self._counts().counter.blocks())

    @property
    def stack_high_water_bytes(self) -> int:
        """How much of the stack was ever in use since power-up."""
        return self.ram.stack_high_water_bytes

    @property
    def ram_used_bytes(self) -> int:
        """What variables take; no stack."""
        return self.ram.used_bytes

    @property
    def wear(self) -> Wear:
        """What saving has done to the flash."""
        return self.flash.wear

    def age_flash(self, erases: int) -> None:
        """Add so many erases to every page of flash."""
        self.flash.age(erases)

    def report(self) -> report.BoardReport:
        """Return all of this at once."""
        counted = isinstance(self._pace, Counted)
        executed = self.instructions if counted else None
        seconds = None
        if executed is not None and self.spec.cpi is not None:
            low, high = (executed * cpi / self.spec.clock_hz for cpi in self.spec.cpi)
            seconds = low, high
        return report.BoardReport(
            self.spec.name, self.now_us, executed, seconds, self.functions() if counted else (),
            self.spec.ram_bytes, self.ram_used_bytes, self.ram.stack_room_bytes, self.stack_high_water_bytes,
            self.wear, self.flipped, self.boots,
        )  # fmt: skip

    def close(self) -> None:
        """Switch off."""
        self._power_off()
