"""Learner: predicts without changing, learns one or many alike, refuses without a trace."""

import pickle
from pathlib import Path

import numpy as np
import pytest

import edgelearn
from edgelearn import Learner, readouts
from edgelearn.errors import ConfigError, InputError
from tests.learner.fakes import FakeExtractor, blobs, learned, same

READOUTS = readouts.names()


def make(name, **options):
    readout = readouts.make(name, hidden=8) if name == "rp_ridge" else name
    return Learner(readout=readout, **options)


@pytest.mark.parametrize("name", READOUTS)
def test_predicting_changes_nothing_learned(name):
    X, y = blobs(120)
    learner = make(name)
    learner.learn_many(X[:100], y[:100])
    before = learned(learner)
    first = [learner.predict_one(x) for x in X]
    second = learner.predict_many(X)
    assert same(before, learned(learner))
    assert [d[1:4] for d in first] == [d[1:4] for d in second]  # a label may be one that is tried
    assert len({d.ticket for d in first + second}) == 240


@pytest.mark.parametrize("name", READOUTS)
def test_learn_many_is_the_loop_rejection_included(name):
    X, y = blobs(700)  # the window of novelties fills at 512
    loop, many, fit = make(name), make(name), make(name)
    for x, label in zip(X, y, strict=True):
        loop.learn_one(x, label)
    many.learn_many(X[:10], y[:10])
    many.learn_many(X[10:], np.array(y[10:]))
    assert fit.partial_fit(X, y) is fit
    assert same(learned(loop), learned(many))
    assert same(learned(loop), learned(fit))
    assert loop.threshold == many.threshold < np.inf


@pytest.mark.parametrize("name", READOUTS)
def test_decisions_say_what_the_readout_says(name):
    X, y = blobs(200)
    learner = make(name, reject_rate=None)
    learner.learn_many(X[:150], y[:150])
    for x, decision in zip(X[150:], learner.predict_many(X[150:], tickets=False), strict=True):
        p = sorted(decision.probabilities.values())
        assert decision.best == decision.label == learner.readout.predict_one(x)
        assert list(decision.probabilities) == learner.classes_
        assert sum(p) == pytest.approx(1)
        assert decision.margin == pytest.approx(p[-1] - p[-2])
        assert decision.probabilities[decision.best] == p[-1]
    right = [d.best == label for d, label in zip(learner.predict_many(X[150:]), y[150:], strict=True)]
    assert np.mean(right) > 0.9


def test_before_and_with_the_first_class():
    learner = Learner()
    assert learner.predict_one(np.zeros(4))[:4] == (None, None, {}, 0.0)
    learner.learn_one(np.zeros(4), "a")
    decision = learner.predict_one(np.ones(4))
    assert (decision.label, decision.probabilities, decision.margin) == ("a", {"a": 1.0}, 1.0)


def test_the_extractor_stands_between_sample_and_readout():
    X, y = blobs(40, n_features=3)
    extractor = FakeExtractor()
    behind, plain = Learner(extractor, "ncm"), Learner(None, "ncm")
    behind.learn_many(X, y)
    for x, label in zip(X, y, strict=True):
        plain.learn_one(extractor(x), label)
    assert np.array_equal(behind.features(X[0]), extractor(X[0]))
    assert all(np.array_equal(a, plain.readout.state()[name]) for name, a in behind.readout.state().items())
    assert [d[:4] for d in behind.predict_many(X)] == [behind.predict_one(x)[:4] for x in X]
    behind.unlearn(X[0], y[0])
    plain.unlearn(extractor(X[0]), y[0])
    assert behind.readout.counts == plain.readout.counts


def test_a_real_network_learns_a_digit_it_never_saw():
    assets = Path(edgelearn.__file__).parent / "demo" / "assets"
    digits = np.load(assets / "digits.npz")
    arrays = sorted((digits[key] for key in digits.files), key=np.ndim)
    assert len(arrays) >= 2, digits.files
    y = next(a for a in arrays if a.ndim == 1 and len(a) > 500 and set(np.unique(a)) == set(range(10)))
    X = next(a for a in arrays if a.ndim > 1 and len(a) == len(y))
    learner = Learner(edgelearn.Extractor(assets / "digits04.features.onnx"), "slda")
    learner.learn_many(X[:600], y[:600])
    right = [d.best == label for d, label in zip(learner.predict_many(X[600:800]), y[600:800], strict=True)]
    assert np.mean(right) > 0.8
    assert any(d.best == 9 for d in learner.predict_many(X[600:800]))


@pytest.mark.parametrize(
    "x", [[0, np.nan, 0, 0], [np.inf, 0, 0, 0], [0, 0, 0], [[0, 0, 0, 0]], "abcd", [1e300, 0, 0, 0]]
)
def test_a_bad_sample_is_refused_counted_and_nothing_learned(x):
    X, y = blobs(20)
    learner = Learner()
    learner.learn_many(X, y)
    before = learned(learner)
    attempts = (
        lambda: learner.predict_one(x),
        lambda: learner.learn_one(x, 0),
        lambda: learner.unlearn(x, 0),
        lambda: learner.predict_many([x]),
        lambda: learner.learn_many([x], [0]),
    )
    for count, attempt in enumerate(attempts, start=1):
        with pytest.raises(InputError):
            attempt()
        assert learner.refused == count
    assert same(before, learned(learner))


def test_what_the_extractor_refuses_is_counted_too():
    learner = Learner(FakeExtractor())
    for x in (np.full(3, np.nan), np.zeros(2)):
        with pytest.raises(InputError):
            learner.predict_one(x)
    assert learner.refused == 2


