"""Every call from any thread: predicting, learning, saving and merging at once lose nothing and hang nowhere."""

import threading

import numpy as np
import pytest

from edgelearn import Learner, Store
from tests.learner.fakes import blobs, learned, same
from tests.learner.layered import plastic, unsupervised

WAIT_S = 60
X, Y = blobs(400)


def at_once(*jobs):
    """Run jobs in threads, started together; raise what any of them raised."""
    gate, errors = threading.Barrier(len(jobs)), []

    def run(job):
        gate.wait()
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


@pytest.mark.parametrize("name", ["ncm", "slda"])
def test_predict_learn_and_save_at_once(name, tmp_path):
    learner = Learner(readout=name, store=Store(tmp_path / "s", keep=100), save_every=20)
    learner.learn_many(X[:10], Y[:10])
    decisions = []

    def predict():
        decisions.extend(learner.predict_one(x) for x in X)

    def learn(part):
        for x, label in zip(X[part], Y[part], strict=True):
            learner.learn_one(x, label)

    at_once(
        predict,
        lambda: learn(slice(10, 200)),
        lambda: learn(slice(200, 400)),
        lambda: [learner.save() for _ in range(5)],
    )
    learner.close()
    assert learner.readout.n_seen == 400
    assert len({d.ticket for d in decisions}) == 400
    assert all(d.best is not None for d in decisions)
    with Store(tmp_path / "s") as store:
        for version in store.versions():  # no version caught a sample half learned
            snapshot = store.load(version.version)
            assert (
                snapshot.arrays["readout/counts"].sum()
                == version.meta["n_seen"]
                == sum(version.meta["counts"])
            )
        assert store.versions()[-1].meta["n_seen"] == 400


def test_feedback_from_many_threads_teaches_each_ticket_once():
    learner = Learner(readout="ncm")
    tickets = [learner.predict_one(x).ticket for x in X]
    refused = []

    def teach():
        for ticket, label in zip(tickets, Y, strict=True):
            try:
                learner.feedback(ticket, label=label)
            except LookupError:
                refused.append(ticket)

    at_once(teach, teach, teach)
    assert learner.readout.n_seen == 400
    assert len(refused) == 800


def test_two_learners_merge_into_each_other_without_waiting_for_ever():
    one, two = Learner(readout="ncm"), Learner(readout="ncm")
    for learner in (one, two):
        learner.learn_many(X[:10], Y[:10])
    at_once(
        lambda: [one.merge(two) for _ in range(20)],
        lambda: [two.merge(one) for _ in range(20)],
    )
    assert np.isfinite(one.readout.scores_many(X)).all()


def test_a_rollback_stays_the_newest_while_saves_go_on(tmp_path):
    learner = Learner(readout="ncm", store=Store(tmp_path / "s", keep=500), save_every_s=None)
    learner.learn_many(X[:10], Y[:10])
    first = learner.save().version
    for _ in range(10):
        learner.learn_one(X[10], Y[10])
        at_once(learner.save, lambda: learner.rollback(first))
        with_store = learner._saver.store.load()
        twin = Learner(readout="ncm")
        twin.restore(with_store)
        assert same(learned(twin), learned(learner))
        assert learner.readout.n_seen == 10
    learner.close()


@pytest.mark.filterwarnings("ignore::edgelearn.HealthWarning")
def test_layers_adapt_learn_and_save_at_once(tmp_path):
    learner = plastic(
        layers=[unsupervised()], readout="ncm", store=Store(tmp_path / "s", keep=100), save_every=20
    )
    learner.learn_many(X[:10], Y[:10])
    at_once(
        lambda: [learner.predict_one(x) for x in X],
        lambda: learner.adapt_many(X[:200]),
        lambda: [learner.learn_one(x, y) for x, y in zip(X[10:200], Y[10:200], strict=True)],
        lambda: [learner.save() for _ in range(5)],
    )
    learner.close()
    assert learner.layers[0].n_learned == 200
    with Store(tmp_path / "s") as store:
        for version in store.versions():  # no version caught a pass half done
            snapshot = store.load(version.version)
            assert snapshot.arrays["layer0/n_learned"] == snapshot.arrays["layers/updates"]
            assert snapshot.arrays["anchors/offered"] >= version.meta["n_seen"]
