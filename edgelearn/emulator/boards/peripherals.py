"""Registers of the two boards, as far as the firmware touches them: UART, clock, random numbers, flash controller,
reset.

Rule 1: no interrupts: a byte that arrives and an alarm that is due are seen by whoever reads the register.
Rule 2: time comes from the board, in microseconds since it was first switched on; nothing here looks at a clock. What
the firmware reads as time starts with each reset.
Rule 3: a register that is not modelled reads 0 and ignores what is written. Sources: Arm DAI0386 and DDI0479; nRF51
Series Reference Manual 3.0.
"""

import random
from typing import ClassVar, Protocol

from edgelearn.emulator.boards import cores
from edgelearn.emulator.boards.attached import Attached
from edgelearn.emulator.boards.flash import Flash, Memory
from edgelearn.emulator.boards.line import Line

WORD = 1 << 32
PRIVATE = Memory(0xE000E000, 0x1000)  # of the core: SysTick, NVIC, system control
RESET_CONTROL, RESET_NOW = 0xE000ED0C, 0x05FA0004  # AIRCR: the key, and SYSRESETREQ


class Chip(Protocol):
    """A chip and its board. Addresses are absolute; RAM begins where `RAM` does, and is as large as the profile
    says."""

    CORE: ClassVar[cores.Core]
    HZ: ClassVar[int]
    CODE: ClassVar[Memory]
    RAM: ClassVar[Memory]
    REGISTERS: ClassVar[tuple[Memory, ...]]
    SLOTS: ClassVar[Memory]
    PAGE_BYTES: ClassVar[int]

    wants_reset: bool  # the firmware has asked for one

    def read(self, address: int, now_us: int) -> int: ...

    def write(self, address: int, value: int, now_us: int) -> None: ...

    def reset(self, now_us: int) -> None:
        """Bring all registers to where they begin."""
        ...

    def alarm_us(self, now_us: int) -> int:
        """Return when a core that sleeps from now on wakes up, if no byte arrives."""
        ...


class Mps2An386(Chip):
    """MPS2 with AN386: Cortex-M4F, CMSDK UART 0, dual timer 1, SysTick as alarm; flash only where it is emulated."""

    CORE = cores.M4F
    HZ = 25_000_000
    CODE, RAM = Memory(0, 1 << 20), Memory(0x20000000, 192 << 10)
    EMULATOR = Memory(0x40010000, 0x1000)
    REGISTERS = (Memory(0x40002000, 0x1000), Memory(0x40004000, 0x1000), EMULATOR, PRIVATE)
    SLOTS, PAGE_BYTES = Memory(0x20100000, 0x8000), 16 << 10

    def __init__(self, line: Line, flash: Flash, attached: Attached, draw: random.Random) -> None:  # noqa: ARG002 - chips are made alike
        self._line, self._flash, self._attached = line, flash, attached
        self.reset(0)

    def reset(self, now_us: int) -> None:
        self._zero_us, self._reload, self.wants_reset = now_us, 0, False

    def read(self, address: int, now_us: int) -> int:
        if address == 0x40004004:  # UART state: bit 1: a byte has arrived; bit 0: still sending
            return 2 * self._line.arrived(now_us) + (now_us < self._line.busy_us)
        if address == 0x40004000:
            return self._line.take(now_us)
        if address == 0x40002004:  # the timer counts down
            return ~((now_us - self._zero_us) * (self.HZ // 1_000_000)) % WORD
        if address >= self.EMULATOR.address and address < self.EMULATOR.end:
            return self._attached.read(address - self.EMULATOR.address)
        return 0

    def write(self, address: int, value: int, now_us: int) -> None:
        if address == 0x40004000:
            self._line.send(value, now_us)
        elif address == 0xE000E014:
            self._reload = value
        elif self.EMULATOR.address <= address < self.EMULATOR.end:
            self._attached.write(address - self.EMULATOR.address, value, now_us - self._zero_us, now_us)
        elif self.SLOTS.address <= address < self.SLOTS.end:
            self._flash.write(address, value)
        elif address == RESET_CONTROL:
            self.wants_reset = value == RESET_NOW

    def alarm_us(self, now_us: int) -> int:
        period_us = max(1, (self._reload + 1) // (self.HZ // 1_000_000))
        return now_us + period_us - (now_us - self._zero_us) % period_us


class Microbit(Chip):
    """micro:bit: nRF51822 (Cortex-M0), UART, TIMER0, RNG, and an NVMC over the last 8 KB of flash."""

    CORE = cores.M0
    HZ = 16_000_000
    CODE, RAM = Memory(0, 248 << 10), Memory(0x20000000, 16 << 10)
    EMULATOR = Memory(0x4001A000, 0x1000)
    REGISTERS = (Memory(0x40000000, 0x1F000), Memory(0x50000000, 0x1000), PRIVATE)
    SLOTS, PAGE_BYTES = Memory(0x3E000, 0x2000), 1024
    READ, WRITE, ERASE = 0, 1, 2

    def __init__(self, line: Line, flash: Flash, attached: Attached, draw: random.Random) -> None:
        self._line, self._flash, self._attached, self._draw = line, flash, attached, draw
        self.reset(0)

    def reset(self, now_us: int) -> None:
        self._zero_us, self.wants_reset = now_us, False
        self._held: dict[int, int] = {}  # registers that read as what was written

    def read(self, address: int, now_us: int) -> int:  # noqa: PLR0911 - a table of registers
        if address == 0x40002108:  # UART: a byte has arrived
            return int(self._line.arrived(now_us))
        if address == 0x40002518:
            return self._line.take(now_us)
        if address == 0x4000211C:  # UART: sent
            return int(now_us >= self._line.busy_us)
        if address == 0x40008144:  # TIMER0: the alarm has come
            return int(self._alarm_in_us(now_us) <= 0)
        if address == 0x4000D508:
            return self._draw.getrandbits(8)
        if self.EMULATOR.address <= address < self.EMULATOR.end:
            return self._attached.read(address - self.EMULATOR.address)
        # random number ready, flash ready: always; nothing there takes time
        return 1 if address in (0x4000D100, 0x4001E400) else self._held.get(address, 0)

    def write(self, address: int, value: int, now_us: int) -> None:
        self._held[address] = value
        mode = self._held.get(0x4001E504, self.READ)
        if address == 0x4000251C:
            self._line.send(value, now_us)
        elif address == 0x40008040:  # TIMER0: capture the time
            self._held[0x40008540] = (now_us - self._zero_us) % WORD
        elif address == 0x4001E508 and mode == self.ERASE:
            self._flash.erase(value)
        elif self.SLOTS.address <= address < self.SLOTS.end and mode == self.WRITE:
            self._flash.write(address, value)
        elif self.EMULATOR.address <= address < self.EMULATOR.end:
            self._attached.write(address - self.EMULATOR.address, value, now_us - self._zero_us, now_us)
        elif address == RESET_CONTROL:
            self.wants_reset = value == RESET_NOW

    def alarm_us(self, now_us: int) -> int:
        return now_us + max(1, self._alarm_in_us(now_us))

    def _alarm_in_us(self, now_us: int) -> int:
        """Return how far off the alarm is; one that has passed is below 0. Both clocks wrap."""
        ahead = self._held.get(0x40008544, 0) - (now_us - self._zero_us)
        return (ahead + WORD // 2) % WORD - WORD // 2


CHIPS: dict[str, type[Mps2An386 | Microbit]] = {"mps2_an386": Mps2An386, "microbit": Microbit}
