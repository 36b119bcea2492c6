"""Layers in a learner: who teaches them, what they may not do, and that all of it is kept."""

import warnings

import numpy as np
import pytest

from edgelearn import HealthWarning, Layer, Learner, Store, readouts
from edgelearn.errors import ConfigError, InputError, LayerError, StoreError, UnsupportedError
from edgelearn.neurons import relu
from edgelearn.rules import hebb
from tests.learner.fakes import FakeExtractor, blobs, learned, same
from tests.learner.layered import plastic, rewarded, taught, unsupervised

pytestmark = pytest.mark.filterwarnings("ignore::edgelearn.HealthWarning")

X, Y = blobs(300)
TEACHERS = ["adapt", "label", "reward"]


def let_learn(learner, x, y, how):
    match how:
        case "adapt":
            learner.adapt_one(x)
        case "label":
            learner.learn_one(x, y)
        case "reward":
            learner.feedback(learner.predict_one(x).ticket, reward=0.5)


def weights(learner):
    return [np.array(layer.w) for layer in learner.layers]


def test_predicting_through_layers_changes_nothing():
    learner = plastic()
    learner.adapt_many(X[:50])
    learner.learn_many(X[:100], Y[:100])
    before = learned(learner)
    first, second = (learner.predict_many(X, tickets=False) for _ in range(2))
    assert first == second
    assert same(before, learned(learner))


def test_many_is_the_loop_bit_for_bit():
    loop, many = plastic(), plastic()
    for x in X[:100]:
        loop.adapt_one(x)
    for x, y in zip(X, Y, strict=True):
        loop.learn_one(x, y)
    many.adapt_many(X[:100])
    many.learn_many(X, Y)
    assert same(learned(loop), learned(many))


def test_feedback_with_a_label_is_learn_one():
    late, now = plastic(), plastic()
    tickets = [late.predict_one(x).ticket for x in X[:60]]
    for ticket, x, y in zip(tickets, X, Y, strict=False):
        late.feedback(ticket, label=y)
        now.learn_one(x, y)
    assert same(learned(late), learned(now))


def test_a_ticket_adapts_as_its_sample_does_and_stays_open():
    one, other = plastic(), plastic()
    ticket = one.predict_one(X[0]).ticket
    one.adapt_ticket(ticket)
    other.adapt_one(X[0])
    assert same(learned(one), learned(other))
    one.feedback(ticket, label=0)


def test_each_layer_learns_on_what_the_one_below_did_in_the_same_pass():
    learner = Learner(layers=[unsupervised(6), unsupervised(4, seed=1)])
    below, above = unsupervised(6), unsupervised(4, seed=1)
    for x in X[:20]:
        learner.adapt_one(x)
        above.learn_one(below.learn_one(x))
    assert all(
        np.array_equal(mine.w, by_hand.w)
        for mine, by_hand in zip(learner.layers, (below, above), strict=True)
    )


def test_only_the_layers_of_a_teacher_learn_from_it():
    learner = Learner(readout="softmax", layers=[unsupervised(), taught(), rewarded()])
    learner.learn_one(X[0], 0)
    for how, moved in (("adapt", 0), ("label", 1), ("reward", 2)):
        before = weights(learner)
        let_learn(learner, X[1], 1, how)
        assert [not np.array_equal(a, b) for a, b in zip(before, weights(learner), strict=True)] == [
            i == moved for i in range(3)
        ]


def test_labels_teach_by_the_number_they_first_had():
    """Forgetting a class moves the readout's classes up; what the layer knows of a label stays with the label."""
    learner, by_hand = Learner(readout="softmax", layers=[taught()]), taught()
    one_hot = np.eye(5, dtype=np.float32)
    for label, number in (("a", 0), ("b", 1), ("c", 2)):
        learner.learn_one(X[number], label)
        by_hand.learn_one(X[number], one_hot[number])
    learner.forget("a")
    learner.learn_one(X[3], "c")
    by_hand.learn_one(X[3], one_hot[2])
    assert np.array_equal(learner.layers[0].w, by_hand.w)


