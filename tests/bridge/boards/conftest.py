"""Firmware built once a session, and QEMU where it is."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edgelearn.emulator.boards.qemu import QemuError, program
from tools.firmware.build import Built, build
from tools.firmware.compilers import GCC
from tools.firmware.plan import PORTS

Build = Callable[[str, str], Built]


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return firmware(compiler, board): the port built, once."""
    folder, made = tmp_path_factory.mktemp("firmware"), dict[tuple[str, str], Built]()

    def built(compiler: str, board: str) -> Built:
        if compiler == "gcc" and shutil.which(GCC) is None:
            pytest.skip(f"{GCC} is missing: apt install gcc-arm-none-eabi")
        if (compiler, board) not in made:
            made[compiler, board] = build(compiler, PORTS[board], Path(folder / f"{compiler}-{board}"))
        return made[compiler, board]

    return built


@pytest.fixture
def qemu() -> str:
    """Return the program; without it the test is skipped and `tools test` says so in its last line."""
    try:
        return program()
    except QemuError as error:
        pytest.skip(str(error))
