"""The device's clock: found through jitter, followed through drift and wraps."""

from random import Random

import pytest

from firmware_bridge.protocol.clock import Clock


def clock(
    seconds: int, ppm: float, start_us: int = 0, jitter_us: int = 2_000, seed: int = 1
) -> tuple[Clock, int]:
    """Return a clock that asked once a second, and the host's time at the end."""
    rng, one, host_us = Random(seed), Clock(), 0
    for _ in range(seconds):
        host_us += 1_000_000
        there, back = 300 + int(rng.expovariate(1 / jitter_us)), 300 + int(rng.expovariate(1 / jitter_us))
        one.add(host_us, device_time(host_us + there, ppm, start_us), host_us + there + back)
    return one, host_us


def device_time(host_us: int, ppm: float, start_us: int) -> int:
    return start_us + host_us + round(host_us * ppm * 1e-6)


@pytest.mark.parametrize("ppm", [-80.0, 0.0, 40.0])
def test_offset_and_drift_are_found_through_jitter(ppm):
    one, host_us = clock(120, ppm, start_us=5_000_000_000)
    assert one.drift_ppm == pytest.approx(ppm, abs=25)
    assert one.offset_us == pytest.approx(device_time(host_us, ppm, 5_000_000_000) - host_us, abs=2_000)
    for ago_us in (0, 500_000, 3_000_000):
        stamp = device_time(host_us - ago_us, ppm, 5_000_000_000)
        assert one.to_host_us(stamp) == pytest.approx(host_us - ago_us, abs=2_000)


def test_without_jitter_it_is_exact():
    one, host_us = clock(60, 50.0, jitter_us=1)
    assert one.drift_ppm == pytest.approx(50.0, abs=0.5)
    assert one.to_host_us(device_time(host_us, 50.0, 0)) == pytest.approx(host_us, abs=20)


def test_the_quickest_exchange_is_believed():
    one = Clock()
    one.add(0, 1_000_500, 1_000)
    one.add(10_000, 1_090_000, 100_000)  # the answer took long to come
    assert one.offset_us == 1_000_000


def test_stamps_of_32_bits_are_those_near_now():
    one = Clock()
    one.add(0, 2**32 + 1_000, 0)
    assert one.to_host_us(1_500) == 500
    assert one.to_host_us(2**32 - 500) == -1_500
    assert one.to_host_us(2**32 + 1_500) == 500


def test_a_short_time_tells_no_drift():
    one, _ = clock(9, 80.0)
    assert one.drift_ppm == 0.0


def test_before_the_first_exchange_nothing_is_known():
    one = Clock()
    assert one.offset_us is None
    with pytest.raises(ValueError, match=r"not known yet: exchange it first"):
        one.to_host_us(5)
