"""Snapshots, versions, background saves: what was learned survives, or the reason is told and nothing changes."""

import threading
import warnings

import numpy as np
import pytest

from edgelearn import Learner, Snapshot, Store, readouts, saving
from edgelearn.errors import ConfigError, StoreError
from tests.learner.fakes import FakeExtractor, blobs, learned, same

WAIT_S = 20  # far more than any save takes; reached only when a test fails
X, Y = blobs(900)


def make(name, **options):
    readout = readouts.make(name, **({"hidden": 8} if name == "rp_ridge" else {}))
    return Learner(readout=readout, **options)


class Heard:
    """Hears of background saves, and waits for them."""

    def __init__(self):
        self.outcomes = []
        self._came = threading.Condition()

    def __call__(self, outcome):
        with self._came:
            self.outcomes.append(outcome)
            self._came.notify_all()

    def wait(self, n):
        self.until(lambda: len(self.outcomes) >= n)

    def until(self, holds):
        with self._came:
            assert self._came.wait_for(holds, WAIT_S), self.outcomes


@pytest.mark.parametrize("name", readouts.names())
def test_a_restored_learner_goes_on_as_if_nothing_had_happened(name, tmp_path):
    first = make(name)
    first.learn_many(X[:600], Y[:600])
    ticket = first.predict_one(X[0]).ticket
    through_memory, through_disk = make(name), make(name, store=tmp_path / "s")
    through_memory.restore(first.snapshot())
    through_disk.restore(first.snapshot())
    through_disk.close()
    with make(name, store=tmp_path / "s") as resumed:
        for learner in (through_memory, resumed):
            assert same(learned(first), learned(learner))
        for learner in (first, through_memory, resumed):
            learner.feedback(ticket, label=2)
            learner.learn_many(X[600:], Y[600:])
            assert same(learned(first), learned(learner))
            assert learner.predict_many(X[:20], tickets=False) == first.predict_many(X[:20], tickets=False)


def test_a_snapshot_is_a_copy():
    learner = Learner()
    learner.learn_many(X[:50], Y[:50])
    ticket = learner.predict_one(X[0]).ticket
    snapshot = learner.snapshot()
    before = {name: np.array(a) for name, a in snapshot.arrays.items()}
    meta = repr(snapshot.meta)
    learner.learn_many(X[50:], Y[50:])
    learner.feedback(ticket, label=0)
    learner.predict_many(X[:30])
    learner.forget(1)
    assert all(np.array_equal(a, snapshot.arrays[name]) for name, a in before.items())
    assert repr(snapshot.meta) == meta


def test_a_restored_learner_shares_nothing_with_the_snapshot():
    learner, other = Learner(), Learner()
    learner.learn_many(X[:50], Y[:50])
    learner.predict_one(X[0])
    snapshot = learner.snapshot()
    before = {name: np.array(a) for name, a in snapshot.arrays.items()}
    other.restore(snapshot)
    other.learn_many(X, Y)
    other.predict_many(X[:30])
    assert all(np.array_equal(a, snapshot.arrays[name]) for name, a in before.items())


def test_an_empty_learner_is_worth_a_snapshot():
    learner, other = Learner(), Learner()
    learner.learn_one(X[0], 1)
    learner.restore(other.snapshot())
    assert learner.classes_ == []
    learner.learn_one(np.ones(9), "other width, other kind of label")


def changed(snapshot, arrays=None, **meta):
    kept = dict(snapshot.arrays if arrays is None else arrays)
    return Snapshot(kept, {k: v for k, v in {**snapshot.meta, **meta}.items() if v is not ...})


STRANGE = {
    "newer schema": (lambda s: changed(s, schema=99), "schema 99.*upgrade"),
    "no schema": (lambda s: changed(s, schema=...), "schema None"),
    "another extractor": (lambda s: changed(s, extractor="0" * 64), "learned on extractor 000000000000…"),
    "plain features": (lambda s: changed(s, extractor=None), r"none \(plain features\)"),
    "another readout": (lambda s: changed(s, readout="ncm"), "readout ncm"),
    "another configuration": (lambda s: changed(s, config={"shrinkage": 9.0}), "9.0"),
    "no configuration": (lambda s: changed(s, config=...), "readout slda"),
    "no labels": (lambda s: changed(s, labels=...), "does not fit"),
    "other labels": (lambda s: changed(s, labels=["a"]), "does not fit"),
    "an array missing": (
        lambda s: changed(s, arrays={k: a for k, a in s.arrays.items() if k != "readout/means"}),
        "does not fit",
    ),
    "a ticket array missing": (
        lambda s: changed(s, arrays={k: a for k, a in s.arrays.items() if k != "tickets/next"}),
        "does not fit",
    ),
}


