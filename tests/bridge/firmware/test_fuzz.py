"""The fuzzers find nothing; `python3 -m tools.firmware.fuzz` gives them a million inputs each."""

import subprocess
from pathlib import Path

import pytest

from tools.firmware import fuzz

INPUTS = {"frame": 100_000, "messages": 200_000}
OTHERS = 40_000


@pytest.mark.parametrize("name", fuzz.FUZZERS)
def test_nothing_is_found(tmp_path: Path, name: str) -> None:
    program = fuzz.build(name, tmp_path)
    count = INPUTS.get(name, OTHERS)
    done = subprocess.run([program, str(count)], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{count} inputs, 0 findings\n"
