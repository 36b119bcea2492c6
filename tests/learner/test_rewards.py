"""Rewards: a decision remembers what it answered, and what that earned teaches it, however late."""

import numpy as np
import pytest

from edgelearn import Learner, readouts
from edgelearn.errors import InputError, TicketError, UnsupportedError
from tests.learner.fakes import Clock, blobs, learned, same
from tests.learner.layered import rewarded, unsupervised

X, Y = blobs(400)


def head(**options):
    return Learner(readout=readouts.make("reward_head", classes=[0, 1, 2]), **options)


def test_a_reward_teaches_what_was_answered_however_late():
    now, late, by_hand = head(), head(), readouts.make("reward_head", classes=[0, 1, 2])
    waiting = [late.predict_one(x) for x in X[:50]]
    for x, y, decision in zip(X, Y, waiting, strict=False):
        late.feedback(decision.ticket, reward=float(decision.label == y))
        by_hand.reinforce_one(x, decision.label, float(decision.label == y))
    assert all(np.array_equal(a, late.readout.state()[name]) for name, a in by_hand.state().items())
    for x, y in zip(X, Y, strict=True):
        decision = now.predict_one(x)
        now.feedback(decision.ticket, reward=float(decision.label == y))
    assert np.mean([d.best == y for d, y in zip(now.predict_many(X, tickets=False), Y, strict=True)]) > 0.9


def test_what_is_tried_is_drawn_alike_again_and_only_with_a_ticket():
    one, two, other = head(seed=1), head(seed=1), head(seed=2)
    tried = [[learner.predict_one(x).label for x in X[:60]] for learner in (one, two, other)]
    assert tried[0] == tried[1] != tried[2]
    assert set(tried[0]) == {0, 1, 2}
    assert all(d.label == d.best for d in one.predict_many(X, tickets=False))


@pytest.mark.parametrize(
    "reward",
    [np.nan, np.inf, -np.inf, "1", [1, 2], True + 1j, pytest.param(10**5000, id="long"), 10**400, 1e39],
)
def test_a_reward_that_is_no_finite_number(reward):
    learner = head(layers=[rewarded()])
    ticket, before = learner.predict_one(X[0]).ticket, learned(learner)
    with pytest.raises(InputError, match="reward must be a finite number"):
        learner.feedback(ticket, reward=reward)
    assert same(before, learned(learner))
    learner.feedback(ticket, reward=1)  # it is still open


def test_a_reward_out_of_bounds_leaves_the_layers_alone_too():
    learner = head(layers=[rewarded()])
    learner.feedback(learner.predict_one(X[0]).ticket, reward=1)
    ticket, before = learner.predict_one(X[1]).ticket, learned(learner)
    with pytest.raises(InputError, match=r"in \[-1, 1\]"):
        learner.feedback(ticket, reward=2)
    assert same(before, learned(learner))


def test_a_label_or_a_reward_one_of_them():
    learner = head()
    ticket = learner.predict_one(X[0]).ticket
    for given in ({}, {"label": 0, "reward": 1.0}):
        with pytest.raises(InputError, match="a label or a reward: give one"):
            learner.feedback(ticket, **given)
    learner.feedback(ticket, label=2)
    assert learner.readout.counts == [0, 0, 1]


def test_a_reward_for_a_ticket_that_is_gone():
    clock = Clock()
    learner = head(ticket_ttl_s=60, clock=clock, ticket_bytes=2 * 44)
    evicted, used, old = (learner.predict_one(x).ticket for x in X[:3])
    learner.feedback(used, reward=1)
    clock.now += 61
    before = learned(learner)
    for ticket in (evicted, used, old, "no ticket"):
        with pytest.raises(TicketError):
            learner.feedback(ticket, reward=1)
        assert same(before, learned(learner))


@pytest.mark.parametrize("name", [n for n in readouts.names() if not readouts.make(n).reinforces])
def test_a_reward_from_which_nothing_learns(name):
    readout = readouts.make(name, **({"hidden": 8} if name == "rp_ridge" else {}))
    learner = Learner(readout=readout, layers=[unsupervised()])
    learner.learn_one(X[0], 0)
    ticket, before = learner.predict_one(X[0]).ticket, learned(learner)
    with pytest.raises(UnsupportedError, match=f"{name} learns from labels; use readout reward_head"):
        learner.feedback(ticket, reward=1.0)
    assert same(before, learned(learner))
    with pytest.raises(UnsupportedError, match=f"{name} learns from labels, not from rewards"):
        readout.reinforce_one(learner.layers[0].transform(X[0]), 0, 1.0)


@pytest.mark.parametrize("with_layers", [False, True])
def test_an_answer_that_was_forgotten_since_is_not_rewarded(with_layers):
    learner = head(layers=[rewarded()] if with_layers else [])
    decisions = [learner.predict_one(x) for x in X[:30]]
    learner.forget(1)
    for decision in decisions:
        if decision.label == 1:
            before = learned(learner)
            with pytest.raises(UnsupportedError, match="forgotten since"):
                learner.feedback(decision.ticket, reward=1)
            assert same(before, learned(learner))
        else:
            learner.feedback(decision.ticket, reward=1)
    said = [decision.label for decision in decisions]
    assert learner.readout.counts == [said.count(0), said.count(2)]


def test_before_there_is_an_answer_there_is_nothing_to_reward():
    learner = Learner(readout="reward_head")
    with pytest.raises(UnsupportedError, match="named no label"):
        learner.feedback(learner.predict_one(X[0]).ticket, reward=1)


def test_what_was_answered_outlives_the_process(tmp_path):
    with head(store=tmp_path / "s") as learner:
        decisions = [learner.predict_one(x) for x in X[:20]]
    with head(store=tmp_path / "s") as learner:
        for decision in decisions:
            learner.feedback(decision.ticket, reward=1)
        said = [decision.label for decision in decisions]
        assert learner.readout.counts == [said.count(c) for c in range(3)]
