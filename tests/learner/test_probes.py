"""Probes: how far features moved, and a readout that is built anew before it speaks of features that are gone."""

import numpy as np
import pytest

from edgelearn import Layer, Learner
from edgelearn.neurons import softmax
from edgelearn.probes import KEPT, Probes, spread_over
from edgelearn.rules import softhebb
from tests.learner.fakes import learned, same

STAY = np.eye(2, dtype=np.float32)


def some():
    probes = Probes()
    for x in np.random.default_rng(0).normal(size=(2 * KEPT, 2)).astype(np.float32):
        probes.add(x, x)
    return probes


def test_a_move_counts_beside_the_variance_of_what_was_seen():
    for probes in (Probes(), some()):
        assert not probes.moved(lambda x: x)
    assert not some().moved(lambda x: x * np.float32(1.05))
    assert some().moved(lambda x: x * np.float32(1.2))
    alone = Probes()
    alone.add(STAY[0], STAY[0])
    assert not alone.moved(lambda x: x)
    assert alone.moved(lambda x: x * np.float32(1.0001))


def test_they_are_few_counted_and_kept():
    probes, resumed = some(), Probes()
    resumed.load(probes.state())
    assert len(probes.state()["x"]) == KEPT
    assert probes.memory_bytes == resumed.memory_bytes == probes.bytes_with(2, 2)
    assert all(np.array_equal(a, resumed.state()[name]) for name, a in probes.state().items())
    resumed.load(Probes().state())


def test_they_are_of_as_many_classes_as_there_is_room_for():
    assert spread_over(3) == set(range(KEPT))
    assert spread_over(100) == {0, 14, 28, 42, 56, 70, 84, 99}


def draw(rng, n, centres):
    y = rng.integers(0, len(centres), n)
    return (centres[y] + rng.normal(size=(n, centres.shape[1]))).astype(np.float32), y.tolist()


def fast(**options):
    layer = Layer(20, softhebb.rule(eta=0.3), softmax.neuron())
    return Learner(readout="slda", layers=[layer], anchors="32KB", **options)


@pytest.mark.filterwarnings("ignore::edgelearn.HealthWarning")
def test_accuracy_lasts_while_layers_move_fast_and_not_without_a_look(monkeypatch):
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(5, 10)) * 2
    (X, y), (test, truth) = draw(rng, 300, centres), draw(rng, 300, centres)

    def worst():
        learner, found = fast(), []
        learner.learn_many(X, y)
        for part in np.array_split(draw(np.random.default_rng(1), 250, centres)[0], 5):
            learner.adapt_many(part)
            said = learner.predict_many(test, tickets=False)
            found.append(np.mean([d.best == label for d, label in zip(said, truth, strict=True)]))
        return min(found)

    looked = worst()
    monkeypatch.setattr(Probes, "moved", lambda *_: False)
    assert looked > 0.9
    assert worst() < 0.7


@pytest.mark.filterwarnings("ignore::edgelearn.HealthWarning")
def test_stopped_between_two_looks_it_goes_on_as_if_it_had_not(tmp_path):
    rng = np.random.default_rng(0)
    X, y = draw(rng, 160, rng.normal(size=(5, 10)) * 2)
    whole, built = fast(), 0
    for i in range(0, 160, 20):
        with fast(store=tmp_path / "s") as resumed:
            before = whole.readout
            for learner in (whole, resumed):
                learner.learn_many(X[i : i + 10], y[i : i + 10])
                learner.adapt_many(X[i + 10 : i + 20])
            built += whole.readout is not before
            assert same(learned(whole), learned(resumed))
    assert built > 3