def test_one_bad_row_refuses_the_batch():
    X, y = blobs(20)
    learner = Learner()
    learner.learn_many(X, y)
    before = learned(learner)
    rows = X.copy()
    rows[13, 1] = np.nan
    for bad_X, bad_y in (
        (rows, y),
        (X, y[:-1]),
        (X, [*y[:-1], "x"]),
        (X, [*y[:-1], 1.5]),
        (X, [*y[:-1], True]),
    ):
        with pytest.raises(InputError):
            learner.learn_many(bad_X, bad_y)
        assert same(before, learned(learner))


@pytest.mark.parametrize("first", ["predict", "learn"])
@pytest.mark.parametrize("other", [1, 3, 5])
def test_the_first_sample_says_how_many_features(first, other):
    learner = Learner()
    if first == "predict":
        ticket = learner.predict_one(np.ones(4)).ticket
    else:
        learner.learn_one(np.ones(4), "a")
    for attempt in (
        lambda: learner.predict_one(np.ones(other)),
        lambda: learner.learn_one(np.ones(other), "a"),
        lambda: learner.learn_many(np.ones((2, other)), ["a", "a"]),
    ):
        with pytest.raises(InputError, match=f"expected 4 features a sample, got {other}"):
            attempt()
    if first == "predict":
        learner.feedback(ticket, label="a")
    assert learner.predict_one(np.ones(4)).best == "a"


def test_an_extractor_that_changes_its_width_is_refused():
    class Elastic(FakeExtractor):
        def __call__(self, x):
            return np.asarray(x, np.float32)

    learner = Learner(Elastic())
    learner.predict_one(np.ones(4))
    with pytest.raises(InputError, match="expected 4 features"):
        learner.predict_one(np.ones(1))


def test_nothing_to_learn_and_nothing_to_predict():
    for learner in (Learner(), Learner(FakeExtractor())):
        learner.learn_many([], [])
        assert learner.predict_many([]) == []
        assert learner.classes_ == []
        assert learner.refused == 0


def test_forget_and_unlearn():
    X, y = blobs(60)
    learner = Learner(readout="ncm")
    learner.learn_many(X, y)
    learner.forget(1)
    assert 1 not in learner.classes_
    assert all(d.best != 1 for d in learner.predict_many(X))
    for x, label in zip(X, y, strict=True):
        if label == 0:
            learner.unlearn(x, 0)
    assert learner.classes_ == [2]


def test_merge_learns_what_the_other_learned():
    X, y = blobs(200)
    one, two, whole = (Learner(FakeExtractor(), "ncm") for _ in range(3))
    X = X[:, :3]
    one.learn_many(X[:100], y[:100])
    two.learn_many(X[100:], y[100:])
    whole.learn_many(X, y)
    one.merge(two)
    assert [d.best for d in one.predict_many(X)] == [d.best for d in whole.predict_many(X)]
    assert one.readout.n_seen == 200
    with pytest.raises(InputError, match="same extractor"):
        one.merge(Learner(FakeExtractor("0" * 64), "ncm"))
    with pytest.raises(InputError, match="merge"):
        one.merge(_taught(Learner(FakeExtractor(), "slda"), X))
    unborn = Learner(readout="ncm")
    unborn.predict_one(np.ones(4))
    with pytest.raises(InputError, match="4 features here, 3 there"):
        unborn.merge(_taught(Learner(readout="ncm"), X))


def _taught(learner, X):
    learner.learn_many(X, ["a"] * len(X))
    return learner


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"readout": "lda"}, "no readout is called"),
        ({"budget": "lots"}, "size"),
        ({"budget": 0}, "size"),
        ({"ticket_bytes": -1}, "size"),
        ({"reject_rate": -0.1}, "reject_rate"),
        ({"reject_rate": 1.0}, "reject_rate"),
    ],
)
def test_impossible_options_are_refused(options, reason):
    with pytest.raises(ConfigError, match=reason):
        Learner(**options)


def test_what_needs_a_store_says_so():
    for attempt in (Learner().save, lambda: Learner().rollback(1)):
        with pytest.raises(ConfigError, match="store=path"):
            attempt()
    with Learner() as learner:  # closing nothing is fine
        learner.learn_one(np.ones(2), 1)


def test_scoring_a_test_set_keeps_pending_tickets():
    learner = Learner(None, "ncm", ticket_bytes=2_000)
    X = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    learner.learn_many(X[:20], [i % 2 for i in range(20)])
    pending = learner.predict_one(X[0]).ticket
    decisions = learner.predict_many(X, tickets=False)
    assert {decision.ticket for decision in decisions} == {""}
    learner.feedback(pending, label=1)
    assert learner.readout.n_seen == 21


def test_labels_of_another_kind_are_counted_as_refused():
    learner = Learner(None, "ncm")
    x = np.ones(4, np.float32)
    learner.learn_one(x, "mug")
    ticket = learner.predict_one(x).ticket
    for attempt in (
        lambda: learner.learn_one(x, 3),
        lambda: learner.learn_many(x[None], [None]),
        lambda: learner.learn_many(x[None], ["a", "b"]),
        lambda: learner.feedback(ticket, label=3),
    ):
        with pytest.raises(InputError):
            attempt()
    assert learner.refused == 4


def test_what_a_learner_does_not_do_says_what_to_do():
    learner = Learner(None, "ncm")
    with pytest.raises(TypeError, match="snapshot"):
        pickle.dumps(learner)
    with pytest.raises(InputError, match="another Learner"):
        learner.merge(learner)
    for options in ({"save_every": 0}, {"ticket_ttl_s": -1}):
        with pytest.raises(ConfigError, match=next(iter(options))):
            Learner(None, "ncm", **options)
    assert "ncm: 0 classes" in repr(learner)
