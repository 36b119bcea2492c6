"""A core of unicorn with its memory and registers: the hot path of a board.

Rule 1: a read of a register may stop the core: the read then has not happened, and happens again when the core goes on.
Rule 2: asleep (WFI) the core stops by itself. Rule 3: there is no memory but code, the profile's RAM and what the
chip has: the firmware goes astray where a real one would fault. RAM holds no code: it would not be counted.
"""

import struct
from collections.abc import Callable
from typing import Any

from edgelearn.emulator.boards.elf import Elf
from edgelearn.emulator.boards.errors import BoardError
from edgelearn.emulator.boards.flash import Flash, Memory
from edgelearn.emulator.boards.peripherals import Chip
from edgelearn.errors import MissingExtraError

GRAIN = 4096  # unicorn maps whole pages
NOWHERE = 0xFFFFFFFF
Read = Callable[[Any, int, int, int], int]  # core, offset, bytes, start of the registers -> value
Write = Callable[[Any, int, int, int, int], None]  # core, offset, bytes, value, start of the registers


class Machine:
    """``uc`` is unicorn's core; ``pc`` where it goes on. ``read`` and ``write`` are called for every register,
    straight from unicorn: most of what a board costs is in them.

    Raises MissingExtraError without unicorn.
    """

    def __init__(
        self, image: Elf, chip: Chip, ram_bytes: int, flash: Flash, read: Read, write: Write
    ) -> None:
        self._unicorn = uc = _unicorn()
        self.ram = Memory(chip.RAM.address, ram_bytes)
        self._code = chip.CODE
        self.uc: Any = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
        arm = uc.arm_const
        self.uc.ctl_set_cpu_model(arm.UC_CPU_ARM_CORTEX_M4 if chip.CORE.fpu else arm.UC_CPU_ARM_CORTEX_M0)
        self.uc.mem_map(*chip.CODE, uc.UC_PROT_READ | uc.UC_PROT_EXEC)
        self.uc.mem_map(self.ram.address, -(-ram_bytes // GRAIN) * GRAIN, uc.UC_PROT_READ | uc.UC_PROT_WRITE)
        for base, size in chip.REGISTERS:
            self.uc.mmio_map(base, size, read, base, write, base)
        self.uc.mmio_map(*chip.SLOTS, _from_flash, flash.bytes, write, chip.SLOTS.address)
        for part in image.parts:
            self.uc.mem_write(part.address, part.data)
        self._PC = arm.UC_ARM_REG_PC
        self._fresh = self.uc.context_save()
        self.restart()

    def restart(self) -> None:
        """Bring the registers to where they are after a reset; memory stays."""
        stack, self.pc = struct.unpack("<II", self.uc.mem_read(self._code.address, 8))
        self.uc.context_restore(self._fresh)
        self.uc.reg_write(self._unicorn.arm_const.UC_ARM_REG_SP, stack)

    def go(self, end: int = NOWHERE) -> None:
        """Run until something stops the core, or to the instruction at ``end``. Raises BoardError when it goes astray,
        and what a register or the flash raised."""
        try:
            self.uc.emu_start(self.pc | 1, end)
        except self._unicorn.UcError as error:
            raise BoardError(f"the firmware went astray at {self._at():#x}: {error}") from None
        finally:
            self.pc = self._at()

    def stop(self) -> None:
        """Stop the core: from a read of a register, or from another thread."""
        self.uc.emu_stop()

    def go_exactly_to(self, address: int) -> None:
        """Run to an instruction that the core would pass without a stop, were it in the middle of an IT block."""
        self.uc.ctl_flush_tb()  # what was translated before does not end there
        self.go(address)

    def _at(self) -> int:
        return int(self.uc.reg_read(self._PC))


def _from_flash(_: Any, offset: int, size: int, content: bytearray) -> int:
    return int.from_bytes(content[offset : offset + size], "little")


def _unicorn() -> Any:
    try:
        import unicorn
    except ImportError:
        raise MissingExtraError(
            "unicorn is missing; install it with: pip install 'edgelearn[emulate]'"
        ) from None
    return unicorn
