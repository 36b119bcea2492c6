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


@pytest.mark.parametrize(
    "text",
    [
        SOURCE.replace("d.npz", "absent.npz"),
        SOURCE + '[feedback]\nsocket = "absent/d.sock"\n',
    ],
)
def test_what_fails_before_the_start_gives_no_event(folder: Path, text: str) -> None:
    (folder / "run.toml").write_text(text)
    done = run(folder, "run.toml")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1


def into_a_full_disk(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    with Path("/dev/full").open("w") as full:
        return subprocess.run(
            [sys.executable, "-m", "edgelearn", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.mark.parametrize(
    "arguments",
    [("run", "run.toml"), ("run", "run.toml", "--json"), ("state", "show", "s.db"), ("doctor", "--json")],
)
def test_a_full_disk_under_the_output_is_one_sentence(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "run.toml").write_text(SOURCE + '[store]\npath = "s.db"\n')
    assert run(folder, "run.toml").returncode == 0
    done = into_a_full_disk(folder, *arguments)
    assert done.returncode == 1
    *_, line = done.stderr.splitlines()
    assert line.startswith("Error: the ")
    assert "No space left on device" in line
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_closed_output_is_one_sentence_and_no_file_gets_the_events(folder: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -m edgelearn run run.toml >&-"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: the decisions cannot be written: Bad file descriptor")
    assert done.stderr.count("\n") == 1


def test_a_stop_before_the_imports_are_done_is_a_clean_one(folder: Path) -> None:
    (folder / "early.py").write_text(
        "import os, signal, sys\n"
        "class Kill:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'numpy':\n"
        "            sys.meta_path.remove(self)\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Kill())\n"
        "from edgelearn.cli import main\n"
        "main(['run', 'run.toml'])\n"
    )
    done = subprocess.run(
        [sys.executable, "early.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["started", "stopped"]


def test_a_configuration_that_is_not_there() -> None:
    done = CliRunner().invoke(main, ["run", "absent.toml"])
    assert done.exit_code == 1
    assert "absent.toml cannot be read" in done.output
