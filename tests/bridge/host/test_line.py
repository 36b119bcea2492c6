"""The paced line: as slow, late and noisy as asked, and otherwise exact."""

import os
import threading

import pytest

from firmware_bridge.testing.line import Damage, Line, Way, raw_pty
from tests.bridge.host.fake import FakeDevice

X = [1.0, -2.0, 0.5, 4.0]


def test_damage_is_as_often_as_asked_and_the_same_for_a_seed():
    data = bytes(range(256)) * 400
    first, again, other = (Damage(1e-3, seed) for seed in (1, 1, 2))
    hurt = first(data)
    assert hurt == b"".join(again(data[i : i + 7]) for i in range(0, len(data), 7))
    assert hurt != other(data)
    assert 50 < first.count < 160
    assert hurt != data
    assert Damage(0.0, 1)(data) == data


def pipes():
    (out, inward), (there, back) = os.pipe(), os.pipe()
    for descriptor in (out, back):
        os.set_blocking(descriptor, False)
    return out, inward, there, back


@pytest.mark.parametrize("baud", [9600, 115200, 2_000_000])
def test_a_line_carries_what_its_baud_rate_allows_and_not_before_its_delay(baud):
    source, write, read, target = pipes()
    way = Way(source, target, baud, 0.005, Damage(0.0, 0))
    os.write(write, b"x" * 60000)
    start = way._done_s
    for ms in range(1, 11):
        way.turn(start + ms / 1000)
        assert way.carried == pytest.approx(baud / 10 * ms / 1000, abs=1)
    way.turn(start + 0.010 + 1e-6)  # the delay is over, however these sums are rounded
    os.set_blocking(read, False)
    arrived = len(os.read(read, 65536))
    assert arrived == pytest.approx(baud / 10 * 0.005, abs=1)
    for descriptor in (source, write, read, target):
        os.close(descriptor)


def test_an_idle_line_saves_nothing_up():
    source, write, read, target = pipes()
    way = Way(source, target, 115200, 0.0, Damage(0.0, 0))
    now = way._done_s
    for _ in range(40):
        now += 0.001
        assert not way.turn(now)
    os.write(write, b"x" * 1000)
    way.turn(now + 0.001)
    assert way.carried == pytest.approx(11.5, abs=1)
    for descriptor in (source, write, read, target):
        os.close(descriptor)


def test_a_device_at_the_end_of_a_slow_late_and_noisy_line_learns_everything_once(bench):
    device = FakeDevice()
    far = os.open(bench.plugged(device), os.O_RDWR | os.O_NOCTTY)
    master, slave, path = raw_pty()
    line = Line(master, far, baud=921600, delay_s=0.002, error_rate=1e-4, seed=3)
    ended = threading.Event()
    thread = threading.Thread(target=line.run, args=(ended.is_set,))
    thread.start()
    host = bench.connect(path, baud=921600, timeout_s=20.0)
    try:
        for label in range(1000):
            host.learn(X, label, wait=False)
        host.flush()
    finally:
        host.close()
        ended.set()
        thread.join()
        for descriptor in (far, master, slave):
            os.close(descriptor)
    assert device.learned == list(range(1000)), "seed 3"
    assert line.counts()["down_damaged"] > 0
