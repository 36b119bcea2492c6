"""Recordings in CSV files: columns, the rate from a column of times, lines that are broken."""

from pathlib import Path
from typing import Any

import pytest

from edgelearn.emulator.sensors import Sensor
from edgelearn.errors import InputError
from tests.emulator.sensors.whole import whole

LINES = ["t_ms,ax, ay,what", "0,1,-1,walk", "20,2,-2,walk", "40,3,-3,run", "60,4e0,-4,run"]


def file(folder: Path, lines: list[str]) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def refused(folder: Path, lines: list[str], words: str, **options: Any) -> None:
    with pytest.raises(InputError, match=words):
        Sensor.play(file(folder, lines), **options)


def test_columns_times_and_labels(tmp_path: Path) -> None:
    sensor = Sensor.play(file(tmp_path, LINES), time="t_ms", label="what")
    assert sensor.rate_hz == pytest.approx(50)
    block = whole(sensor)
    assert block.values.tolist() == [[1, -1], [2, -2], [3, -3], [4, -4]]
    assert block.labels.tolist() == ["walk", "walk", "run", "run"]
    chosen = Sensor.play(file(tmp_path, LINES), key=["ay", "ax"], rate_hz=10)
    assert whole(chosen).values[0].tolist() == [-1, 1]
    assert whole(Sensor.play(file(tmp_path, LINES), key="ax", rate_hz=10)).values.shape == (4, 1)


def test_a_byte_order_mark_and_whole_numbers_as_labels(tmp_path: Path) -> None:
    block = whole(Sensor.play(file(tmp_path, ["\ufeffx,y", "1,3", "2,4", ""]), label="y", rate_hz=1))
    assert (block.values[:, 0].tolist(), block.labels.tolist()) == ([1, 2], [3, 4])


def test_times_may_be_rounded_and_in_other_units(tmp_path: Path) -> None:
    rounded = ["t_ms,x", *(f"{round(k / 60 * 1000)},{k}" for k in range(600))]
    assert Sensor.play(file(tmp_path, rounded), time="t_ms").rate_hz == pytest.approx(60, rel=1e-4)
    assert Sensor.play(file(tmp_path, rounded), time="t_ms", rate_hz=60).rate_hz == 60
    assert Sensor.play(file(tmp_path, ["t_us,x", "0,0", "500,1"]), time="t_us").rate_hz == pytest.approx(2000)
    assert Sensor.play(file(tmp_path, ["t,x", "1,0", "1.5,1"]), time="t").rate_hz == pytest.approx(2)


@pytest.mark.parametrize(
    ("times", "line"), [([0, 1, 2, 4, 5, 6], 5), ([0, 1, 2, 2, 4], 5), ([0, 1, 0, -1], 3), ([0, "nan", 2], 3)]
)
def test_times_that_are_not_even_are_refused(tmp_path: Path, times: list[Any], line: int) -> None:
    lines = ["t,x", *(f"{t},0" for t in times)]
    refused(tmp_path, lines, f"times in 't' are not even, first at line {line}", time="t")


@pytest.mark.parametrize(
    ("lines", "words", "options"),
    [
        ([], "is empty", {}),
        (["x"], r"samples \(n, channels\), not \(0, 1\)", {"rate_hz": 1}),
        (LINES, "does not say at what rate", {"key": "ax"}),
        (LINES, "line 2, column 'what': 'walk' is no number", {"rate_hz": 1}),
        (LINES, "no column 'axx'; did you mean 'ax'", {"key": ["axx"]}),
        (LINES, "no column 'wat'; did you mean 'what'", {"label": "wat"}),
        (LINES, "no column 'time'", {"time": "time"}),
        (LINES, "has no items", {"item": 1}),
        (["x,x", "1,2"], "two columns of .* have the same name", {}),
        (["x,y", "1,2", "3"], "line 3 has 1 values, the header 2", {}),
        (["t,x", "0,1"], "too few lines to tell a rate", {"time": "t"}),
        (["x", "1", "nan"], "not finite, the first is 1", {"rate_hz": 1}),
        (["y", "1"], "no column left", {"label": "y", "rate_hz": 1}),
        (['x,y', '1,"2'], "not a CSV file that can be read", {}),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_played_are_refused(
    tmp_path: Path, lines: list[str], words: str, options: dict[str, Any]
) -> None:
    if lines:
        refused(tmp_path, lines, words, **options)
    else:
        (tmp_path / "a.csv").touch()
        with pytest.raises(InputError, match=words):
            Sensor.play(tmp_path / "a.csv")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x\n\xff\xfe\n")
    with pytest.raises(InputError, match="not a CSV file"):
        Sensor.play(tmp_path / "a.csv", rate_hz=1)
