"""The parts of the head, built once for each kind of machine."""

from pathlib import Path

import pytest

from tests.bridge.rules.machines import KINDS, MATH, Machine, machine


@pytest.fixture(scope="session", params=KINDS)
def parts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return machine(
        request.param, [Path(__file__).parent / "runner.c", MATH], tmp_path_factory.mktemp("parts")
    )
