"""A board by the name of a profile: what it has, what is refused and how, and what opening one loads."""

import subprocess
import sys
from pathlib import Path

import pytest

from edgelearn.emulator.boards.errors import BoardError
from edgelearn.emulator.boards.opening import open_board
from edgelearn.emulator.boards.spec import spec_of
from edgelearn.emulator.profiles import load
from edgelearn.errors import ConfigError, MissingExtraError
from tests.emulator.boards.made import RAM, Talk, board, elf_of

SMALL = """
title = "a small one"
like = "cortex-m4f"
[ram_bytes]
value = "64KiB"
kind = "assumed"
source = "nobody has it"
"""


@pytest.mark.parametrize(
    ("profile", "port", "ram", "clock"),
    [
        ("cortex-m4f", "mps2_an386", 192, 168),
        ("nrf52840", "mps2_an386", 256, 64),
        ("rp2040", "microbit", 264, 125),
    ],
)
def test_a_profile_says_how_large_and_how_fast(profile: str, port: str, ram: int, clock: int) -> None:
    it = board(profile)
    assert (it.spec.port, it.spec.ram_bytes, it.spec.clock_hz) == (port, ram << 10, clock * 1_000_000)
    assert it.spec.endurance
    assert Talk(it).hello.firmware.rstrip(b"\0").decode() == port


def test_the_same_work_takes_less_time_on_a_faster_clock(tmp_path: Path) -> None:
    program, times = elf_of(tmp_path), {}
    for profile in ("cortex-m4f", "nrf52840"):
        it = board(profile, firmware=program)
        it.run(1_000_000)
        times[profile] = it.now_us
    assert times["nrf52840"] / times["cortex-m4f"] == pytest.approx(168 / 64, rel=1e-3)


def test_a_firmware_that_needs_more_ram_than_there_is(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    with pytest.raises(BoardError, match="needs 192 KB of RAM, small has 64 KB"):
        open_board(tmp_path / "small.toml")
    fits = elf_of(tmp_path, stack=RAM + (64 << 10))
    assert board(str(tmp_path / "small.toml"), firmware=fits).run(100) >= 100


def test_there_is_no_ram_beyond_that_of_the_profile(tmp_path: Path) -> None:
    # ldr r0, =end of RAM; str r0, [r0]; loop
    code = (0x4801, 0x6000, 0xE7FE, 0, *divmod(RAM + (192 << 10), 1 << 16)[::-1])
    with pytest.raises(BoardError, match="astray"):
        board(firmware=elf_of(tmp_path, code)).run(10)
    code = (0x4801, 0x6000, 0xE7FE, 0, *divmod(RAM + (192 << 10) - 4, 1 << 16)[::-1])
    assert board(firmware=elf_of(tmp_path, code)).run(10) >= 10


@pytest.mark.parametrize(
    ("profile", "hint"),
    [("cortex-m4", "cortex-m4f"), ("nrf52", "nrf52840"), ("micro-bit", "microbit"), ("teapot", "rp2040")],
)
def test_an_unknown_profile_is_told_what_is_near(profile: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        open_board(profile)


def test_what_is_no_board_is_refused() -> None:
    with pytest.raises(ConfigError, match="linux device, no board; run programs on it with EdgeDevice"):
        open_board("pi-zero-2w")
    with pytest.raises(ConfigError, match="no engine 'qemo'; there is qemu"):
        open_board(engine="qemo")


def test_a_core_nobody_emulates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SMALL.replace("like =", "core = 'm33'\nlike ="))
    with pytest.raises(ConfigError, match="core 'm33'; boards have m4f, m0, m0plus"):
        spec_of(tmp_path / "own.toml")


def test_without_unicorn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'edgelearn\[emulate\]'"):
        open_board()


def test_opening_loads_nothing_heavy() -> None:
    code = (
        "import sys; from edgelearn.emulator.boards.opening import open_board; board = open_board();"
        "board.run_until(1000);"
        "assert b'mps2' in board.read(); print(*{'numpy', 'numba', 'llvmlite', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_pages_are_the_profiles_but_no_larger_than_a_slot() -> None:
    assert spec_of("nrf52840").page_bytes == load("nrf52840").flash_page_bytes == 4096
    assert load("cortex-m4f").flash_page_bytes > spec_of("cortex-m4f").page_bytes == 16 << 10
