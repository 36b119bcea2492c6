"""The wall clock of a device: offset, drift, jumps; monotonic time stays."""

import time
from pathlib import Path
from typing import Any

import pytest

from edgelearn.emulator import native
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.device.skew import Skew
from edgelearn.errors import ConfigError
from tests.emulator.device import clocks
from tests.emulator.device.together import asked, together

SLACK_S = 0.3  # how much our own clock may be set during a test
JUMP_S = 8.0  # of the run: a slow machine has started the work by then
BEGAN_S = list[float]()  # the time of day before the runs


@pytest.fixture(scope="module")
def runs() -> dict[str, Result]:
    """Return what became of each run."""
    BEGAN_S.append(time.time())
    return together(
        {
            "off": asked(clocks.readings, device={"clock": Skew(offset_s=-86400.25)}),
            "monotonic": asked(clocks.across, 0.0, device={"clock": Skew(offset_s=5e5)}),
            "command": asked(["sh", "-c", "date +%s"], device={"clock": Skew(offset_s=1e6)}),
            "jumps": asked(
                clocks.until_it_jumps, device={"clock": Skew(jumps=[(0.0, 100.0), (JUMP_S, -5000.0)])}
            ),
            "drifts": asked(clocks.across, 0.4, device={"clock": Skew(drift_ppm=5e6)}),
        }
    )


BEFORE_S = time.monotonic()


def test_every_wall_clock_is_off_and_the_monotonic_one_is_not(runs: dict[str, Result]) -> None:
    result = runs["off"]
    assert result.held["clock"].by == "preload"
    for name, off_s in result.value.items():
        assert off_s - clocks.true_s() == pytest.approx(
            -86400.25, abs=SLACK_S + (0.6 if name == "libc time" else 0)
        ), name
    assert BEFORE_S < runs["monotonic"].value[2] < time.monotonic()


def test_a_command_and_its_children_see_it_too(runs: dict[str, Result]) -> None:
    assert BEGAN_S[0] - 1 <= int(runs["command"].stdout) - 1e6 <= time.time()


def test_it_jumps_while_the_work_runs(runs: dict[str, Result]) -> None:
    first, then = runs["jumps"].value
    assert first - clocks.true_s() == pytest.approx(100.0, abs=SLACK_S)
    assert then - first == pytest.approx(-5000.0, abs=SLACK_S)


def test_it_drifts(runs: dict[str, Result]) -> None:
    first, then, _ = runs["drifts"].value
    assert then - first >= 2.0 - SLACK_S  # 5 s gained each second: a slow machine only gains more


def test_without_a_compiler_it_is_refused_or_weaker(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> Path:
        raise native.NativeError("no C compiler was found to build it")

    monkeypatch.setattr(native, "built", none)
    clock = Skew(offset_s=-3600)
    with pytest.raises(ConfigError, match=r"clock cap cannot be held here: no C compiler .* weaker=True"):
        EdgeDevice("pi-zero-2w", clock=clock).run(clocks.readings)
    with pytest.raises(ConfigError, match="no C compiler"):
        EdgeDevice("pi-zero-2w", clock=clock, weaker=True).run(["date"])
    result = EdgeDevice("pi-zero-2w", clock=clock, weaker=True).run(clocks.readings)
    off = {name: round(off_s - clocks.true_s(), -2) for name, off_s in result.value.items()}
    assert (off["time"], off["time_ns"], off["datetime"]) == (-3600, -3600, 0)
    assert "datetime" in result.held["clock"].trust


@pytest.mark.parametrize(
    "wrong",
    [{"offset_s": float("nan")}, {"drift_ppm": float("inf")}, {"jumps": [(-1.0, 2.0)]}, {"jumps": [3.0]}],
)
def test_an_impossible_skew_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError):
        Skew(**wrong)


def test_a_skew_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="Skew"):
        EdgeDevice("pi-zero-2w", clock=3600)  # type: ignore[arg-type]
