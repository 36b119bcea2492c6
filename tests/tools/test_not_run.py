"""`tools test` ends with a line that names what was not run for want of QEMU or a C compiler."""

import subprocess
import sys
from pathlib import Path

from tools._venv import ROOT

TESTS = """\
import pytest

def test_of_a_board():
    pytest.skip("{reason}")

def test_of_something_else():
    pass
"""


def last_line(folder: Path, reason: str) -> str:
    (folder / "test_it.py").write_text(TESTS.format(reason=reason))
    command = [sys.executable, "-m", "pytest", "-p", "tools._not_run", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_the_last_line_names_them(tmp_path: Path) -> None:
    last = last_line(
        tmp_path, "qemu-system-arm is absent; on Debian and Ubuntu: sudo apt install qemu-system-arm"
    )
    assert last.startswith("not run, since qemu-system-arm is absent (sudo apt install qemu-system-arm): ")
    assert last.endswith("test_it.py (1)")


def test_files_that_skip_whole_for_want_of_a_compiler_are_named(tmp_path: Path) -> None:
    reason = "a recorder that sees inside SQLite needs Linux and a C compiler"
    (tmp_path / "test_store.py").write_text(
        f"import pytest\npytestmark = pytest.mark.skipif(True, reason={reason!r})\n"
        "def test_one(): ...\ndef test_two(): ...\n"
    )
    last = last_line(tmp_path, "qemu-system-arm is absent")
    compiler, qemu = last.split("; ")
    assert compiler.startswith("not run, since a C compiler, or Linux, is absent (sudo apt install gcc")
    assert compiler.endswith("test_store.py (2)")
    assert qemu.startswith("since qemu-system-arm is absent")


def test_other_skips_are_not_its_business(tmp_path: Path) -> None:
    assert "1 passed, 1 skipped" in last_line(tmp_path, "no compiler")
