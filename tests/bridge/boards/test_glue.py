"""The examples for boards nobody has here: compiled against stand-ins for their SDKs, and marked as not run."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.firmware.plan import FOLDER

PORTS = FOLDER / "ports"
STAND_INS = Path(__file__).parent / "stand_ins"
MARK = "NOT RUN ON HARDWARE HERE"
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-fsyntax-only")


@pytest.mark.parametrize(
    "file",
    [
        "arduino/src/edgelearn.h", "arduino/src/edgelearn.cpp", "arduino/examples/device/device.ino",
        "pico/CMakeLists.txt", "pico/el_board.h", "pico/main.c",
    ],
)  # fmt: skip
def test_it_says_that_it_was_not_run(file: str) -> None:
    assert MARK in (PORTS / file).read_text()


@pytest.mark.parametrize(
    ("compiler", "flags", "sources"),
    [
        ("cc", ("-std=c99", '-DEL_BOARD_H="el_board.h"', f"-I{PORTS / 'pico'}"), ["pico/main.c"]),
        (
            "c++",
            ("-std=c++11", f"-I{PORTS / 'arduino/src'}", "-x", "c++", "-include", "Arduino.h"),
            ["arduino/src/edgelearn.cpp", "arduino/examples/device/device.ino"],
        ),
    ],
)
def test_it_compiles(compiler: str, flags: tuple[str, ...], sources: list[str]) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    folders = [f"-I{STAND_INS}", f"-I{FOLDER / 'include'}"]
    for source in sources:
        command = [compiler, *WARNINGS, *folders, *flags, str(PORTS / source)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_pico_takes_every_source() -> None:
    assert "file(GLOB SOURCES ${FIRMWARE}/src/*.c)" in (PORTS / "pico/CMakeLists.txt").read_text()


def test_arduino_finds_its_library() -> None:
    properties = dict(
        line.split("=", 1) for line in (PORTS / "arduino/library.properties").read_text().splitlines()
    )
    asked = "name version author maintainer sentence paragraph category url architectures"
    assert set(asked.split()) <= properties.keys()
    assert (PORTS / "arduino/src" / properties["includes"]).is_file()
