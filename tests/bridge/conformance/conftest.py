"""Devices that may be absent: a board in QEMU, and one of your own (``--device URL``). What was not checked is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgelearn import export
from edgelearn.emulator.boards.qemu import QemuError, program
from tests.bridge.conftest import Build
from tests.bridge.device.process import made

ABSENT = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("edgelearn")
    group.addoption(
        "--device", help="check this device too: a path, serial:///dev/…?baud=…, socket://host:port"
    )
    group.addoption("--device-key", type=Path, help="file with the 32 bytes of its key, if it has one")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ABSENT] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in sorted(set(config.stash[ABSENT])):
        terminalreporter.write_line(f"not checked: {line}")


@pytest.fixture
def absent(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return what skips a test and has the summary say why."""

    def skip(reason: str) -> None:
        request.config.stash[ABSENT].append(reason)
        pytest.skip(reason)

    return skip


@pytest.fixture
def qemu(absent: Callable[[str], None]) -> str:
    """Return the program; without it the test is skipped, and the summary says so."""
    try:
        return program()
    except QemuError as error:
        absent(f"QEMU is not installed, so no emulated board was: {error}")
        raise


@pytest.fixture(scope="session")
def build_device(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return what builds the firmware as a process: build_device(name, head or None for its own, *flags)."""

    def built(name: str, head: object = None, *flags: str) -> Path:
        if head is not None:
            header = tmp_path_factory.mktemp("head") / "el_head.h"
            export.to_c(head, header)
            flags = ("-include", str(header), *flags)  # its guard keeps the firmware's own out
        return made(build, f"device {name}", *flags)

    return built
