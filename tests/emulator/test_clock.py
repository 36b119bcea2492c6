"""The virtual clock: order, nesting, ends, speed."""

import time

import pytest

from edgelearn.emulator import VirtualClock
from edgelearn.errors import ConfigError


def test_things_happen_in_order_of_time_then_of_asking() -> None:
    clock, seen = VirtualClock(), list[tuple[str, int]]()
    for name, at_us in (("late", 300), ("first", 100), ("second", 100)):
        clock.at(at_us, lambda name=name: seen.append((name, clock.now_us())))  # type: ignore[misc]
    clock.sleep(200e-6)
    assert seen == [("first", 100), ("second", 100)]
    assert clock.now_us() == 200
    clock.sleep(1.0)
    assert seen[2:] == [("late", 300)]
    assert clock.now_us() == 1_000_200


def test_what_happens_may_ask_for_more() -> None:
    clock, seen = VirtualClock(), list[int]()
    clock.at(10, lambda: clock.at(20, lambda: seen.append(clock.now_us())))
    clock.sleep(1e-3)
    assert seen == [20]


def test_a_sleep_inside_what_happens_lets_the_others_happen() -> None:
    clock, seen = VirtualClock(), list[str]()

    def long() -> None:
        clock.sleep(50e-6)
        seen.append("woke")

    clock.at(10, long)
    clock.at(30, lambda: seen.append("between"))
    clock.sleep(40e-6)
    assert seen == ["between", "woke"]
    assert clock.now_us() == 60


def test_every_goes_on_until_it_is_ended() -> None:
    clock, seen = VirtualClock(), list[int]()
    end = clock.every(1000, lambda: seen.append(clock.now_us()))
    clock.sleep(3.5e-3)
    end()
    clock.sleep(1.0)
    assert seen == [1000, 2000, 3000]


def test_a_speed_holds_it_back() -> None:
    clock = VirtualClock(speed=100)
    start_s = time.monotonic()
    clock.sleep(5.0)
    assert time.monotonic() - start_s > 0.045


@pytest.mark.parametrize("speed", [0, -1.0, float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ConfigError, match="above 0"):
        VirtualClock(speed)


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="one microsecond"):
        VirtualClock().every(0, lambda: None)
