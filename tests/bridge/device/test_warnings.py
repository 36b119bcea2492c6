"""The firmware is clean at every level of optimisation: each sees, and warns of, something else."""

import shutil
import subprocess

import pytest

from tests.bridge.conftest import FIRMWARE, SOURCES, STRICT

FILES = [*sorted(SOURCES.glob("*.c")), FIRMWARE / "ports" / "sensor" / "sensor.c"]


@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2", "-O3", "-Os"])
def test_no_level_of_optimisation_warns(level: str) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: install gcc or clang")
    for file in FILES:
        command = [compiler, *STRICT, level, "-S", "-o", "/dev/null", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
