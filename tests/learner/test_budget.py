"""The budget is a contract: what would exceed it raises before anything changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgelearn import Learner, readouts
from edgelearn.errors import BudgetError, ConfigError, EdgelearnError
from tests.learner.fakes import blobs, learned, same


def tight(name, n_classes, n_features=4):
    """Return a learner whose budget holds so many classes and not one more."""
    readout = readouts.make(name, **({"hidden": 8} if name == "rp_ridge" else {}))
    fixed = Learner(ticket_bytes=500).memory_bytes + 500
    return Learner(
        readout=readout, ticket_bytes=500, budget=readout.bytes_with(n_classes, n_features) + fixed
    )


GROWING = [name for name in readouts.names() if name != "prototypes"]


@pytest.mark.parametrize("name", GROWING)
def test_one_class_too_many_is_refused_and_nothing_learned(name):
    X, _ = blobs(6)
    learner = tight(name, 2)
    learner.learn_many(X[:2], ["a", "b"])
    ticket = learner.predict_one(X[2]).ticket
    before = learned(learner)
    attempts = (
        lambda: learner.learn_one(X[2], "c"),
        lambda: learner.learn_many(X[:4], ["a", "b", "c", "a"]),
        lambda: learner.feedback(ticket, label="c"),
    )
    for attempt in attempts:
        with pytest.raises(BudgetError, match="nothing was changed"):
            attempt()
        assert same(before, learned(learner))
    learner.feedback(ticket, label="b")  # it is still open
    learner.forget("a")
    learner.learn_one(X[2], "c")
    assert learner.classes_ == ["b", "c"]


@pytest.mark.parametrize("name", GROWING)
def test_a_merge_too_large_is_refused(name):
    X, _ = blobs(6)
    learner, other = tight(name, 2), tight(name, 2)
    learner.learn_many(X[:2], ["a", "b"])
    other.learn_many(X[2:4], ["b", "c"])
    before = learned(learner)
    with pytest.raises(BudgetError):
        learner.merge(other)
    assert same(before, learned(learner))
    learner.forget("a")
    learner.merge(other)
    assert learner.memory_bytes <= learner.budget_bytes


@pytest.mark.parametrize("name", GROWING)
def test_a_snapshot_too_large_is_refused(name):
    X, _ = blobs(6)
    large, small = tight(name, 3), tight(name, 2)
    large.learn_many(X[:3], ["a", "b", "c"])
    small.learn_many(X[:2], ["x", "y"])
    before = learned(small)
    with pytest.raises(BudgetError):
        small.restore(large.snapshot())
    assert same(before, learned(small))


def test_the_first_class_and_the_first_ticket_count():
    for attempt in (lambda x: x.learn_one(np.ones(4), "a"), lambda x: x.predict_one(np.ones(4))):
        learner = Learner(readout="slda", budget=4200)
        with pytest.raises((BudgetError, ConfigError)):
            attempt(learner)
        assert learner.classes_ == []


@pytest.mark.parametrize("name", readouts.names())
@given(
    extra=st.integers(0, 3000),
    steps=st.lists(
        st.tuples(
            st.sampled_from(["learn", "predict", "forget", "unlearn", "many", "merge"]), st.integers(0, 9)
        ),
        max_size=25,
    ),
)
@settings(max_examples=25)
def test_memory_never_exceeds_the_budget(name, extra, steps):
    X, _ = blobs(10)
    options = {"rp_ridge": {"hidden": 8}, "prototypes": {"budget": 200}}
    learner = Learner(
        readout=readouts.make(name, **options.get(name, {})), ticket_bytes=200, budget=4500 + extra
    )
    other = Learner(readout=readouts.make(name, **options.get(name, {})))
    other.learn_many(X[:3], [1, 20, 30])
    for what, i in steps:
        before = learned(learner)
        try:
            match what:
                case "learn":
                    learner.learn_one(X[i], i)
                case "predict":
                    learner.predict_one(X[i])
                case "forget":
                    learner.forget(i)
                case "unlearn":
                    learner.unlearn(X[i], i)
                case "many":
                    learner.learn_many(X[: i + 1], range(i + 1))
                case "merge":
                    learner.merge(other)
        except EdgelearnError:
            assert same(before, learned(learner))
        assert learner.memory_bytes <= learner.budget_bytes


def test_prototypes_refuse_through_the_learner_too():
    X, _ = blobs(6)
    learner = Learner(readout=readouts.make("prototypes", budget=3 * 28))
    learner.learn_many(X[:3], [0, 1, 2])
    before = learned(learner)
    for attempt in (
        lambda: learner.learn_one(X[3], 3),
        lambda: learner.learn_many(X[:5], [0, 1, 2, 0, 3]),
    ):
        with pytest.raises(BudgetError, match="nothing was changed"):
            attempt()
        assert same(before, learned(learner))


def test_memory_is_the_same_after_a_thousand_samples():
    X, y = blobs(1200)
    learner = Learner(budget="200KB")
    learner.learn_many(X[:100], y[:100])
    learner.predict_many(X[:5])
    before = learner.memory_bytes
    learner.learn_many(X[100:], y[100:])
    learner.predict_many(X)
    assert learner.memory_bytes == before