@pytest.mark.parametrize("strange", STRANGE)
def test_what_belongs_to_another_model_is_refused_with_the_reason(strange):
    change, reason = STRANGE[strange]
    learner, giver = Learner(FakeExtractor()), Learner(FakeExtractor())
    learner.learn_one(X[0][:3], "mine")
    giver.learn_many(X[:20, :3], Y[:20])
    giver.predict_one(X[0][:3])
    ticket = learner.predict_one(X[0][:3]).ticket
    before = learned(learner)
    with pytest.raises(StoreError, match=reason):
        learner.restore(change(giver.snapshot()))
    assert same(before, learned(learner))
    learner.feedback(ticket, label="mine")


def test_a_store_of_another_model_is_refused_and_left_open_to_its_own(tmp_path):
    with Learner(readout="ncm", store=tmp_path / "s") as learner:
        learner.learn_many(X[:9], Y[:9])
    with pytest.raises(StoreError, match="readout ncm"):
        Learner(readout="slda", store=tmp_path / "s")
    with pytest.raises(ConfigError, match="save_every"):
        Learner(readout="ncm", store=tmp_path / "s", save_every=0)
    with Learner(readout="ncm", store=tmp_path / "s") as learner:
        assert learner.readout.n_seen == 9


def test_a_store_given_stays_the_givers_when_refused(tmp_path):
    with Store(tmp_path / "s") as store:
        Learner(readout="ncm", store=store, save_every_s=None).save()
        with pytest.raises(StoreError, match="readout ncm"):
            Learner(readout="slda", store=store)
        assert store.newest == 1


def test_rollback_goes_back_here_and_in_the_store(tmp_path):
    with Learner(store=tmp_path / "s", save_every_s=None) as learner:
        learner.learn_many(X[:10], Y[:10])
        first = learner.save().version
        at_first = learned(learner)
        learner.learn_many(X[10:20], Y[10:20])
        learner.save()
        learner.learn_one(X[20], 0)
        newest = learner.rollback(first)
        assert newest == 3
        assert same(at_first, learned(learner))
        with pytest.raises(StoreError, match="no version 77"):
            learner.rollback(77)
        assert same(at_first, learned(learner))
    with Store(tmp_path / "s") as store:
        assert [v.version for v in store.versions()] == [1, 2, 3]  # closing had nothing to add
    with Learner(store=tmp_path / "s") as learner:
        assert same(at_first, learned(learner))


def test_closing_saves_what_is_not_saved_yet_and_no_more(tmp_path):
    with Learner(store=tmp_path / "s", save_every_s=None) as learner:
        learner.learn_one(X[0], 1)
    learner.close()  # twice is harmless
    with Learner(store=tmp_path / "s", save_every_s=None) as learner:
        assert learner.classes_ == [1]
    with Learner(store=tmp_path / "s", save_every_s=None) as learner:
        learner.restore(Learner().snapshot())
    with Store(tmp_path / "s") as store:
        assert [v.meta["labels"] for v in store.versions()] == [[1], []]


def test_a_reader_predicts_and_closes(tmp_path):
    with Learner(store=tmp_path / "s") as learner:
        learner.learn_one(X[0], 1)
    with Learner(store=Store(tmp_path / "s", read_only=True), save_every_s=0.001) as reader:
        assert reader.predict_one(X[0]).best == 1
        with pytest.raises(StoreError, match="read_only"):
            reader.save()


def test_saves_every_so_many_samples(tmp_path):
    heard = Heard()
    with Learner(store=tmp_path / "s", save_every=5, save_every_s=None, on_save=heard) as learner:
        learner.learn_many(X[:4], Y[:4])
        assert heard.outcomes == []
        learner.learn_one(X[4], Y[4])
        heard.wait(1)
        learner.learn_many(X[5:10], Y[5:10])
        heard.wait(2)
        at_ten = learned(learner)
    with Store(tmp_path / "s") as store:
        assert [v.meta["n_seen"] for v in store.versions()] == [5, 10]
        resumed = Learner()
        resumed.restore(store.load())
        assert same(at_ten, learned(resumed))
    assert heard.outcomes[0].version == 1
    assert heard.outcomes[0].bytes_written >= heard.outcomes[0].payload_bytes > 0


