"""A kernel in the cache is never older than a kernel that it calls, however far down."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KERNEL = (
    "from edgelearn.compiled import compiled\n{}\n@compiled()\ndef {}(x: float) -> float:\n    return {}\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "between.py").write_text(KERNEL.format("from called import called", "between", "called(x)"))
    (tmp_path / "caller.py").write_text(KERNEL.format("from between import between", "caller", "between(x)"))
    return tmp_path


def run(folder: Path, add: int) -> float:
    """Return what the caller makes of 0 in a process of its own, with ``add`` in the file two calls below."""
    (folder / "called.py").write_text(KERNEL.format("", "called", f"x + {add}"))
    paths = os.pathsep.join([str(folder), str(Path(__file__).resolve().parents[2])])
    done = subprocess.run(
        [sys.executable, "-c", "from caller import caller; print(caller(0.0))"],
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def test_an_edit_two_calls_below_reaches_the_caller(folder: Path) -> None:
    assert run(folder, 1) == 1.0
    assert run(folder, 2) == 2.0
