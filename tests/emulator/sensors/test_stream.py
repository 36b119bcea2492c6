"""Laws of every fault and signal: a check for them, all of ours under it, and broken ones that it must catch."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from edgelearn.emulator.sensors import (
    ClockDrift,
    ConceptDrift,
    Dropout,
    GainDrift,
    Glitch,
    Jitter,
    Noise,
    OffsetDrift,
    Quantise,
    Recording,
    Saturation,
    Sensor,
    StuckAt,
    TimeFault,
    ValueFault,
    mixture,
    noise,
    sine,
    square,
    walk,
)
from edgelearn.emulator.sensors.block import Run, Work
from edgelearn.emulator.sensors.signals import Signal
from edgelearn.errors import ConfigError
from edgelearn.types import Array
from tests.emulator.sensors.whole import digest, whole

Fault = TimeFault | ValueFault
OTHER = Recording(np.arange(600.0).reshape(300, 2), 70.0, np.repeat(["a", "b", "c"], 100))
DRAWING: list[Fault] = [
    ClockDrift(50, wander_us=300),
    Jitter(2000),
    Dropout(0.1),
    Dropout(0.1, 7),
    StuckAt(0.1, 20),
    StuckAt(0.05, 20, value=3),
    Noise(0.5),
    Glitch(0.01, 100),
    ConceptDrift(10, OTHER, over_s=60),
    ConceptDrift(10, lambda values: values + 1, over_s=60, hold_s=0.3),
]
STILL: list[Fault] = [
    ClockDrift(-80),
    StuckAt(at_s=20, for_s=13),
    Saturation(-500, 4000),
    GainDrift(2, 40, at_s=5),
    OffsetDrift(-3, 40),
    Quantise(12, 10_000),
    ConceptDrift(33.3, OTHER),
]
SIGNALS = [noise(), walk(), mixture({"rest": sine(1), 2: square(3)}, mean_s=0.5)]


def check_fault(faults: list[Fault], recording: Recording, draws: bool) -> None:
    """Assert that it starts again, does not see blocks, and goes by the seed exactly if it draws."""

    def played(seed: int) -> Sensor:
        return Sensor.play(recording, faults=faults, seed=seed)

    sensor = played(1)
    first = digest(whole(sensor))
    assert digest(whole(sensor)) == first, "a second run differs"
    assert digest(whole(played(1))) == first, "a second sensor differs"
    assert all(digest(whole(sensor, size)) == first for size in (97, 1000, 20_000)), "it sees the blocks"
    assert (digest(whole(played(2))) != first) == draws, "it ignores the seed, or needs none"


@pytest.mark.parametrize("fault", DRAWING, ids=repr)
def test_a_fault_that_draws_goes_by_its_seed_alone(fault: Fault, ramp: Recording) -> None:
    check_fault([fault], ramp, draws=True)


@pytest.mark.parametrize("fault", STILL, ids=repr)
def test_a_fault_that_draws_nothing_is_the_same_for_every_seed(fault: Fault, ramp: Recording) -> None:
    check_fault([fault], ramp, draws=False)


def test_all_together(ramp: Recording) -> None:
    check_fault(DRAWING + STILL, ramp, draws=True)


def test_the_bytes_of_a_seed_are_those_that_were_kept() -> None:
    """On every machine and in every version: this was written down once."""
    sensor = Sensor.generate(sine(3, 500), 100, channels=2, seconds=100, faults=DRAWING + STILL, seed=1)
    assert digest(whole(sensor))[:16] == "be43ee405240c749"


@dataclass(frozen=True)
class Seedless(ValueFault):
    def begin(self, run: Run) -> Callable[[Work], Array]:  # noqa: ARG002
        rng = np.random.default_rng(0)

        def act(work: Work) -> Array:
            work.values += rng.normal(size=work.values.shape)
            return np.ones(len(work.index), bool)

        return act


@dataclass(frozen=True)
class Remembering(ValueFault):
    seen: list[int] = field(default_factory=list)

    def begin(self, run: Run) -> Callable[[Work], Array]:
        def act(work: Work) -> Array:
            work.values += run.draws.normal(sum(self.seen), len(work.index))
            self.seen.append(len(work.index))
            return np.ones(len(work.index), bool)

        return act


@dataclass(frozen=True)
class PerBlock(ValueFault):
    def begin(self, run: Run) -> Callable[[Work], Array]:
        def act(work: Work) -> Array:
            work.values += run.draws.normal(0, len(work.index))
            return np.ones(len(work.index), bool)

        return act


@pytest.mark.parametrize(
    ("broken", "words"),
    [(Seedless(), "ignores the seed"), (Remembering(), "second run"), (PerBlock(), "sees the blocks")],
)
def test_the_check_catches_broken_faults(broken: Fault, words: str, ramp: Recording) -> None:
    with pytest.raises(AssertionError, match=words):
        check_fault([broken], ramp, draws=True)


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: type(signal).__name__)
def test_a_signal_that_draws_does_not_see_the_blocks(signal: Signal) -> None:
    sensor = Sensor.generate(signal, 100, channels=2, seconds=50, seed=3)
    first = digest(whole(sensor))
    assert {digest(whole(sensor, size)) for size in (1, 64, 4999, 5000)} == {first}
    assert digest(whole(Sensor.generate(signal, 100, channels=2, seconds=50, seed=4))) != first


@pytest.mark.parametrize("more", [Dropout(0.2), Glitch(0.1, 5), Jitter(1000), OffsetDrift(1, 10)], ids=repr)
@pytest.mark.parametrize("before", [True, False])
def test_a_fault_more_does_not_change_the_draws_of_another(
    more: Fault, before: bool, ramp: Recording
) -> None:
    faults: list[Fault] = [Noise(1.0), StuckAt(0.1, 10)]
    alone = whole(Sensor.play(ramp, faults=faults, seed=9))
    both = whole(Sensor.play(ramp, faults=[more, *faults] if before else [*faults, more], seed=9))
    np.testing.assert_array_equal(alone.faults["StuckAt"], both.faults["StuckAt"])
    free = ~(both.faults["StuckAt"] | both.lost | both.faults.get(type(more).__name__, False))
    if not isinstance(more, Jitter):
        np.testing.assert_array_equal(alone.values[free], both.values[free])


def test_two_of_a_class_draw_apart() -> None:
    quiet = {"function": lambda t: np.zeros(len(t)), "rate_hz": 100, "seconds": 100}
    signal = quiet.pop("function")
    one, two = (
        whole(Sensor.generate(signal, **quiet, faults=[Noise(1.0)] * count, seed=1)).values
        for count in (1, 2)
    )
    assert np.corrcoef(one[:, 0], (two - one)[:, 0])[0, 1] == pytest.approx(0, abs=0.04)
    assert two.std() == pytest.approx(2**0.5, rel=0.03)


def test_faults_act_in_the_order_of_the_list() -> None:
    def read(*faults: Fault) -> list[float]:
        sensor = Sensor.generate(lambda t: 2 + t, 1, seconds=3, faults=faults)
        return whole(sensor).values[:, 0].tolist()

    assert read(Saturation(0, 3), OffsetDrift(10, 0)) == [12, 13, 13]
    assert read(OffsetDrift(10, 0), Saturation(0, 3)) == [3, 3, 3]


def test_what_is_no_fault_is_refused(ramp: Recording) -> None:
    with pytest.raises(ConfigError, match="give it its values in brackets"):
        Sensor.play(ramp, faults=[Dropout])  # type: ignore[list-item]
    with pytest.raises(ConfigError, match="'dropout' is no fault such as"):
        Sensor.play(ramp, faults=["dropout"])  # type: ignore[list-item]
    with pytest.raises(ConfigError, match="faults is a list"):
        Sensor.play(ramp, faults=Dropout(0.1))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="seed must be a whole number"):
        Sensor.play(ramp, seed=-1)