def test_saves_every_so_many_seconds(tmp_path):
    heard = Heard()
    with Learner(store=tmp_path / "s", save_every_s=0.01, on_save=heard) as learner:
        learner.learn_one(X[0], 0)
        heard.wait(1)
        learner.learn_one(X[1], 0)
        heard.wait(2)
        assert [outcome.version for outcome in heard.outcomes[:2]] == [1, 2]


class Full:
    """Makes a store's saves fail until told otherwise."""

    def __init__(self, store, monkeypatch):
        self.tries, self.is_full, self._save = 0, True, store.save
        monkeypatch.setattr(store, "save", self)

    def __call__(self, snapshot):
        self.tries += 1
        if self.is_full:
            raise StoreError("the disk is full; make room")
        return self._save(snapshot)


def test_a_failed_background_save_is_told_and_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "RETRY_S", 0.01)
    heard, store = Heard(), Store(tmp_path / "s")
    disk = Full(store, monkeypatch)
    with Learner(store=store, save_every=2, save_every_s=None, on_save=heard) as learner:
        learner.learn_many(X[:2], Y[:2])
        heard.wait(2)  # tried again with nothing new learned
        assert all(isinstance(outcome, StoreError) for outcome in heard.outcomes[:2])
        assert learner.predict_one(X[0]).best is not None
        disk.is_full = False
        heard.until(lambda: not isinstance(heard.outcomes[-1], StoreError))
    with Learner(store=tmp_path / "s") as resumed:
        assert resumed.readout.n_seen == 2


def test_a_full_disk_is_not_asked_without_pause(tmp_path, monkeypatch):
    monkeypatch.setattr(saving, "RETRY_S", 3600.0)
    heard, store = Heard(), Store(tmp_path / "s")
    disk = Full(store, monkeypatch)
    learner = Learner(store=store, save_every=1, save_every_s=None, on_save=heard)
    learner.learn_one(X[0], 0)
    heard.wait(1)
    learner.learn_many(X[1:50], Y[1:50])
    assert disk.tries == 1
    disk.is_full = False
    assert learner.save().version == 1
    disk.is_full = True
    learner.learn_one(X[50], Y[50])
    with pytest.raises(StoreError, match="full"):
        learner.close()
    with Learner(store=tmp_path / "s") as resumed:  # the store is free, the last version is there,
        assert resumed.readout.n_seen == 50
        resumed.restore(learner.snapshot())  # and what could not be saved is still in memory
    with Learner(store=tmp_path / "s") as resumed:
        assert resumed.readout.n_seen == 51


def test_without_on_save_a_failure_is_a_warning(tmp_path, monkeypatch):
    told = threading.Event()
    monkeypatch.setattr(warnings, "warn", lambda *_, **__: told.set())
    store = Store(tmp_path / "s")
    disk = Full(store, monkeypatch)
    with Learner(store=store, save_every=1) as learner:
        learner.learn_one(X[0], 0)
        assert told.wait(WAIT_S)
        disk.is_full = False


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_on_save_that_raises_does_not_end_the_saves(tmp_path):
    heard = Heard()

    def clumsy(outcome):
        heard(outcome)
        raise RuntimeError("a bug of the caller")

    with Learner(store=tmp_path / "s", save_every=1, on_save=clumsy) as learner:
        learner.learn_one(X[0], 0)
        heard.wait(1)
        learner._saver._thread.join(WAIT_S)
        learner.learn_one(X[1], 0)
        heard.wait(2)
    assert [outcome.version for outcome in heard.outcomes] == [1, 2]


def test_on_save_may_call_the_learner(tmp_path):
    done, box = threading.Event(), []

    def on_save(_):
        box.append(box[0].predict_one(X[0]).best)
        box[0].save()
        done.set()

    with Learner(store=tmp_path / "s", save_every=3, save_every_s=None, on_save=on_save) as learner:
        box.append(learner)
        learner.learn_many(X[:3], [7, 7, 7])
        assert done.wait(WAIT_S)
    assert box[1] == 7
