"""What layers in a learner refuse, each before anything changes."""

import gc
import tracemalloc

import numpy as np
import pytest

from edgelearn import Layer, Learner, readouts
from edgelearn.errors import BudgetError, ConfigError, InputError, LayerError, UnsupportedError
from edgelearn.neurons import relu
from edgelearn.rules import hebb
from tests.learner.fakes import blobs, learned, same
from tests.learner.layered import plastic, taught, unsupervised

pytestmark = pytest.mark.filterwarnings("ignore::edgelearn.HealthWarning")

X, Y = blobs(300)


def test_more_classes_than_a_layer_can_be_taught():
    learner = plastic(layers=[taught(n_post=3)])
    learner.learn_many(X[:20], Y[:20])
    ticket, before = learner.predict_one(X[0]).ticket, learned(learner)
    for attempt in (
        lambda: learner.learn_one(X[0], 9),
        lambda: learner.learn_many(X[:2], [0, 9]),
        lambda: learner.feedback(ticket, label=9),
    ):
        with pytest.raises(BudgetError, match=r"layer 0 is taught at most 3 classes.*nothing was changed"):
            attempt()
        assert same(before, learned(learner))


def test_more_classes_than_anchors():
    learner = plastic(layers=[unsupervised()], anchors=2 * 29)
    learner.learn_many(X[:2], [0, 1])
    before = learned(learner)
    with pytest.raises(
        BudgetError, match=r"holds 2 samples of 4 features, less than one of each of 3 classes"
    ):
        learner.learn_one(X[2], 2)
    assert same(before, learned(learner))
    with pytest.raises(ConfigError, match="give at least 29"):
        plastic(layers=[unsupervised()], anchors=28).predict_one(X[0])


@pytest.mark.parametrize("what", ["layers", "anchors"])
def test_layers_and_anchors_count_in_the_budget(what):
    n_post, options = (40, {}) if what == "layers" else (2, {"anchors": "20KB"})
    learner = Learner(layers=[unsupervised(n_post)], **options, ticket_bytes=500)
    learner.adapt_one(X[0])
    learner.learn_one(X[0], 0) if what == "anchors" else None
    enough = learner.memory_bytes + 5000 + readouts.make("slda").bytes_with(1, n_post)
    assert learner.memory_bytes > (20_000 if what == "anchors" else 40 * 4 * 4)
    for attempt in (
        lambda x: x.adapt_one(X[0]),
        lambda x: x.learn_one(X[0], 0),
        lambda x: x.predict_one(X[0]),
    ):
        small, large = (
            Learner(layers=[unsupervised(n_post)], **options, ticket_bytes=500, budget=budget)
            for budget in (learner.memory_bytes - 1000, enough)
        )
        with pytest.raises(BudgetError):
            attempt(small)
        assert small.layers[0].n_pre is None
        attempt(large)


def test_the_budget_holds_while_the_readout_is_built_anew():
    def make(**options):
        return Learner(
            layers=[unsupervised(200)], anchors="8KB", reanchor_every=16, ticket_bytes=500, **options
        )

    def life(learner):
        learner.learn_many(X[:200], Y[:200])
        learner.adapt_many(X[:48])
        return learner

    twice = life(make())._model  # warm
    built = twice.readout.memory_bytes + twice.probes.memory_bytes
    budget = twice.memory_bytes + built + 500
    with pytest.raises(BudgetError):
        life(make(budget=budget - 1))
    gc.collect()
    tracemalloc.start()
    try:
        life(make(budget=budget))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert budget - built / 2 < peak < budget * 1.2  # some is Python's own


def test_a_layer_belongs_to_one_learner_at_a_time(tmp_path):
    layer = unsupervised()
    with pytest.raises(ConfigError, match="reject_rate"):
        Learner(layers=[layer], reject_rate=2.0)
    with Learner(layers=[layer], store=tmp_path / "s") as first:
        first.adapt_many(X[:5])
        for given in (layer, first.layers[0]):
            with pytest.raises(ConfigError, match="layer 0 belongs to another learner; make one for each"):
                Learner(layers=[given])
        copies = Learner(layers=[unsupervised()])
        copies.restore(first.snapshot())
        with pytest.raises(ConfigError, match="layer 0 belongs to another learner"):
            Learner(layers=copies.layers)
    del first
    again = Learner(layers=[layer])
    assert again.layers[0].n_learned == 5
    again.restore(again.snapshot())
    Learner(layers=[layer])  # copies stand in its place by now


def test_a_label_whose_pass_fails_keeps_no_slot(monkeypatch):
    learner = Learner(readout="softmax", layers=[taught()])
    learner.learn_one(X[0], "a")
    before = learned(learner)

    def fail(*_):
        raise LayerError("too large")

    with monkeypatch.context() as broken:
        broken.setattr(learner.layers[0], "learn_one", fail)
        with pytest.raises(LayerError):
            learner.learn_one(X[1], "b")
    assert same(before, learned(learner))


def test_layers_that_do_not_fit_are_told_when_they_are_given():
    used, twice = unsupervised(), unsupervised()
    used.learn_one(X[0])
    for layers, sentence in (
        ([unsupervised(), used], "layer 1 has 4 inputs, and layer 0 gives 6"),
        ([twice, twice], "layer 1 is layer 0 once more"),
        (["softhebb"], "layer 0 is a str"),
        (unsupervised(), r"list of Layers, not a Layer; give layers=\["),
        ([Layer(3, "hebb", "relu", "goodness")], "layer 0 has signal goodness, which is taught 'real'"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            Learner(layers=layers)


def test_nothing_to_adapt():
    for learner in (Learner(), Learner(readout="softmax", layers=[taught()])):
        with pytest.raises(UnsupportedError, match="no layer learns without a teacher"):
            learner.adapt_one(X[0])


def test_a_bad_sample_adapts_nothing():
    learner = plastic()
    learner.adapt_many(X[:10])
    before = learned(learner)
    for attempt in (
        lambda: learner.adapt_one([np.nan, 0, 0, 0]),
        lambda: learner.adapt_many([X[0], X[0] * np.inf]),
    ):
        with pytest.raises(InputError):
            attempt()
        assert same(before, learned(learner))
    assert learner.refused == 2


def test_what_would_no_longer_be_finite_is_refused():
    layer = Layer(3, hebb.rule(eta=1e30), relu.neuron(), spread=3.0)
    learner = Learner(layers=[layer])
    with pytest.raises(InputError, match="lower eta"):
        learner.adapt_many(X)
    assert np.isfinite(layer.w).all()


def test_learners_merge_only_on_equal_layers():
    one, two, other = (Learner(readout="ncm", layers=[unsupervised()]) for _ in range(3))
    for learner in (one, two, other):
        learner.learn_many(X[:20], Y[:20])
    one.merge(two)
    assert one.readout.n_seen == 40
    moved = Learner(readout="ncm", layers=[unsupervised()])
    moved.adapt_many(X)
    moved.learn_many(X[:20], Y[:20])
    anchored = plastic(readout="ncm", layers=[unsupervised()])
    for learner, stranger, sentence in (
        (one, moved, "equal layers"),
        (one, Learner(readout="ncm"), "equal layers"),
        (anchored, one, "with anchors do not merge"),
        (one, anchored, "with anchors do not merge"),
    ):
        with pytest.raises(InputError, match=sentence):
            learner.merge(stranger)
