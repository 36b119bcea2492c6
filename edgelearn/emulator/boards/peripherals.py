"""Registers of the two boards, as far as the firmware touches them: UART, clock, random numbers, flash controller.

Rule 1: no interrupts: a byte that arrives and an alarm that is due are seen by whoever reads the register.
Rule 2: time comes from the board, in microseconds of its own; nothing here looks at a clock.
Rule 3: a register that is not modelled reads 0 and ignores what is written. Sources: Arm DAI0386 and DDI0479; nRF51
Series Reference Manual 3.0.
"""

import random
from collections import deque
from typing import ClassVar, NamedTuple, Protocol

from edgelearn.emulator.boards.slots import PowerCutError

WORD_BYTES = 4
BITS_A_BYTE = 10  # on the line
ERASED = 0xFF


class Memory(NamedTuple):
    """A range of addresses."""

    address: int
    size: int


class Line:
    """Both directions of the UART at a pace; a byte that is not taken waits, where a real UART would lose it."""

    def __init__(self, baud: int) -> None:
        self.byte_us = max(1, BITS_A_BYTE * 1_000_000 // baud)
        self.from_board = bytearray()
        self.busy_us = 0  # until when the byte that was sent last takes
        self._to_board: deque[tuple[int, int]] = deque()  # when it has arrived, byte
        self._last_us = 0

    def give(self, data: bytes, now_us: int) -> None:
        """Put bytes on the way to the board."""
        self._last_us = max(self._last_us, now_us)
        for byte in data:
            self._last_us += self.byte_us
            self._to_board.append((self._last_us, byte))

    def arrived(self, now_us: int) -> bool:
        """Say whether a byte waits in the UART."""
        return bool(self._to_board) and self._to_board[0][0] <= now_us

    def take(self, now_us: int) -> int:
        """Take it; 0 if there is none."""
        return self._to_board.popleft()[1] if self.arrived(now_us) else 0

    def send(self, byte: int, now_us: int) -> None:
        """Send a byte to the host."""
        self.from_board.append(byte & 0xFF)
        self.busy_us = now_us + self.byte_us

    def next_us(self, now_us: int) -> int | None:
        """Return when the UART has news: a byte has arrived, or was sent."""
        times = [self.busy_us] if self.busy_us > now_us else []
        if self._to_board:
            times.append(max(now_us, self._to_board[0][0]))
        return min(times, default=None)


class Flash:
    """Pages that a program writes itself, kept when the power goes. A bit is only ever written to 0.

    ``cut_after``: operations (a word written, a page erased) until the power goes, None for never; the operation in
    which it goes is half done, in a way drawn from ``draw``.
    """

    def __init__(self, memory: Memory, page_bytes: int, draw: random.Random) -> None:
        self.memory, self.page_bytes, self._draw = memory, page_bytes, draw
        self.bytes = bytearray([ERASED]) * memory.size
        self.operations = 0
        self.cut_after: int | None = None

    def erase(self, address: int) -> None:
        """Erase the page at ``address``. Raises PowerCutError."""
        start = (address - self.memory.address) // self.page_bytes * self.page_bytes
        cut = self._count()
        for at in range(start, start + self.page_bytes):
            if not cut or self._draw.random() < 0.5:
                self.bytes[at] = ERASED
        if cut:
            raise PowerCutError

    def write(self, address: int, word: int) -> None:
        """Write the word at ``address``. Raises PowerCutError."""
        start = address - self.memory.address
        cut = self._count()
        kept = self._draw.getrandbits(32) if cut else 0  # bits that had no time to become 0
        before = int.from_bytes(self.bytes[start : start + WORD_BYTES], "little")
        self.bytes[start : start + WORD_BYTES] = (before & (word | kept)).to_bytes(WORD_BYTES, "little")
        if cut:
            raise PowerCutError

    def _count(self) -> bool:
        cut = self.cut_after is not None and self.operations >= self.cut_after
        self.operations += 1
        return cut


class Chip(Protocol):
    """A chip and its board. Addresses are absolute; times in microseconds since it was switched on."""

    HZ: ClassVar[int]
    CODE: ClassVar[Memory]
    RAM: ClassVar[Memory]
    REGISTERS: ClassVar[tuple[Memory, ...]]

    flash: Flash | None

    def read(self, address: int, now_us: int) -> int: ...

    def write(self, address: int, value: int, now_us: int) -> None: ...

    def alarm_us(self, now_us: int) -> int:
        """Return when a core that sleeps from now on wakes up, if no byte arrives."""
        ...


class Mps2An386:
    """MPS2 with AN386: Cortex-M4F, CMSDK UART 0, dual timer 1, SysTick as alarm. No flash that a program can write."""

    HZ = 25_000_000
    CODE, RAM = Memory(0, 4 << 20), Memory(0x20000000, 4 << 20)
    REGISTERS = (Memory(0x40002000, 0x1000), Memory(0x40004000, 0x1000), Memory(0xE000E000, 0x1000))

    def __init__(self, line: Line, draw: random.Random) -> None:  # noqa: ARG002 - chips are made alike
        self._line = line
        self.flash: Flash | None = None
        self._reload = 0

    def read(self, address: int, now_us: int) -> int:
        if address == 0x40004004:  # UART state: bit 1: a byte has arrived; bit 0: still sending
            return 2 * self._line.arrived(now_us) + (now_us < self._line.busy_us)
        if address == 0x40004000:
            return self._line.take(now_us)
        if address == 0x40002004:  # the timer counts down
            return ~(now_us * (self.HZ // 1_000_000)) & 0xFFFFFFFF
        return 0

    def write(self, address: int, value: int, now_us: int) -> None:
        if address == 0x40004000:
            self._line.send(value, now_us)
        elif address == 0xE000E014:
            self._reload = value

    def alarm_us(self, now_us: int) -> int:
        period_us = max(1, (self._reload + 1) // (self.HZ // 1_000_000))
        return (now_us // period_us + 1) * period_us


class Microbit:
    """micro:bit: nRF51822 (Cortex-M0), UART, TIMER0, RNG, and an NVMC over the last 8 KB of flash."""

    HZ = 16_000_000
    CODE, RAM = Memory(0, 248 << 10), Memory(0x20000000, 16 << 10)
    REGISTERS = (Memory(0x40000000, 0x1F000), Memory(0x50000000, 0x1000), Memory(0xE000E000, 0x1000))
    SLOTS, PAGE_BYTES = Memory(0x3E000, 0x2000), 1024
    READ, WRITE, ERASE = 0, 1, 2

    def __init__(self, line: Line, draw: random.Random) -> None:
        self._line, self._draw = line, draw
        self.flash: Flash | None = Flash(self.SLOTS, self.PAGE_BYTES, draw)
        self._held: dict[int, int] = {}  # registers that read as what was written

    def read(self, address: int, now_us: int) -> int:
        if address == 0x40002108:  # UART: a byte has arrived
            return int(self._line.arrived(now_us))
        if address == 0x40002518:
            return self._line.take(now_us)
        if address == 0x4000211C:  # UART: sent
            return int(now_us >= self._line.busy_us)
        if address == 0x40008144:  # TIMER0: the alarm has come
            return int(now_us >= self._held.get(0x40008544, 0))
        if address == 0x4000D508:
            return self._draw.getrandbits(8)
        # random number ready, flash ready: always; nothing there takes time
        return 1 if address in (0x4000D100, 0x4001E400) else self._held.get(address, 0)

    def write(self, address: int, value: int, now_us: int) -> None:
        assert self.flash is not None
        self._held[address] = value
        mode = self._held.get(0x4001E504, self.READ)
        if address == 0x4000251C:
            self._line.send(value, now_us)
        elif address == 0x40008040:  # TIMER0: capture the time
            self._held[0x40008540] = now_us & 0xFFFFFFFF
        elif address == 0x4001E508 and mode == self.ERASE:
            self.flash.erase(value)
        elif self.SLOTS.address <= address < self.SLOTS.address + self.SLOTS.size and mode == self.WRITE:
            self.flash.write(address, value)

    def alarm_us(self, now_us: int) -> int:
        return max(now_us + 1, self._held.get(0x40008544, 0))


CHIPS: dict[str, type[Mps2An386 | Microbit]] = {"mps2_an386": Mps2An386, "microbit": Microbit}
