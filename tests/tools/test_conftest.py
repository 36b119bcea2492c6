"""Tests that need the public data sets: deselected with the reason, or run, or a clear error."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
TESTS = """
import pytest

@pytest.mark.data
def test_with_data(data_dir):
    assert (data_dir / "here").exists()

def test_without():
    pass
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST.read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = data: public data sets\n")
    (tmp_path / "test_sample.py").write_text(TESTS)
    return tmp_path


def _run(suite: Path, folder: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "EDGELEARN_DATA"}
    if folder is not None:
        environment["EDGELEARN_DATA"] = str(folder)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    return subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)


def test_without_the_variable_they_are_deselected_with_the_reason(suite: Path) -> None:
    done = _run(suite, None)
    assert done.returncode == 0
    assert "1 passed, 1 deselected" in done.stdout
    assert "1 tests need the public data sets; set EDGELEARN_DATA" in done.stdout


def test_with_the_variable_they_run(suite: Path) -> None:
    (suite / "here").touch()
    done = _run(suite, suite)
    assert done.returncode == 0
    assert "2 passed" in done.stdout
    assert "deselected" not in done.stdout


def test_a_folder_that_is_not_there_is_an_error(suite: Path) -> None:
    done = _run(suite, suite / "nowhere")
    assert done.returncode != 0
    assert "which is no folder" in done.stdout + done.stderr
