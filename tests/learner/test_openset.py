"""Rejection: as many false rejects as wanted, strangers told apart, silent until it knows enough."""

import numpy as np
import pytest

from edgelearn import Learner, readouts
from edgelearn.openset import EVERY, WINDOW, Rejection
from tests.learner.fakes import blobs

SEPARATING = ["ncm", "slda", "prototypes"]
SHARPENING = [
    "prototypes",
    "softmax",
    "reward_head",
]  # known samples look less strange from day to day: they reject too few


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.2])
@pytest.mark.parametrize("name", readouts.names())
def test_false_rejects_are_as_many_as_wanted(name, rate):
    readout = readouts.make(name, **({"hidden": 16} if name == "rp_ridge" else {}))
    learner = Learner(readout=readout, reject_rate=rate)
    X, y = blobs(4000, n_features=6, seed=3)
    learner.learn_many(X[:3000], y[:3000])
    rejected = np.mean([d.label is None for d in learner.predict_many(X[3000:])])
    # 512 novelties and 1000 tests: 4 standard deviations of both together
    spread = np.sqrt(rate * (1 - rate) * (1 / WINDOW + 1 / 1000))
    assert rejected < rate + 4 * spread + 0.005
    if name not in SHARPENING:
        assert rejected > rate - 4 * spread - 0.005


@pytest.mark.parametrize("name", SEPARATING)
def test_strangers_are_rejected_and_the_best_guess_is_kept(name):
    learner = Learner(readout=name)
    X, y = blobs(800, n_features=6, seed=4)
    learner.learn_many(X[:600], y[:600])
    strangers = np.random.default_rng(0).normal(size=(50, 6)) + 60
    decisions = learner.predict_many(strangers)
    assert all(d.label is None and d.best in learner.classes_ for d in decisions)
    assert np.mean([d.label is None for d in learner.predict_many(X[600:])]) < 0.15


def test_never_rejects_with_none():
    learner = Learner(reject_rate=None)
    X, y = blobs(800)
    learner.learn_many(X, y)
    assert learner.threshold == np.inf
    assert all(d.label is not None for d in learner.predict_many(X + 1000))


@pytest.mark.parametrize(("rate", "enough"), [(0.05, 19), (0.2, 4), (0.5, 1)])
def test_the_threshold_waits_until_it_can_promise(rate, enough):
    rejection = Rejection(rate)
    for i in range(enough - 1):
        rejection.add(float(i))
        assert rejection.threshold == np.inf
    rejection.add(1e9)
    assert rejection.threshold == 1e9  # the largest so far: at most a share ``rate`` lies above


def test_the_threshold_is_the_conformal_quantile():
    rejection, values = Rejection(0.1), np.random.default_rng(0).permutation(99)
    for value in values:
        rejection.add(float(value))
    assert rejection.threshold == 89.0  # the 90th of 99


def test_the_window_slides_and_thins_out():
    rejection = Rejection(0.05)
    for _ in range(WINDOW):
        assert rejection.wants()
        rejection.add(1.0)
    assert sum(rejection.wants() for _ in range(10 * EVERY)) == 10
    for _ in range(WINDOW):
        rejection.add(7.0)
    assert rejection.threshold == 7.0


def test_new_classes_do_not_widen_what_counts_as_known():
    """A class's first sample is no known sample: only from its second on is its novelty noted."""
    X, y = blobs(300)
    learner = Learner()
    learner.learn_many(X, y)
    before = learner.threshold
    for i in range(40):
        learner.learn_one(np.full(4, 1000.0 * (i + 1)), 100 + i)
        assert learner.threshold == before


def test_a_resumed_threshold_is_the_same():
    X, y = blobs(700)
    learner, resumed = Learner(), Learner()
    learner.learn_many(X[:600], y[:600])
    resumed.restore(learner.snapshot())
    assert resumed.threshold == learner.threshold < np.inf
    for one in (learner, resumed):
        one.learn_many(X[600:], y[600:])
    assert resumed.threshold == learner.threshold
