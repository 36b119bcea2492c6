"""The picture of a sensor."""

import sys
from pathlib import Path

import pytest

from edgelearn.emulator.sensors import Dropout, Noise, Recording, Sensor, sine
from edgelearn.errors import ConfigError, MissingExtraError


def test_it_names_every_fault_and_what_was_lost(tmp_path: Path, ramp: Recording) -> None:
    sensor = Sensor.play(ramp, faults=[Noise(3), Dropout(0.1, 10)], seed=1)
    sensor.plot(tmp_path / "a.svg", seconds=5)
    text = (tmp_path / "a.svg").read_text()
    lost = int(next(sensor.blocks(500)).lost.sum())
    for words in ("Noise", "Dropout", "channel 1", "as read", f"{lost} of 500 samples lost"):
        assert words in text
    assert "channel 2" not in text
    assert "opacity: 0.22" in text  # the rare one is shaded
    Sensor.play(ramp, faults=[Noise(3)]).plot(tmp_path / "a.svg", seconds=5)
    assert "opacity: 0.22" not in (tmp_path / "a.svg").read_text()
    Sensor.generate(sine(1), 10).plot(str(tmp_path / "b.png"), seconds=0.01)
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "b.png"]


def test_what_cannot_be_drawn_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sensor = Sensor.generate(sine(1), 10)
    with pytest.raises(ConfigError, match=r"ends in .png or .svg"):
        sensor.plot(tmp_path / "a.gif")
    with pytest.raises(ConfigError, match="there is no folder"):
        sensor.plot(tmp_path / "none" / "a.png")
    with pytest.raises(ConfigError, match="seconds must be above 0"):
        sensor.plot(tmp_path / "a.png", seconds=0)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("edgelearn.evaluate.pictures.find_spec", {}.get)
    with pytest.raises(MissingExtraError, match=r"pip install 'edgelearn\[plot\]'"):
        sensor.plot(tmp_path / "a.png")
