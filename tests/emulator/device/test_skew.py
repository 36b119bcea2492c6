"""The wall clock of a device: offset, drift, jumps; monotonic time stays."""

import ctypes
import datetime
import time
from pathlib import Path
from typing import Any

import pytest

from edgelearn.emulator import native
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.skew import Skew
from edgelearn.errors import ConfigError

SLACK_S = 0.3  # how much our own clock may be set during a test


def readings() -> dict[str, float]:
    """Return how far each wall clock is from the monotonic one."""
    libc, seconds = ctypes.CDLL(None), (ctypes.c_long * 2)()
    libc.time.restype = ctypes.c_long
    found = {"time": time.time() - time.monotonic(), "time_ns": time.time_ns() / 1e9 - time.monotonic()}
    found["datetime"] = datetime.datetime.now().timestamp() - time.monotonic()
    found["libc time"] = libc.time(None) + 0.5 - time.monotonic()
    libc.gettimeofday(seconds, None)
    found["gettimeofday"] = seconds[0] + seconds[1] / 1e6 - time.monotonic()
    libc.timespec_get(seconds, 1)
    found["timespec_get"] = seconds[0] + seconds[1] / 1e9 - time.monotonic()
    return found


def across(wait_s: float) -> list[float]:
    first = time.time() - time.monotonic()
    time.sleep(wait_s)
    return [first, time.time() - time.monotonic(), time.monotonic()]


def until_it_jumps() -> list[float]:
    first = then = time.time() - time.monotonic()
    while abs(then - first) < 1000:
        then = time.time() - time.monotonic()
    return [first, then]


def true_s() -> float:
    return time.time() - time.monotonic()


def test_every_wall_clock_is_off_and_the_monotonic_one_is_not() -> None:
    before_s = time.monotonic()
    result = EdgeDevice("pi-zero-2w", clock=Skew(offset_s=-86400.25)).run(readings)
    assert result.held["clock"].by == "preload"
    for name, off_s in result.value.items():
        assert off_s - true_s() == pytest.approx(
            -86400.25, abs=SLACK_S + (0.6 if name == "libc time" else 0)
        ), name
    after = EdgeDevice("pi-zero-2w", clock=Skew(offset_s=5e5)).run(across, 0.0).value[2]
    assert before_s < after < time.monotonic()


def test_a_command_and_its_children_see_it_too() -> None:
    result = EdgeDevice("pi-zero-2w", clock=Skew(offset_s=1e6)).run(["sh", "-c", "date +%s"])
    assert int(result.stdout) - time.time() == pytest.approx(1e6, abs=30)


def test_it_jumps_while_the_work_runs() -> None:
    device = EdgeDevice("pi-zero-2w", clock=Skew(jumps=[(0.0, 100.0), (2.0, -5000.0)]))
    first, then = device.run(until_it_jumps).value
    assert first - true_s() == pytest.approx(100.0, abs=SLACK_S)
    assert then - first == pytest.approx(-5000.0, abs=SLACK_S)


def test_it_drifts() -> None:
    first, then, _ = EdgeDevice("pi-zero-2w", clock=Skew(drift_ppm=5e6)).run(across, 0.4).value
    assert then - first >= 2.0 - SLACK_S  # 5 s gained each second: a slow machine only gains more


def test_without_a_compiler_it_is_refused_or_weaker(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> Path:
        raise native.NativeError("no C compiler was found to build it")

    monkeypatch.setattr(native, "built", none)
    clock = Skew(offset_s=-3600)
    with pytest.raises(ConfigError, match=r"clock cap cannot be held here: no C compiler .* weaker=True"):
        EdgeDevice("pi-zero-2w", clock=clock).run(readings)
    with pytest.raises(ConfigError, match="no C compiler"):
        EdgeDevice("pi-zero-2w", clock=clock, weaker=True).run(["date"])
    result = EdgeDevice("pi-zero-2w", clock=clock, weaker=True).run(readings)
    off = {name: round(off_s - true_s(), -2) for name, off_s in result.value.items()}
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