def test_the_readout_sees_what_the_layers_give_and_samples_stay_as_wide_as_they_were():
    learner = Learner(FakeExtractor(), "ncm", layers=[unsupervised(9)])
    learner.learn_many(X[:30, :3], Y[:30])
    assert learner.readout.n_features == 9
    assert learner.features(X[0, :3]).shape == (6,)
    plain = Learner(layers=[unsupervised()])
    plain.learn_one(X[0], 0)
    with pytest.raises(InputError, match="expected 4 features"):
        plain.learn_one(X[0, :3], 0)


# -- one honest policy ------------------------------------------------------------------------------------


def test_layers_learn_before_the_readout_and_not_after():
    learner = Learner(layers=[unsupervised(), rewarded()])
    ticket = learner.predict_one(X[0]).ticket
    learner.adapt_many(X[:20])
    learner.learn_one(X[0], 0)
    before = learned(learner)
    for attempt in (
        lambda: learner.adapt_one(X[1]),
        lambda: learner.adapt_many(X[:3]),
        lambda: learner.adapt_ticket(ticket),
        lambda: learner.feedback(ticket, reward=1.0),
    ):
        with pytest.raises(
            LayerError, match=r"slda has learned 1 samples.*features that no longer exist.*anchors="
        ):
            attempt()
        assert same(before, learned(learner))
    learner.feedback(ticket, label=1)  # it is still open


@pytest.mark.parametrize("name", [n for n in readouts.names() if not readouts.make(n).keeps_statistics])
def test_a_readout_without_statistics_follows_its_layers(name):
    learner = Learner(readout=name, layers=[unsupervised()])
    for x, y in zip(X[:50], Y[:50], strict=True):
        learner.learn_one(x, y)
        learner.adapt_one(x)
    assert learner.layers[0].n_learned == 50


def test_labels_for_layers_and_statistics_need_anchors():
    with pytest.raises(ConfigError, match=r"layers taught by labels.*slda.*anchors="):
        Learner(layers=[taught()])


@pytest.mark.parametrize("name", [n for n in readouts.names() if readouts.make(n).keeps_statistics])
def test_the_readout_is_built_anew_from_the_anchors_through_the_layers_as_they_are(name):
    readout = readouts.make(name, **({"hidden": 8} if name == "rp_ridge" else {}))
    learner = Learner(readout=readout, layers=[unsupervised()], anchors="64KB", reanchor_every=16)
    learner.learn_many(X, Y)
    learner.adapt_many(X[:16])
    fresh, by_hand = type(readout)(**readout.config()), learner.layers[0]
    first = [Y.index(label) for label in learner.classes_]
    for i in (*first, *(i for i in range(len(X)) if i not in first)):
        fresh.learn_one(by_hand.transform(X[i]), Y[i])
    assert all(np.array_equal(a, learner.readout.state()[key]) for key, a in fresh.state().items())
    assert learner.threshold == np.inf  # what is strange cannot be told while features move


