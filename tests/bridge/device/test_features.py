"""Windows and their features in the firmware are the definition in `boards.features`, to the last bit."""

import ctypes as c
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from edgelearn.emulator.boards.features import features_of
from edgelearn.types import F32, Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES, FEATURES, FORMATS
from firmware_bridge.protocol.events import Missing
from firmware_bridge.protocol.windows import WindowReceiver
from tests.bridge.conftest import SOURCES, TRAPPED, Library

ALL = sum(FEATURES.values())
MEMORY, MTU = 8192, 512


class Configure(c.Structure):
    _fields_ = (
        ("id", c.c_uint32), ("rate_hz", c.c_uint32), ("window", c.c_uint16), ("channels", c.c_uint8),
        ("features", c.c_uint8),
    )  # fmt: skip


class Windows:
    """The windows of the firmware, called directly."""

    def __init__(self, library: c.CDLL) -> None:
        self._c = library
        library.el_window_configure.restype = c.c_uint8
        library.el_window_next.restype = library.el_window_features.restype = c.c_uint16
        library.el_windows_made.restype = library.el_windows_dropped.restype = c.c_uint32
        library.el_window_start()

    def configure(self, window: int, channels: int, features: int, mtu: int = MTU) -> tuple[int, int]:
        limit = c.c_uint32()
        wanted = Configure(0, 0, window, channels, features)
        code = self._c.el_window_configure(c.byref(wanted), c.c_uint16(mtu), c.byref(limit))
        return code, limit.value

    def stream(self, on: bool) -> None:
        self._c.el_window_stream(c.c_bool(on))

    def sample(self, values: Array, time_us: int) -> None:
        self._c.el_window_sample((c.c_int16 * 8)(*map(int, values)), c.c_uint32(time_us))

    def gather(self, samples: Array, time_us: int = 0) -> None:
        """Take ``samples`` (channels, n), one microsecond apart."""
        for i, values in enumerate(samples.T):
            self.sample(values, time_us + i)

    def next(self, room: int = MTU) -> m.Window | m.Gap | None:
        kind, payload = c.c_uint8(), c.create_string_buffer(MTU)
        size = self._c.el_window_next(c.byref(kind), payload, c.c_uint16(room))
        return m.decode(kind.value, payload.raw[:size]) if size else None

    def features(self) -> F32:
        found = (c.c_float * 32)()
        n = self._c.el_window_features(found, c.c_uint16(32))
        return np.array(found[:n], np.float32)

    @property
    def made(self) -> int:
        return int(self._c.el_windows_made())

    @property
    def dropped(self) -> int:
        return int(self._c.el_windows_dropped())


@pytest.fixture(scope="module")
def windows_of_c(library: Library) -> c.CDLL:
    return library("windows", [SOURCES / "window.c"], [*TRAPPED, f"-DEL_WINDOW_BYTES={MEMORY}"])


@pytest.fixture
def windows(windows_of_c: c.CDLL) -> Windows:
    return Windows(windows_of_c)


def hard_cases() -> Iterator[Array]:
    draw = np.random.default_rng(1)
    low, high = -32768, 32767
    for n in (1, 2, 3, 7, 64, 250):
        yield np.full((1, n), low)
        yield np.full((2, n), high)
        yield np.resize([low, high], (1, n))
        yield np.resize([0, 0, 1], (3, n))
        yield draw.integers(low, high + 1, (8, n))
        yield draw.integers(-2, 3, (4, n))
        yield np.round(3e4 * np.sin(np.arange(n) / 5))[None]


def test_features_are_the_definition_to_the_last_bit(windows: Windows) -> None:
    for samples in hard_cases():
        x = samples.astype(np.int16)
        for which in range(1, ALL + 1):
            assert windows.configure(x.shape[1], x.shape[0], which)[0] == 0
            windows.gather(x)
            assert windows.features().tobytes() == features_of(x, which).tobytes(), (x, which)


