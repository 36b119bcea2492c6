"""The firmware is built once for all tests of the process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.conftest import Build
from tests.bridge.device.process import Host, made, talking


@pytest.fixture(scope="session")
def program(build: Build) -> Path:
    return made(build, "device", "-DEL_SLOT_BYTES=4096")


@pytest.fixture
def host(program: Path) -> Iterator[Host]:
    with talking(program) as host:
        yield host
