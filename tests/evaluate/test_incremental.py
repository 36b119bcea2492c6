"""Class- and domain-incremental protocols on blobs, where the outcome is known."""

import numpy as np
import pytest

from edgelearn import readouts
from edgelearn.errors import ConfigError, InputError
from edgelearn.evaluate import class_incremental, domain_incremental, metrics
from edgelearn.evaluate.incremental import class_course, domain_course
from edgelearn.learner import Learner
from tests.evaluate.blobs import blobs

TRAIN, TEST = blobs(n_each=60, classes=6), blobs(n_each=30, classes=6, seed=1)


def test_streaming_lda_keeps_what_softmax_forgets() -> None:
    kept = class_incremental(readouts.make("slda"), *TRAIN, *TEST)
    lost = class_incremental(readouts.make("softmax"), *blobs(60, 6, gap=1.5), *blobs(30, 6, gap=1.5, seed=1))
    also = class_incremental(readouts.make("slda"), *blobs(60, 6, gap=1.5), *blobs(30, 6, gap=1.5, seed=1))
    assert kept.accuracy > 0.98
    assert kept.forgetting < 0.02
    assert lost.forgetting > also.forgetting + 0.1
    assert lost.accuracy < also.accuracy


def test_the_matrix_is_zero_for_classes_to_come_and_ends_in_the_accuracy() -> None:
    result = class_incremental(readouts.make("ncm"), *TRAIN, *TEST)
    assert result.R.shape == (3, 3)
    assert not result.R[np.triu_indices(3, 1)].any()
    assert result.counts.tolist() == [60, 60, 60]
    assert result.accuracy == pytest.approx(metrics.average_accuracy(result.R))
    assert result.average_incremental == pytest.approx(result.accuracy_so_far.mean())


def test_test_samples_of_classes_never_learned_count_as_wrong() -> None:
    X, y = TRAIN
    known = y < 3
    result = class_incremental(readouts.make("ncm"), X[known], y[known], *TEST, step=1)
    assert result.accuracy == pytest.approx(0.5, abs=0.03)


def test_a_seed_always_draws_the_same_course_and_an_order_fixes_the_classes() -> None:
    y = TRAIN[1]
    first, again, other = (class_course(y, y, 2, seed) for seed in (3, 3, 4))
    assert first.names == again.names
    assert all((a == b).all() for a, b in zip(first.steps, again.steps, strict=True))
    assert first.names != other.names
    fixed = class_course(y, y, 4, 0, [5, 4, 3, 2, 1, 0])
    assert fixed.names == ["5 4 3 2", "1 0"]
    assert sorted(np.concatenate(fixed.steps)) == list(range(len(y)))
    assert set(y[fixed.steps[1]]) == {0, 1}
    assert (np.diff(fixed.steps[0]) < 0).any()  # shuffled within a step


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 2, 3, 4, 4], [0, 1, 2, 3, 4, 9]])
def test_an_order_names_every_class_once(order: list[int]) -> None:
    with pytest.raises(ConfigError, match="every class exactly once"):
        class_course(TRAIN[1], TRAIN[1], 2, 0, order)


def test_strangers_are_counted_while_there_are_any() -> None:
    result = class_incremental(Learner(readout="slda"), *TRAIN, *TEST)
    figures = result.open_set
    assert figures is not None
    assert figures.false_accepts < 0.2  # blobs far apart: a stranger shows
    assert figures.false_rejects < 0.25
    assert figures.coverage > 0.75
    whole = class_incremental(Learner(readout="slda"), *TRAIN, *TEST, step=6).open_set
    assert whole is not None
    assert np.isnan(whole.false_accepts)


def test_a_learner_that_never_rejects_covers_everything() -> None:
    result = class_incremental(Learner(readout="slda", reject_rate=None), *TRAIN, *TEST)
    assert result.open_set is not None
    assert result.open_set.coverage == 1.0
    assert result.open_set.false_rejects == 0.0
    assert result.open_set.false_accepts == 1.0


def test_domains_come_in_ascending_order() -> None:
    _, y = blobs(n_each=60, classes=3)
    domain = np.resize([30, 4, 200], len(y))
    course = domain_course(domain, domain)
    assert course.names == ["4", "30", "200"]
    assert set(domain[course.steps[1]]) == {30}


def test_a_domain_shift_is_learned_and_the_frozen_first_domain_is_not_enough() -> None:
    X, y = blobs(n_each=80, classes=3, d=3, gap=3.0)
    domain = np.resize([0, 1], len(y))
    X = np.where(domain[:, None] == 1, -X, X)
    train = np.arange(len(y)) % 4 > 1
    parts = (X[train], y[train], domain[train], X[~train], y[~train], domain[~train])
    result = domain_incremental(readouts.make("prototypes"), *parts)
    assert result.R[0, 0] > 0.85
    assert result.R[0, 1] < 0.3
    assert result.R[1, 1] > 0.85


def test_no_test_sample_is_an_error() -> None:
    with pytest.raises(InputError, match="no test sample"):
        class_incremental(readouts.make("ncm"), *TRAIN, TEST[0][:0], TEST[1][:0])
