"""Windows from a device as samples: with their time, and with what did not arrive."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgelearn.emulator.boards.features import features_of
from edgelearn.emulator.boards.heads import head
from edgelearn.emulator.boards.serving import Runner, now_us, serving
from edgelearn.emulator.boards.twin import Twin
from edgelearn.errors import ConfigError, InputError
from edgelearn.run.config import load
from edgelearn.sources import DeviceWindows, Item, Missed, Pause
from edgelearn.types import Sample
from tests.bridge.conformance.made import means
from tests.bridge.conformance.test_devices import wave

RATE_HZ, WINDOW = 1000, 20
KEY = bytes(range(32))


@pytest.fixture
def running() -> Iterator[Runner]:
    with serving(Twin(head(means()), sensor=wave), "source") as runner:
        yield runner


def taken(items: Iterator[Item], enough: int, patience_s: float = 10.0) -> list[Sample | Missed]:
    """Return what comes until ``enough`` samples have come, pauses aside."""
    found: list[Sample | Missed] = []
    end_s = time.monotonic() + patience_s
    while sum(isinstance(item, Sample) for item in found) < enough:
        item = next(items)
        if isinstance(item, Pause):
            assert time.monotonic() < end_s, f"{enough} samples should have come: {found}"
            time.sleep(item.seconds or 0.0)
        else:
            assert isinstance(item, Sample | Missed)
            found.append(item)
    return found


def samples_of(items: list[Sample | Missed]) -> list[Sample]:
    return [item for item in items if isinstance(item, Sample)]


def expected(number: int, channels: int) -> np.ndarray:
    """Return the samples (WINDOW, channels) of the window that is the ``number``-th since CONFIGURE."""
    return np.array([wave(k)[:channels] for k in range(number * WINDOW, (number + 1) * WINDOW)], np.float32)


def position(x: np.ndarray, channels: int) -> int:
    """Return which window since CONFIGURE this is."""
    return next(
        k for k in range(400) if np.array_equal(expected(k, channels)[:, 0], x.reshape(WINDOW, -1)[:, 0])
    )


def test_windows_are_samples_with_their_time(running: Runner) -> None:
    began_s, rate_hz = time.time(), 250  # slow: the device keeps a second of windows that nobody takes
    items = iter(DeviceWindows(running.url, rate_hz, WINDOW, channels=3))
    found = samples_of(taken(items, 12))
    items.close()
    assert [sample.id for sample in found] == list(range(12))
    first = position(found[0].x, 3)
    for k, sample in enumerate(found):
        assert sample.x.shape == (WINDOW, 3)
        assert sample.x.dtype == np.float32
        np.testing.assert_array_equal(sample.x, expected(first + k, 3))
        assert sample.label is None
    times = [sample.time_s for sample in found]
    assert np.median(np.diff(times)) == pytest.approx(WINDOW / rate_hz, rel=0.2)
    assert times[0] is not None
    assert began_s - 1 < times[0] < time.time()


def test_one_channel_is_a_vector_and_may_be_scaled(running: Runner) -> None:
    items = iter(DeviceWindows(running.url, RATE_HZ, WINDOW, scale="unit"))
    sample = samples_of(taken(items, 1))[0]
    items.close()
    assert sample.x.shape == (WINDOW,)
    assert sample.x.min() >= -1
    assert sample.x.max() < 1
    position(sample.x * 32768, 1)


def test_features_come_as_one_vector(running: Runner) -> None:
    items = iter(DeviceWindows(running.url, RATE_HZ, WINDOW, channels=2, features=["mean", "crossings"]))
    sample = samples_of(taken(items, 1))[0]
    items.close()
    assert sample.x.shape == (4,)
    wanted = [features_of(expected(k, 2).astype(np.int16).T, 1 + 8) for k in range(400)]
    assert any(np.array_equal(sample.x, one) for one in wanted)


def test_a_gap_stands_where_windows_did_not_arrive(running: Runner) -> None:
    items = iter(DeviceWindows(running.url, RATE_HZ, WINDOW))
    before = samples_of(taken(items, 5))
    first = position(before[0].x, 1)
    with running.lock:  # a twin that cannot send, while its sensor goes on
        running.twin.disconnected(now_us())
        late_us = now_us() + 3_000_000
        running.twin.transmit(late_us, 0)
        running.twin.connected(late_us)
    found = taken(items, 60, patience_s=20.0)
    items.close()
    missed = [item for item in found if isinstance(item, Missed)]
    assert missed
    number, count = before[-1].id, 0
    for item in found:
        if isinstance(item, Missed):
            assert item.samples is not None
            assert f"{item.samples} windows" in item.reason
            count = item.samples
        else:
            assert item.id == number + count + 1
            assert isinstance(item.id, int)
            assert position(item.x, 1) == first + item.id, "the id counts windows that did not arrive too"
            number, count = item.id, 0


def test_a_device_that_comes_back_late_goes_on(running: Runner) -> None:
    items = iter(DeviceWindows(running.url, RATE_HZ, WINDOW))
    taken(items, 3)
    with running.lock:
        running.twin.reboot(now_us())
    found = taken(items, 5, patience_s=20.0)
    items.close()
    lost = [item for item in found if isinstance(item, Missed) and item.samples is None]
    assert len(lost) == 1
    assert "restarted" in lost[0].reason
    ids = [item.id for item in samples_of(found)]
    assert ids == sorted(set(ids)), "numbers go on after a restart"


def test_the_stream_stops_with_the_source(running: Runner) -> None:
    items = iter(DeviceWindows(running.url, RATE_HZ, WINDOW))
    taken(items, 1)
    items.close()
    made = running.twin.windows.made
    time.sleep(0.1)
    assert running.twin.windows.made == made


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"port": "memory://nobody"}, "nothing is plugged in"),
        ({"port": "/dev/does-not-exist"}, "there is no port"),
        ({"window": 5000}, "at most"),
        ({"key_file": Path("/does-not-exist")}, "cannot be read"),
    ],
)
def test_what_cannot_work_is_an_error_when_it_is_opened(
    settings: dict[str, object], reason: str, running: Runner
) -> None:
    given = {"port": running.url, "rate_hz": RATE_HZ, "window": WINDOW} | settings
    with pytest.raises(InputError, match=reason):
        iter(DeviceWindows(**given))  # type: ignore[arg-type]


def test_a_key_has_32_bytes_and_opens(tmp_path: Path) -> None:
    short, whole = tmp_path / "short", tmp_path / "whole"
    short.write_bytes(KEY[:-1])
    whole.write_bytes(KEY)
    with serving(Twin(head(means()), sensor=wave, key=KEY), "locked") as runner:
        with pytest.raises(InputError, match="has 31 bytes; a key has 32"):
            iter(DeviceWindows(runner.url, RATE_HZ, WINDOW, key_file=short))
        items = iter(DeviceWindows(runner.url, RATE_HZ, WINDOW, key_file=whole))
        taken(items, 2)
        items.close()


def test_a_configuration_names_it(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(
        '[source]\nkind = "device"\nport = "/dev/ttyACM0"\nrate_hz = 100\nwindow = 50\nfeatures = ["mean", "energy"]\n'
        'key_file = "key"\n'
    )
    source = load(path).source
    assert source == DeviceWindows(
        "/dev/ttyACM0", 100, 50, features=["mean", "energy"], key_file=tmp_path / "key"
    )
    path.write_text(
        '[source]\nkind = "device"\nport = "a"\nrate_hz = 100\nwindow = 50\nfeatures = ["loudness"]\n'
    )
    with pytest.raises(ConfigError, match="features in"):
        load(path)
