"""Test, then train: what is known when, to the sample."""

from collections.abc import Sequence

import numpy as np
import pytest

from edgelearn import readouts
from edgelearn.errors import ConfigError, InputError
from edgelearn.evaluate import no_change, prequential
from edgelearn.learner import Learner
from edgelearn.types import Array, Label
from tests.evaluate.blobs import blobs


class Diary:
    """Says the label learned last, and writes down what happened."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.last: Label | None = None

    @property
    def classes_(self) -> list[Label]:
        return []

    def learn_one(self, x: Array, y: Label) -> None:
        self.events.append(("learn", int(x[0])))
        self.last = y

    def learn_many(self, X: Array, y: Sequence[Label]) -> None:
        raise AssertionError(f"a stream is learned one by one, not {len(X)} of {y}")

    def predict_one(self, x: Array) -> Label | None:
        self.events.append(("predict", int(x[0])))
        return self.last

    def predict_many(self, X: Array) -> list[Label | None]:
        raise AssertionError(f"a stream is predicted one by one, not {len(X)}")


def rows(n: int) -> Array:
    return np.arange(n, dtype=np.float32)[:, None]


def test_each_sample_is_predicted_and_then_learned() -> None:
    diary = Diary()
    prequential(diary, rows(3), ["a", "b", "a"])
    assert diary.events == [
        ("predict", 0), ("learn", 0), ("predict", 1), ("learn", 1), ("predict", 2), ("learn", 2),
    ]  # fmt: skip


def test_with_delay_two_the_label_of_sample_0_arrives_at_step_2() -> None:
    diary = Diary()
    prequential(diary, rows(4), ["a", "b", "a", "b"], delay=2)
    assert diary.events == [
        ("predict", 0), ("predict", 1), ("predict", 2), ("learn", 0), ("predict", 3), ("learn", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("delay", "expected"),
    [
        (0, [False, True, False, True, True, True]),
        (1, [False, False, False, False, True, True]),
        (2, [False, False, False, False, False, True]),
        (6, [False] * 6),
    ],
)
def test_no_change_repeats_the_last_label_that_has_arrived(delay: int, expected: list[bool]) -> None:
    y = ["a", "a", "b", "b", "b", "b"]
    assert no_change(y, delay).tolist() == expected


@pytest.mark.parametrize("delay", [0, 1, 3])
def test_no_change_is_a_model_that_repeats(delay: int) -> None:
    y = np.random.default_rng(0).integers(0, 2, 60)
    assert prequential(Diary(), rows(60), y, delay).correct.tolist() == no_change(y, delay).tolist()


def test_a_prediction_before_any_class_is_known_is_wrong() -> None:
    X, y = blobs()
    result = prequential(readouts.make("ncm"), X, y, delay=10)
    assert not result.correct[:11].any()
    assert not result.known[:11].any()
    assert result.correct[60:].mean() > 0.9


def test_the_frozen_control_stops_learning() -> None:
    diary = Diary()
    prequential(diary, rows(10), ["a"] * 10, learn_for=3)
    assert [i for what, i in diary.events if what == "learn"] == [0, 1, 2]


def test_a_learner_is_scored_by_its_forced_choice_and_rejects_in_figures_of_their_own() -> None:
    X, y = blobs(n_each=150)
    learner = prequential(Learner(readout="slda"), X, y)
    readout = prequential(readouts.make("slda"), X, y)
    assert learner.correct.tolist() == readout.correct.tolist()
    assert readout.open_set is None
    assert learner.open_set is not None
    assert 0.01 < learner.open_set.false_rejects < 0.12
    assert learner.open_set.coverage < 1.0


def test_the_curve_ends_at_the_accuracy() -> None:
    X, y = blobs()
    result = prequential(readouts.make("ncm"), X, y)
    assert result.curve[-1] == pytest.approx(result.accuracy)


def test_bad_streams_are_refused() -> None:
    model = readouts.make("ncm")
    with pytest.raises(InputError, match="empty"):
        prequential(model, rows(0), [])
    with pytest.raises(InputError, match="3 samples but 2 labels"):
        prequential(model, rows(3), [1, 2])
    with pytest.raises(ConfigError, match="delay"):
        prequential(model, rows(2), [1, 2], delay=-1)
