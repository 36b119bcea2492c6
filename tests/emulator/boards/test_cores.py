"""The ELF of another core is refused when it is opened, and the sentence says which core it is for."""

import shutil
import sys
from pathlib import Path

import pytest

from edgelearn.emulator.boards import cores, elf, prebuilt
from edgelearn.emulator.boards.elf import ElfError
from edgelearn.emulator.boards.errors import BoardError
from tests.emulator.boards.made import attributes_of, board, elf_of

M = (cores.CPU_PROFILE, cores.MICROCONTROLLER)


@pytest.mark.parametrize(
    ("machine", "name"), [(3, "x86"), (183, "AArch64"), (243, "RISC-V"), (94, "Xtensa"), (999, "machine 999")]
)
def test_another_machine(machine: int, name: str, tmp_path: Path) -> None:
    with pytest.raises(ElfError, match=f"is a program for {name}, not for a Cortex-M"):
        board(firmware=elf_of(tmp_path, machine=machine))


@pytest.mark.skipif(sys.platform != "linux", reason="programs are ELFs on Linux")
def test_a_program_of_this_machine() -> None:
    with pytest.raises(ElfError, match="is a program for"):
        board(firmware=Path(shutil.which("env") or "/usr/bin/env"))


def test_what_the_package_brings_says_its_core() -> None:
    found = {port: cores.attributes(elf.read(prebuilt.image(port)).attributes) for port in prebuilt.BOARDS}
    assert found["mps2_an386"][cores.CPU_ARCH] == 13
    assert found["mps2_an386"][cores.VFP_ARGS] == 1
    assert found["microbit"][cores.CPU_ARCH] == 12


def test_code_of_an_m4f_on_an_m0() -> None:
    with pytest.raises(BoardError, match="is for Armv7E-M, which a Cortex-M0 does not run"):
        board("rp2040", firmware=prebuilt.image("mps2_an386"))


@pytest.mark.parametrize(
    ("profile", "tags", "runs"),
    [
        ("rp2040", (cores.CPU_ARCH, 12), True),
        ("cortex-m4f", (cores.CPU_ARCH, 12, *M), True),
        ("cortex-m4f", (cores.CPU_ARCH, 10, *M), True),
        ("cortex-m4f", (cores.CPU_ARCH, 10, cores.CPU_PROFILE, cores.APPLICATION), False),
        ("cortex-m4f", (cores.CPU_ARCH, 17, *M), False),
        ("rp2040", (cores.CPU_ARCH, 12, cores.VFP_ARGS, 1), False),
        ("rp2040", (), True),
    ],
)
def test_each_core_runs_what_it_knows(
    profile: str, tags: tuple[int, ...], runs: bool, tmp_path: Path
) -> None:
    program = elf_of(tmp_path, attributes=attributes_of(*tags))
    if runs:
        assert board(profile, firmware=program).run(100) >= 100
    else:
        with pytest.raises(BoardError, match="the firmware"):
            board(profile, firmware=program)


def test_floats_in_registers_of_an_fpu_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="-mfloat-abi=soft"):
        board("rp2040", firmware=elf_of(tmp_path, flags=cores.HARD_FLOAT))


def test_a_file_cut_short_or_without_vectors(tmp_path: Path) -> None:
    program = elf_of(tmp_path)
    program.write_bytes(program.read_bytes()[:60])
    with pytest.raises(ElfError, match="cut short or damaged"):
        board(firmware=program)
    with pytest.raises(BoardError, match="where cortex-m4f has no RAM"):
        board(firmware=elf_of(tmp_path, stack=0x10000000))