def test_anchors_must_be_worth_something():
    for options, sentence in (
        ({"anchors": "1KB"}, "give layers"),
        ({"anchors": "1KB", "layers": [unsupervised()], "readout": "softmax"}, "keeps no statistics"),
        ({"anchors": "1KB", "layers": [unsupervised()], "reanchor_every": 0}, "reanchor_every"),
        ({"anchors": "a lot", "layers": [unsupervised()]}, "a size is written like"),
        ({"anchors": "1KB", "layers": [unsupervised()], "readout": _experienced()}, "learned before"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            Learner(**options)


def _experienced():
    readout = readouts.make("ncm")
    readout.learn_one(X[0], 0)
    return readout


def test_one_sample_is_not_taken_back_from_anchors():
    learner = plastic()
    learner.learn_many(X[:40], Y[:40])
    before = learned(learner)
    with pytest.raises(UnsupportedError, match=r"built anew from anchors.*forget\(label\)"):
        learner.unlearn(X[39], Y[39])
    assert same(before, learned(learner))


@pytest.mark.parametrize("name", ["slda", "ncm", "ridge"])
def test_layers_learn_again_once_all_classes_were_forgotten(name):
    learner = Learner(readout=name, layers=[unsupervised()])
    learner.learn_many(X[:40], Y[:40])
    for label in learner.classes_:
        learner.forget(label)
    learner.adapt_many(X[:40])
    learner.learn_many(X[:40], Y[:40])
    fresh = readouts.make(name)  # nothing that was kept of older features is left
    for x, y in zip(X[:40], Y[:40], strict=True):
        fresh.learn_one(learner.layers[0].transform(x), y)
    assert all(np.array_equal(a, learner.readout.state()[key]) for key, a in fresh.state().items())


# -- health -----------------------------------------------------------------------------------------------


def test_a_layer_that_goes_bad_warns_once_a_trouble():
    layer = Layer(8, hebb.rule(eta=0.01), relu.neuron(), start="uniform")
    learner = Learner(layers=[layer])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        learner.adapt_many(-np.abs(X))  # no unit is ever active
    assert [(w.category, w.filename) for w in told] == [(HealthWarning, __file__)]
    assert "layer 0: 100% of the units are silent" in str(told[0].message)
    assert issubclass(HealthWarning, RuntimeWarning)


# -- kept -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", TEACHERS)
def test_stopped_and_resumed_is_never_stopped(how, tmp_path):
    def make(**options):
        layers = [unsupervised(), taught() if how == "label" else rewarded()]
        if how == "reward":
            return Learner(layers=layers, readout=readouts.make("reward_head", classes=[0, 1, 2]), **options)
        return plastic(layers=layers, readout="slda", **options)

    whole, store = make(), tmp_path / "s"
    if how != "reward":
        whole.learn_many(X[:40], Y[:40])
        with make(store=store) as first:
            first.learn_many(X[:40], Y[:40])
    for part in range(4):
        with make(store=store) as resumed:
            for i in range(40 + 37 * part, 77 + 37 * part):
                for learner in (whole, resumed):
                    let_learn(learner, X[i], Y[i], how)
            assert same(learned(whole), learned(resumed))
            assert whole.predict_many(X, tickets=False) == resumed.predict_many(X, tickets=False)


def test_rollback_brings_the_layers_back(tmp_path):
    with plastic(store=Store(tmp_path / "s")) as learner:
        learner.learn_many(X[:50], Y[:50])
        version, before = learner.save().version, learned(learner)
        learner.adapt_many(X[50:200])
        learner.learn_many(X[200:], Y[200:])
        learner.rollback(version)
        assert same(before, learned(learner))


def test_a_store_from_before_there_were_layers_opens():
    plain = Learner()
    plain.learn_many(X, Y)
    ticket = plain.predict_one(X[0]).ticket
    snapshot = plain.snapshot()
    arrays = {name: a for name, a in snapshot.arrays.items() if name != "tickets/action"}
    resumed = Learner()
    resumed.restore(type(snapshot)(arrays, snapshot.meta | {"schema": 1}))
    resumed.feedback(ticket, label=1)
    assert resumed.readout.n_seen == 301


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ({"layers": [unsupervised(5)]}, {"layers": [unsupervised(6)]}),
        ({"layers": [unsupervised(eta=0.01)]}, {"layers": [unsupervised(eta=0.02)]}),
        ({"layers": [unsupervised()]}, {}),
        ({}, {"layers": [unsupervised()]}),
        ({"layers": [unsupervised(), taught()], "anchors": "1KB"}, {"layers": [unsupervised()]}),
    ],
)
def test_a_snapshot_through_other_layers_is_refused(theirs, mine):
    other, learner = Learner(**theirs), Learner(**mine)
    other.learn_many(X[:20], Y[:20])
    before = learned(learner)
    with pytest.raises(StoreError, match=r"was learned through (no )?layers.*this learner has (no )?layers"):
        learner.restore(other.snapshot())
    assert same(before, learned(learner))


def test_a_damaged_layer_and_missing_anchors_are_refused_unchanged():
    learner, bare = plastic(), Learner(layers=[unsupervised()])
    learner.learn_many(X[:40], Y[:40])
    bare.learn_many(X[:40], Y[:40])
    snapshot, before = learner.snapshot(), learned(learner)
    cut = {name: a[:1] if name == "layer1/w" else a for name, a in snapshot.arrays.items()}
    with pytest.raises(StoreError, match="does not fit"):
        learner.restore(type(snapshot)(cut, snapshot.meta))
    assert same(before, learned(learner))
    with pytest.raises(StoreError, match="keeps no anchors"):
        plastic(layers=[unsupervised()]).restore(bare.snapshot())
