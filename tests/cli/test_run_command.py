import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edgelearn.cli import main
from tests.run.running import ROOT

SOURCE = '[source]\nkind = "npz"\npath = "d.npz"\ny = "y"\nlearn = true\n'


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgelearn", "run", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.savez(tmp_path / "d.npz", x=np.eye(3, dtype=np.float32), y=np.array([1, 2, 3]))
    (tmp_path / "run.toml").write_text(SOURCE)
    return tmp_path


def test_one_json_object_a_line(folder: Path) -> None:
    done = run(folder, "run.toml")
    assert done.returncode == 0
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert events == ["started", "decision", "decision", "decision", "stopped"]
    assert done.stderr == ""


def test_with_json_one_object_and_the_lines_on_standard_error(folder: Path) -> None:
    done = run(folder, "run.toml", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "event": "stopped",
        "seen": 3,
        "learned": 3,
        "refused": 0,
        "saved_version": None,
    }
    assert len(done.stderr.splitlines()) == 5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            SOURCE.replace("learn", "lern"),
            "run.toml, line 5: unknown key 'lern' in [source]; did you mean 'learn'?",
        ),
        (SOURCE.replace("d.npz", "absent.npz"), "there is no file"),
        (SOURCE + '[extractor]\npath = "d.npz"\n', "d.npz"),
        (SOURCE + '[store]\npath = "absent/s.db"\n', "absent"),
        (SOURCE + '[feedback]\nsocket = "d.npz"\n', "is there and no socket"),
        (SOURCE + "[learner]\nticket_bytes = 10\n", "ticket_bytes"),
    ],
)
def test_what_cannot_work_is_one_sentence(folder: Path, text: str, sentence: str) -> None:
    (folder / "run.toml").write_text(text)
    done = run(folder, "run.toml")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert sentence in line


def test_a_configuration_that_is_not_there() -> None:
    done = CliRunner().invoke(main, ["run", "absent.toml"])
    assert done.exit_code == 1
    assert "absent.toml cannot be read" in done.output
