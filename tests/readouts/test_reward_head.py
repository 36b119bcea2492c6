"""A head that learns from rewards alone, its exploration, and what it refuses."""

import numpy as np
import pytest

from edgelearn import Learner, readouts
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.order import define_drive
from edgelearn.neurons import softmax
from edgelearn.rules import delta
from edgelearn.signals import reward_choice
from tests.readouts.makes import frozen, same, stream

ANSWERS = (0, 1, 2)


def head(**settings):
    return readouts.make("reward_head", classes=ANSWERS, **settings)


def act(readout, X, y, seed=0, sign=1):
    """Let it answer by exploring and reward what is right; return where it was."""
    right = []
    for x, label, u in zip(X, y, np.random.default_rng(seed).random(len(y)), strict=True):
        chances = readout.probabilities(readout.scores_one(x))
        said = readout.classes_[readout.explore(chances, u)]
        readout.reinforce_one(x, said, sign * float(said == label))
        right.append(said == label)
    return np.array(right)


def accuracy(readout, X, y):
    return np.mean([a == b for a, b in zip(readout.predict_many(X), y, strict=True)])


def test_it_learns_from_rewards_alone_and_not_from_their_opposite():
    X, y = stream(0, 700, 6, 3)
    rewarded, punished = head(), head()
    right = act(rewarded, X[:500], y[:500])
    act(punished, X[:500], y[:500], sign=-1)
    assert right[-100:].mean() > right[:100].mean() + 0.1
    assert accuracy(rewarded, X[500:], y[500:]) > 0.9
    assert accuracy(punished, X[500:], y[500:]) < 1 / 3
    assert rewarded.n_seen == sum(rewarded.counts) == 500


def test_one_step_is_the_composition_of_the_definitions():
    X, y = stream(1, 40, 5, 3)
    readout = head(eta=0.5)
    act(readout, X, y)
    before = {name: np.array(value) for name, value in readout.state().items()}
    readout.reinforce_one(X[0], 1, 0.75)
    z = readout._z
    share = softmax.step(softmax.neuron(1.0).params, None, define_drive(z, before["weights"]))[1]
    third = reward_choice.step(None, None, share, np.array([1, 0.75], np.float32))[1]
    square = np.float32(1)
    for value in z[:-1]:
        square += value * value
    rule = delta.rule(eta=float(np.float32(0.5 / square)))
    _, moved = delta.step(rule.params, None, before["weights"], z, share, third)
    assert np.array_equal(readout.state()["weights"], moved)
    assert np.array_equal(
        moved[:, [0, 2]], before["weights"][:, [0, 2]]
    )  # who did not answer learned nothing


def test_declared_answers_are_tried_before_anything_was_learned():
    readout = head()
    x = np.ones(4, np.float32)
    assert readout.predict_one(x) == 0
    assert readout.memory_bytes == 0
    chances = readout.probabilities(readout.scores_one(x))
    assert [readout.explore(chances, u) for u in (0.0, 0.5, 0.99, 1.0)] == [0, 1, 2, 2]
    readout.reinforce_one(x, 2, 1.0)
    assert readout.predict_one(x) == 2
    assert readout.memory_bytes == readout.bytes_with(3, 4)


def test_it_goes_on_where_it_was_saved():
    X, y = stream(2, 60, 4, 3)
    whole, first = head(), head()
    act(whole, X[:30], y[:30])
    act(first, X[:30], y[:30])
    resumed = type(first)(**first.config())
    resumed.load(frozen(first)[0], first.classes_, 4, first.n_seen)
    act(whole, X[30:], y[30:], seed=1)
    act(resumed, X[30:], y[30:], seed=1)
    assert same(frozen(whole), frozen(resumed))


def test_a_forgotten_answer_is_tried_no_more():
    X, y = stream(3, 30, 4, 3)
    for readout in (head(), head()):
        act(readout, X, y)
        readout.forget(1)
        assert readout.classes_ == [0, 2]
        assert 1 not in readout.predict_many(X)
        with pytest.raises(InputError, match="never learned"):
            readout.reinforce_one(X[0], 1, 1.0)
    untouched = head()
    untouched.forget(1)
    assert untouched.classes_ == [0, 2]


@pytest.mark.parametrize("reward", [np.nan, np.inf, 1.5, -2, None, "good"])
def test_a_bad_reward_is_named_and_teaches_nothing(reward):
    X, y = stream(4, 20, 4, 3)
    readout = head()
    act(readout, X, y)
    before = frozen(readout)
    with pytest.raises(InputError, match="reward must be"):
        readout.reinforce_one(X[0], 1, reward)
    with pytest.raises(InputError, match="never learned"):
        readout.reinforce_one(X[0], 9, 1.0)
    assert same(before, frozen(readout))


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"eta": 0}, "above 0"),
        ({"eta": 2.0}, "below 2"),
        ({"classes": ("a", "a")}, "twice"),
        ({"classes": 5}, "list of labels, not 5"),
        ({"classes": "left"}, "list of labels, not 'left'"),
    ],
)
def test_bad_settings_are_named(settings, reason):
    with pytest.raises(ConfigError, match=reason):
        readouts.make("reward_head", **settings)


def test_a_learner_learns_from_late_rewards():
    X, y = stream(5, 700, 6, 3)
    learner = Learner(None, head(), seed=3)
    open_tickets = []
    for x, label in zip(X[:500], y[:500], strict=True):
        said = learner.predict_one(x)
        open_tickets.append((said.ticket, float(said.label == label)))
        if len(open_tickets) > 20:
            ticket, reward = open_tickets.pop(0)
            learner.feedback(ticket, reward=reward)
    decisions = learner.predict_many(X[500:], tickets=False)
    assert np.mean([d.label == label for d, label in zip(decisions, y[500:], strict=True)]) > 0.85
