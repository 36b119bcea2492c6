"""The kill and the picture, in the small."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from edgelearn.cli import demo
from edgelearn.demo import life
from edgelearn.demo.device import Device, digest
from edgelearn.errors import ConfigError, EdgelearnError, MissingExtraError


def test_a_killed_process_loses_what_came_after_its_last_save_only(tmp_path: Path) -> None:
    with Device(tmp_path / "memory.db", seed=0) as device:
        assert device.seen == 0
        device.learn_until(30)
        times = device.finish()
    assert set(times) == {"predict_us_p50", "learn_us_p50"}
    with Device(tmp_path / "memory.db", seed=0) as device:
        assert device.seen == 30
        saved = device.memory
        device.learn_until(40)
        assert device.kill() == -9
    with Device(tmp_path / "memory.db", seed=0) as device:
        assert device.seen == 30
        assert device.memory == saved


def test_a_process_that_cannot_start_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "memory.db").write_bytes(b"not a store" * 1000)
    with pytest.raises(EdgelearnError, match="second process ended with code 1"):
        Device(tmp_path / "memory.db", seed=0)
    assert "StoreError" in capfd.readouterr().err


def test_a_state_that_differs_by_more_than_rounding_is_not_alike() -> None:
    state = {"sums": np.arange(4.0), "counts": np.ones(2, np.int64)}
    kept = {f"readout/{name}": array.copy() for name, array in state.items()} | {"tickets/next": np.array(3)}
    assert life._alike(kept, state)
    woke = digest(kept)
    kept["readout/sums"][2] = np.nextafter(kept["readout/sums"][2], 9)
    assert life._alike(kept, state)
    assert digest(kept) != woke
    kept["readout/sums"][2] += 1e-6
    assert not life._alike(kept, state)
    del kept["readout/sums"]
    assert not life._alike(kept, state)


def test_the_kill_comes_before_the_next_point() -> None:
    assert life._before_next([25, 50, 75], 50) == 74
    assert life._before_next([25, 50], 50) == 50


@pytest.fixture
def no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else find(name)
    )


@pytest.mark.usefixtures("no_matplotlib")
def test_without_matplotlib_only_an_asked_for_picture_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert demo._usable(None) is None
    assert (
        "no picture: the picture needs matplotlib: pip install 'edgelearn[plot]'" in capsys.readouterr().err
    )
    with pytest.raises(MissingExtraError, match="pip install"):
        demo._usable(Path("story.png"))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ConfigError, match="cannot be written to"):
        demo._usable(tmp_path / "story.png")
