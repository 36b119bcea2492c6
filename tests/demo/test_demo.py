"""The demo from end to end: the kill, the figures a script reads, the picture, and the controls."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _demo(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from edgelearn.cli import main; main()", "demo", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    done = _demo("--json", "--picture", "story.png", cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def accuracy(printed: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(printed)["accuracy"]
    return found


def test_one_json_object_with_the_promised_keys(printed: str) -> None:
    found = json.loads(printed)
    assert set(found) == {"accuracy", "learn_us_p50", "state_bytes", "resumed_after_kill"}
    assert set(found["accuracy"]) == {"frozen", "softmax", "edgelearn", "offline"}
    assert found["learn_us_p50"] > 0
    assert found["state_bytes"] > 0


def test_it_was_killed_and_resumed(printed: str) -> None:
    assert json.loads(printed)["resumed_after_kill"] is True


def test_frozen_network_cannot_know_more_than_its_five_classes(accuracy: dict[str, float]) -> None:
    assert 0.3 < accuracy["frozen"] <= 0.5


def test_softmax_forgets(accuracy: dict[str, float]) -> None:
    assert accuracy["softmax"] < accuracy["edgelearn"] - 0.08


def test_streaming_comes_near_the_offline_bound(accuracy: dict[str, float]) -> None:
    assert abs(accuracy["edgelearn"] - accuracy["offline"]) < 0.03
    assert accuracy["edgelearn"] > 0.87


@pytest.mark.usefixtures("printed")
def test_picture_is_drawn(folder: Path) -> None:
    from PIL import Image

    with Image.open(folder / "story.png") as picture:
        assert min(picture.size) > 600
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or []) > 100


def test_a_seed_below_zero_is_refused(tmp_path: Path) -> None:
    done = _demo("--seed", "-3", cwd=tmp_path)
    assert done.returncode == 2
    assert "Invalid value for '--seed'" in done.stderr


@pytest.mark.parametrize(
    ("path", "reason"), [("story.gif", "a picture ends in .png"), ("nowhere/story.png", "there is no folder")]
)
def test_a_picture_that_cannot_be_written_is_said_before_any_work(
    path: str, reason: str, tmp_path: Path
) -> None:
    done = _demo("--picture", path, cwd=tmp_path)
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert "a process learns" not in done.stderr
    assert done.stdout == ""