def test_the_definition_is_what_the_words_say() -> None:
    x = np.random.default_rng(2).integers(-20000, 25000, (3, 400)).astype(np.int16)
    part = x / 32768.0
    mean, variance, energy, crossings = features_of(x, ALL).reshape(3, 4).T
    np.testing.assert_allclose(mean, part.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(variance, part.var(axis=1), rtol=1e-6)
    np.testing.assert_allclose(energy, (np.diff(part, axis=1) ** 2).mean(axis=1), rtol=1e-6)
    above = part >= part.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(crossings, np.diff(above, axis=1).mean(axis=1), rtol=1e-6)


def test_energy_tells_a_high_tone_from_a_low_one_of_the_same_variance() -> None:
    tones = [np.round(2e4 * np.sin(np.arange(512) * step)) for step in (0.05, 1.5)]
    low, high = features_of(np.array(tones).astype(np.int16), ALL).reshape(2, 4)
    assert high[2] > 100 * low[2]
    np.testing.assert_allclose(high[1], low[1], rtol=0.03)


def test_a_window_carries_its_samples_channel_after_channel_and_the_time_of_the_first(
    windows: Windows,
) -> None:
    x = np.arange(-9, 9).reshape(3, 6).astype(np.int16)
    windows.configure(6, 3, 0)
    windows.stream(True)
    windows.gather(x, time_us=2**32 - 2)
    assert windows.next() == m.Window(0, 2**32 - 2, FORMATS["i16"], 3, 6, x.astype("<i2").tobytes())
    assert windows.next() is None
    assert len(windows.features()) == 0


def test_a_window_of_features_carries_those(windows: Windows) -> None:
    x = np.arange(12).reshape(2, 6).astype(np.int16)
    windows.configure(6, 2, ALL)
    windows.stream(True)
    windows.gather(x, time_us=5)
    assert windows.next() == m.Window(0, 5, FORMATS["features"], 2, 6, features_of(x, ALL).tobytes())


def test_the_oldest_goes_first_and_a_gap_tells_it(windows: Windows) -> None:
    windows.configure(250, 1, 0)
    windows.stream(True)
    kept = (MEMORY - 500) // 504
    for k in range(kept + 3):
        windows.gather(np.full((1, 250), k))
    assert (windows.made, windows.dropped) == (kept + 3, 3)
    assert windows.next() == m.Gap(3)
    for k in range(3, kept + 3):
        found = windows.next()
        assert isinstance(found, m.Window)
        assert (found.index, found.data[0]) == (k, k)
    assert windows.next() is None


def test_windows_nobody_asked_for_have_no_number_but_features(windows: Windows) -> None:
    windows.configure(4, 1, 1)
    windows.gather(np.full((1, 8), 16384))
    assert windows.features() == np.float32(0.5)
    assert (windows.made, windows.dropped, windows.next()) == (0, 0, None)


def test_what_waits_is_dropped_and_told_when_windows_change(windows: Windows) -> None:
    windows.configure(4, 1, 0)
    windows.stream(True)
    windows.gather(np.zeros((1, 14)))
    windows.configure(8, 1, 0)
    assert (windows.made, windows.dropped) == (3, 3)
    assert windows.next() == m.Gap(3)
    windows.gather(np.zeros((1, 8)))
    found = windows.next()
    assert isinstance(found, m.Window)
    assert found.index == 3


def test_a_window_larger_than_the_other_end_takes_is_dropped_and_told(windows: Windows) -> None:
    windows.configure(100, 1, 0)
    windows.stream(True)
    windows.gather(np.zeros((1, 200)))
    assert windows.next(room=211) == m.Gap(2)
    assert windows.next(room=211) is None


def test_what_cannot_be_configured_leaves_what_was(windows: Windows) -> None:
    windows.configure(4, 1, 0)
    windows.stream(True)
    windows.gather(np.zeros((1, 6)))
    assert windows.configure(300, 1, 0) == (CODES["CONFIG"], 250)
    assert windows.configure(4, 1, ALL, mtu=12) == (CODES["CONFIG"], 0)
    windows.gather(np.zeros((1, 2)))
    assert (windows.made, windows.dropped) == (2, 0)


def sent_is_received_and_gaps(windows: Windows, seed: int, turns: int, loss: float) -> None:
    """Sample, send and configure anew in any order over a line that loses frames."""
    draw, receiver = Random(seed), WindowReceiver()
    replay = f"sent_is_received_and_gaps(windows, {seed=}, {turns=}, {loss=})"
    receiver.boot(1)
    received = gaps = 0

    def arrive(message: m.Window | m.Gap) -> None:
        nonlocal received, gaps
        for event in receiver.take(message):
            if isinstance(event, Missing):
                gaps += event.count
            else:
                received += 1

    windows.configure(3, 1, 0)
    windows.stream(True)
    for _ in range(turns):
        what = draw.random()
        if what < 0.001:
            windows.configure(draw.randrange(1, 100), draw.randrange(1, 3), draw.choice((0, ALL)))
        elif what < 0.55:
            windows.sample(np.zeros(8), 0)
        elif (message := windows.next()) is not None and draw.random() >= loss:
            arrive(message)
    while (message := windows.next()) is not None:
        arrive(message)
    arrive(m.Gap(windows.made & 0xFFFFFFFF))  # as the link says with every KEEPALIVE
    assert windows.made == received + gaps, replay
    assert received > 0, replay
    assert windows.dropped <= gaps, replay


@pytest.mark.parametrize("loss", [0.0, 0.2, 0.9])
@pytest.mark.parametrize("seed", range(3))
def test_windows_made_are_those_received_and_those_told_missing(
    windows: Windows, seed: int, loss: float
) -> None:
    sent_is_received_and_gaps(windows, seed, turns=20000, loss=loss)
