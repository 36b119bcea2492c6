"""Prototypes: nearest neighbours while there is room, fair shares when there is not, never a byte too many."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgelearn import readouts
from edgelearn.errors import BudgetError, ConfigError
from tests.readouts.makes import frozen, same, stream

ROW = 4 * 4 + 12  # bytes of a prototype of 4 features


def make(rows):
    return readouts.make("prototypes", budget=rows * ROW)


def shares(readout):
    owner = readout.state()["owner"]
    return np.bincount(owner, minlength=len(readout.classes_)).tolist()


def test_one_nearest_neighbour_while_there_is_room():
    X, y = stream(0, 60, 4, 3)
    Q, _ = stream(1, 40, 4, 3)
    readout = make(60)
    readout.learn_many(X, y)
    distance = ((Q[:, None] - X) ** 2).sum(axis=2)
    assert readout.predict_many(Q) == [y[i] for i in distance.argmin(axis=1)]
    nearest = np.stack([distance[:, np.array(y) == label].min(axis=1) for label in readout.classes_], axis=1)
    np.testing.assert_allclose(readout.scores_many(Q), -nearest, rtol=1e-5)


def test_shares_are_fair_when_full():
    rng = np.random.default_rng(0)
    readout = make(12)
    readout.learn_many(rng.normal(size=(50, 4)), [0] * 50)
    assert shares(readout) == [12]
    readout.learn_many(rng.normal(size=(50, 4)) + 9, [1] * 50)
    assert shares(readout) == [6, 6]
    for label in (2, 3):
        readout.learn_many(rng.normal(size=(9, 4)) + 20 * label, [label] * 9)
    assert shares(readout) == [3, 3, 3, 3]
    readout.learn_one(rng.normal(size=4) - 50, 4)
    assert shares(readout)[4] == 1
    assert sum(shares(readout)) == 12


@given(seed=st.integers(0, 1000), rows=st.integers(2, 12), n=st.integers(1, 60))
@settings(max_examples=40)
def test_the_budget_holds_and_every_sample_counts(seed, rows, n):
    X, y = stream(seed, n, 4, min(rows, 4))
    readout = make(rows)
    for x, label in zip(X, y, strict=True):
        readout.learn_one(x, label)
        assert readout.memory_bytes <= rows * ROW + 8 * len(readout.classes_)
    state = readout.state()
    assert len(state["rows"]) == min(n, rows)
    kept = [state["weight"][state["owner"] == c].sum() for c in range(len(readout.classes_))]
    assert kept == readout.counts
    for c, label in enumerate(readout.classes_):  # prototypes are means: their weighted sum is the class's
        own = state["owner"] == c
        total = (state["rows"][own] * state["weight"][own, None]).sum(axis=0)
        np.testing.assert_allclose(total, X[np.array(y) == label].sum(axis=0), atol=1e-3)


def test_a_full_memory_merges_with_the_weights_of_both():
    X, y = stream(3, 80, 4, 2)
    one, two = make(6), make(6)
    one.learn_many(X[:40], y[:40])
    two.learn_many(X[40:], y[40:])
    one.merge(two)
    state = one.state()
    assert state["weight"].sum() == 80
    total = (state["rows"] * state["weight"][:, None]).sum(axis=0)
    np.testing.assert_allclose(total, X.sum(axis=0), atol=1e-2)


def test_more_classes_than_room_are_refused_before_anything_changes():
    X, _ = stream(4, 6, 4, 3)
    readout = make(3)
    readout.learn_many(X[:3], [0, 1, 2])
    before = frozen(readout)
    with pytest.raises(BudgetError, match=f"4 classes need at least {4 * ROW} bytes"):
        readout.learn_one(X[3], 3)
    with pytest.raises(BudgetError, match="nothing was changed"):
        readout.learn_many(X[:4], [0, 1, 3, 0])
    other = make(3)
    other.learn_many(X[3:5], [0, 9])
    with pytest.raises(BudgetError, match="nothing was changed"):
        readout.merge(other)
    assert same(before, frozen(readout))
    readout.forget(1)
    readout.learn_one(X[3], 3)
    assert readout.classes_ == [0, 2, 3]


def test_a_budget_for_less_than_two_is_refused_at_the_first_sample():
    readout = make(1)
    with pytest.raises(BudgetError, match="holds 1 prototypes of 4 features"):
        readout.learn_one(np.zeros(4), 0)
    assert readout.n_features is None
    for wrong in (0, -5, "much", 1.5, True):
        with pytest.raises(ConfigError, match="size"):
            readouts.make("prototypes", budget=wrong)


def test_a_blended_pair_comes_apart_again():
    X = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [9, 9, 9, 9]], np.float32) / 3
    readout = make(2)
    readout.learn_many(X, [0, 0, 1])
    readout.unlearn(X[0], 0)
    readout.unlearn(X[1], 0)
    assert readout.classes_ == [1]
