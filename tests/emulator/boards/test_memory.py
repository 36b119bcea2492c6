"""The stack's high-water mark, and what variables take."""

from pathlib import Path

from edgelearn.emulator.boards import elf, prebuilt
from tests.emulator.boards.made import RAM, Talk, board, elf_of, samples

PUSHES_40 = (0xB4FF, 0xB403, 0xE7FE)  # push {r0-r7}; push {r0, r1}; here


def test_the_mark_is_as_deep_as_the_stack_went(tmp_path: Path) -> None:
    it = board(firmware=elf_of(tmp_path, PUSHES_40))
    assert it.stack_high_water_bytes == 0
    it.run(2)
    assert it.stack_high_water_bytes == 40
    it.run(100)
    assert it.stack_high_water_bytes == 40


def test_learning_goes_deeper_than_starting_and_stays_within_what_the_linker_keeps() -> None:
    it = board(counted=False)
    it.run_until(1)
    started = it.stack_high_water_bytes
    talk = Talk(it)
    talk.learn(samples(1)[0], 1)
    assert 0 < started < it.stack_high_water_bytes < 4096
    it.power_cut()
    it.power_on()
    assert it.stack_high_water_bytes == 0


def test_variables_are_what_the_elf_says() -> None:
    symbols = elf.read(prebuilt.image("mps2_an386")).symbols
    assert board(counted=False).ram_used_bytes == symbols["el_noinit_end"].address - RAM
