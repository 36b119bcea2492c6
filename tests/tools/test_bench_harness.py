import pytest

from tools.bench import harness


class Clock:
    """A clock that moves only when a variant runs; every call on it is noted."""

    def __init__(self) -> None:
        self.now = 0
        self.ran: list[str] = []

    def __call__(self) -> int:
        return self.now

    def variant(self, name: str, microseconds: int) -> "Variant":
        return Variant(self, name, microseconds)


class Variant:
    def __init__(self, clock: Clock, name: str, microseconds: int) -> None:
        self.clock, self.name, self.nanoseconds = clock, name, 1000 * microseconds

    def __call__(self) -> None:
        self.clock.now += self.nanoseconds
        self.clock.ran.append(self.name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_times_are_microseconds_a_call_and_the_first_variant_is_its_own_control(clock: Clock) -> None:
    times = harness.interleave(
        {"ours": clock.variant("ours", 50), "peer": clock.variant("peer", 400)}, repeats=4, clock=clock
    )
    assert times == {"ours": [50.0] * 4, "peer": [400.0] * 4, harness.AGAIN: [50.0] * 4}
    assert harness.ratio(times, "peer", "ours") == 8.0
    assert harness.control(times) == 1.0
    assert harness.medians(times)["peer"] == 400.0


def test_repeats_run_forth_and_back(clock: Clock) -> None:
    ours, peer = clock.variant("ours", 5000), clock.variant("peer", 5000)
    harness.interleave({"ours": ours, "peer": peer}, repeats=2, clock=clock)
    assert clock.ran[-6:] == ["ours", "peer", "ours", "ours", "peer", "ours"]


def test_short_calls_are_repeated_until_they_can_be_timed(clock: Clock) -> None:
    harness.interleave({"ours": clock.variant("ours", 1)}, repeats=1, long_enough_ns=100_000, clock=clock)
    assert len(clock.ran) > 2 * 100  # the variant and its control


def test_a_ratio_is_taken_repeat_by_repeat() -> None:
    slow_minute = {"a": [1.0, 1.0, 10.0], "b": [2.0, 2.0, 20.0]}
    assert harness.ratio(slow_minute, "b", "a") == 2.0


def test_percentiles_of_single_calls(clock: Clock) -> None:
    assert harness.percentiles(clock.variant("ours", 7), 100, clock) == {"p50": 7.0, "p99": 7.0, "p99.9": 7.0}
