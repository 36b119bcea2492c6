"""What is attached to a board is what it samples, at the moments it samples; without it its sensor counts."""

import numpy as np
import pytest

from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.opening import open_board
from edgelearn.emulator.boards.qemu import QemuError, program
from edgelearn.emulator.boards.serving import serving
from edgelearn.emulator.boards.virtual import VirtualLine
from edgelearn.emulator.clock import VirtualClock
from edgelearn.testing.device_host import Host
from edgelearn.types import Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.transport import open_port
from tests.emulator.boards.made import Talk, board

RATE_HZ, WINDOW, CHANNELS = 1000, 20, 2


def windows(talk: Host, n: int) -> list[m.Window]:
    assert talk.code(m.Configure, RATE_HZ, WINDOW, CHANNELS, 0)[0] == "OK"
    assert talk.code(m.Stream, 1)[0] == "OK"
    talk.until(lambda: len(talk.windows) >= n or None, f"{n} windows come")
    return talk.windows[:n]


def values(window: m.Window) -> Array:
    return np.frombuffer(window.data, "<i2").reshape(CHANNELS, WINDOW)


def ramp(window: m.Window) -> Array:
    taken = window.index * WINDOW + np.arange(WINDOW)
    return ((2 * np.arange(CHANNELS)[:, None] + 1) * 257 * taken).astype(np.uint16).view(np.int16)


@pytest.mark.parametrize("profile", ["cortex-m4f", "rp2040"])
@pytest.mark.parametrize("counted", [True, False])
def test_each_sample_is_of_its_own_moment(profile: str, counted: bool) -> None:
    it = board(profile, counted=counted)
    it.attach_sensor(lambda time_us, channel: time_us // 100 * (1 - 2 * channel))
    talk = Talk(it)
    it.reset()  # the firmware's clock starts anew, that of the sensor goes on
    talk.rest(0.3)
    talk = Talk(it)
    begun_us = talk.clock.now_us()
    for window in windows(talk, 4):
        first = values(window).astype(int)
        period = np.diff(first, axis=1)
        assert np.all(np.abs(period - np.array([[10], [-10]])) <= 1)
        assert first[0, 0] * 100 >= begun_us - 1000


def test_the_sensor_goes_by_the_clock_of_the_board() -> None:
    it, clock, seen = board(counted=False), VirtualClock(), list[int]()
    clock.sleep(5.0)
    it.connected(clock.now_us())
    it.attach_sensor(lambda time_us, _: seen.append(time_us) or 0)
    it._attached.write(0x10, 0, 0, it.now_us)
    it._attached.read(0x40)
    assert seen == [5_000_000]


def test_in_real_time_it_is_not_asked_for_the_days_before() -> None:
    it, seen = board(counted=False), list[int]()
    it.attach_sensor(lambda time_us, _: seen.append(time_us) or 0)
    with serving(it, "real-time-sensor") as running:
        host = Host(lambda: open_port(running.url))
        try:
            windows(host, 1)
        finally:
            host.close()
    assert 0 < seen[0] < 3600e6, (
        "microseconds since this process began, whenever this machine was switched on"
    )


def test_what_is_out_of_range_saturates() -> None:
    it = board(counted=False)
    it.attach_sensor(lambda _, channel: (-1) ** channel * 100_000)
    (window,) = windows(Talk(it), 1)
    assert values(window)[:, 0].tolist() == [32767, -32768]


@pytest.mark.parametrize("profile", ["cortex-m4f", "rp2040"])
def test_without_one_it_counts(profile: str) -> None:
    it = board(profile, counted=False)
    it.attach_sensor(lambda *_: 7)
    it.attach_sensor(None)
    for window in windows(Talk(it), 2):
        assert np.array_equal(values(window), ramp(window))


@pytest.mark.parametrize("profile", ["cortex-m4f", "rp2040"])
def test_in_qemu_it_counts(profile: str) -> None:
    try:
        program()
    except QemuError as error:
        pytest.skip(str(error))
    with open_board(profile, engine="qemu") as it:
        assert not isinstance(it, Board)
        host = Host(lambda: open_port(it._qemu.url))
        try:
            (window,) = windows(host, 1)
        finally:
            host.close()
    assert np.array_equal(values(window), ramp(window))


def test_a_line_to_a_board_needs_no_wrapper() -> None:
    line = VirtualLine(board(counted=False))
    assert Host(line.open, clock=line, entropy=bytes).hello.tick_hz == 1_000_000
