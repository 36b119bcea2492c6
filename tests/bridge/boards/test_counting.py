"""What a core executes is counted instruction by instruction, and a limit stops it between two blocks."""

import pytest

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")

import unicorn

from edgelearn.emulator.boards.counting import Counter
from edgelearn.emulator.boards.elf import Part
from edgelearn.emulator.boards.flash import Memory

CODE = Memory(0x1000, 0x1000)
PROGRAM = bytes.fromhex(
    "0320 0138 fdd1 4ff48051 fee7"
)  # movs; twice back: subs, bne; mov.w (4 bytes), b to itself


def counted(limit: int, exact: bool = False) -> tuple[int, int]:
    core = unicorn.Uc(unicorn.UC_ARCH_ARM, unicorn.UC_MODE_THUMB | unicorn.UC_MODE_MCLASS)
    core.mem_map(*CODE)
    core.mem_write(CODE.address, PROGRAM)
    counter = Counter(CODE, (Part(CODE.address, PROGRAM), Part(0x20000000, b"data")))
    counter.watch(core)
    counter.until(limit, exact=exact)
    core.emu_start(CODE.address | 1, 0xFFFFFFFF)
    return counter.executed, core.reg_read(unicorn.arm_const.UC_ARM_REG_PC)


@pytest.mark.parametrize(
    ("limit", "executed", "at"), [(1, 3, 2), (4, 5, 2), (7, 7, 6), (8, 9, 10), (100, 100, 10)]
)
def test_each_instruction_counts_once_whatever_its_length(limit: int, executed: int, at: int) -> None:
    assert counted(limit) == (executed, CODE.address + at)


@pytest.mark.parametrize(("fence", "executed"), [(1, 0), (3, 3), (4, 3), (6, 5), (7, 7)])
def test_a_fence_is_never_passed(fence: int, executed: int) -> None:
    assert counted(fence, exact=True)[0] == executed
