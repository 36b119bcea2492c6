"""Learner: a frozen extractor, layers, a fast memory on top, and all it takes to leave them alone on a device."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from edgelearn import readouts
from edgelearn.bytesize import parse_bytes
from edgelearn.closing import Closing
from edgelearn.errors import ConfigError, InputError, StoreError
from edgelearn.feedback import Ledger
from edgelearn.layer import Layer
from edgelearn.model import Model
from edgelearn.readouts import Readout
from edgelearn.readouts.base import check_reward
from edgelearn.readouts.vectors import as_matrix, as_vector
from edgelearn.saving import OnSave, Saver, check_intervals
from edgelearn.snapshots import copied, fingerprint, part
from edgelearn.store import SaveReport, Store
from edgelearn.types import F32, Array, Decision, Label, Snapshot

if TYPE_CHECKING:
    from edgelearn.extractor import Extractor

_TICKET_BYTES = 1_000_000

P = ParamSpec("P")
R = TypeVar("R")


def _counted(method: "Callable[Concatenate[Learner, P], R]") -> "Callable[Concatenate[Learner, P], R]":
    """Run a method under the lock and count input that it refuses."""

    @wraps(method)
    def counted(self: "Learner", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            try:
                return method(self, *args, **kwargs)
            except InputError:
                self.refused += 1
                raise

    return counted


class Learner(Closing):
    """Predicts with, and learns on top of, a network that stays frozen.

    Parameters: ``extractor`` turns a sample into features (None: samples are features (D,)); ``layers`` learn between
    it and the readout, by local rules; ``readout`` is a name or a `Readout`; ``anchors`` the most bytes (int or
    "256KB") of samples from which the readout is built anew when features moved, at the latest after
    ``reanchor_every`` samples that layers learned (None: layers learn only before a readout that keeps statistics);
    ``seed`` draws what a reward readout tries, and which anchors stay; ``store`` a path or `Store` to resume from and
    save to; ``budget`` the most bytes (int or "2MB") that learning may take; ``reject_rate`` the share of known
    samples that may be taken for strangers (None, 0 or with anchors: never reject); ``ticket_ttl_s`` and
    ``ticket_bytes`` (1 MB, or a quarter of the budget) bound the ledger of tickets; ``save_every`` (samples) and
    ``save_every_s`` bound what a power cut may take; ``on_save`` hears of each background save; ``clock`` in seconds.

    Every call may come from any thread. Raises StoreError when the store belongs to another model.
    """

    def __init__(
        self,
        extractor: "Extractor | None" = None,
        readout: str | Readout = "slda",
        *,
        layers: Sequence[Layer] = (),
        anchors: int | str | None = None,
        reanchor_every: int = 256,
        seed: int = 0,
        store: str | Path | Store | None = None,
        budget: int | str | None = None,
        reject_rate: float | None = 0.05,
        ticket_ttl_s: float = 86_400.0,
        ticket_bytes: int | str | None = None,
        save_every: int | None = None,
        save_every_s: float | None = 300.0,
        on_save: OnSave | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.extractor = extractor
        made = readouts.make(readout) if isinstance(readout, str) else readout
        self._model = Model(made, layers, reject_rate, anchors, reanchor_every, seed)
        self.refused = 0
        self.budget_bytes = None if budget is None else parse_bytes(budget)
        most = _TICKET_BYTES if self.budget_bytes is None else min(_TICKET_BYTES, self.budget_bytes // 4)
        most = most if ticket_bytes is None else parse_bytes(ticket_bytes)
        self._ledger = Ledger(ticket_ttl_s, most, clock)
        self._n_in: int | None = None
        check_intervals(save_every, save_every_s)
        self._lock = threading.RLock()
        self._saver: Saver | None = None
        if store is not None:
            opened = store if isinstance(store, Store) else Store(store)
            try:
                if opened.versions():
                    self._adopt(opened.load())
                self._saver = Saver(opened, self.snapshot, save_every, save_every_s, on_save)
            except BaseException:
                if opened is not store:  # ours: do not hold it against the next who opens it
                    opened.close()
                raise
        self._model.own()  # the last step: a learner that was refused owns nothing

    # -- prediction: changes nothing that was learned -------------------------------------------------

    @_counted
    def features(self, x: Array) -> F32:
        """Return the features (D,) of one sample; raises InputError (which ``refused`` counts)."""
        return self._features(x)

    @_counted
    def predict_one(self, x: Array) -> Decision:
        """Decide on one sample; its ticket goes to `feedback` once the truth is known.

        Raises InputError for a sample that cannot be used.
        """
        return self._decide(self._features(x), ticket=True)

    @_counted
    def predict_many(self, X: Array, *, tickets: bool = True) -> list[Decision]:
        """Return the decisions of a loop over `predict_one`; all samples are checked first.

        Many tickets push older ones out of the ledger; ``tickets=False`` (to score a test set, say) issues none.
        """
        return [self._decide(features, ticket=tickets) for features in self._rows(X)]

    # -- learning -------------------------------------------------------------------------------------

    @_counted
    def learn_one(self, x: Array, y: Label) -> None:
        """Learn one sample; a label never seen makes a class.

        Raises InputError for a sample or label that cannot be used and BudgetError for a class that does not
        fit, both before anything changes.
        """
        features = self._features(x)
        label = self._model.readout.check_label(y)
        self._reserve([label], len(features))
        self._model.learn(features, label)
        self._changed()

    @_counted
    def learn_many(self, X: Array, y: Sequence[Label] | Array) -> None:
        """Learn samples ``X`` (n, …) with labels (n,): bit for bit the loop over `learn_one`.

        Everything is checked first: on InputError or BudgetError nothing was learned.
        """
        rows = self._rows(X)
        labels = self.readout.check_labels(y, len(rows))
        if labels:
            self._reserve(labels, rows.shape[1])
        for features, label in zip(rows, labels, strict=True):
            self._model.learn(features, label)
            self._changed()

    def partial_fit(
        self,
        X: Array,
        y: Sequence[Label] | Array,
        classes: object = None,  # noqa: ARG002 (scikit-learn's signature; classes make themselves here)
    ) -> Self:
        """`learn_many` under the name and signature scikit-learn gives it; returns the learner."""
        self.learn_many(X, y)
        return self

    @_counted
    def adapt_one(self, x: Array) -> None:
        """Let the layers that need no teacher learn from a sample without a label, first to last.

        Each learns on what the one below did in this pass. Raises InputError for a sample that cannot be used,
        UnsupportedError without such layers, and LayerError once the readout has learned statistics that would
        speak of features that no longer exist (give ``anchors``); all before anything changes.
        """
        self._adapt(self._features(x))
        self._changed()

    @_counted
    def adapt_many(self, X: Array) -> None:
        """Adapt to samples ``X`` (n, …): the loop over `adapt_one`; all samples are checked first."""
        for features in self._rows(X):
            self._adapt(features)
            self._changed()

    @_counted
    def adapt_ticket(self, ticket: str) -> None:
        """`adapt_one` to the sample behind a ticket, for which the network need not run again; it stays open."""
        self._adapt(self._ledger.look(ticket))
        self._changed()

    @_counted
    def feedback(self, ticket: str, *, label: Label | None = None, reward: float | None = None) -> None:
        """Learn the truth about an earlier decision, or what it earned, now or hours later; a ticket teaches once.

        A label teaches layers that take labels, then the readout; a reward teaches layers that take rewards, and a
        readout that learns from them what came of the label it gave. Raises TicketError for a ticket that is unknown,
        used, expired or evicted, InputError for a bad label or reward, or for none or both, UnsupportedError for a
        reward from which nothing here learns, and LayerError as `adapt_one`; all before anything changes.
        """
        if (label is None) == (reward is None):
            raise InputError("feedback takes a label or a reward: give one of them")
        features = self._ledger.look(ticket)
        if label is not None:
            known = self.readout.check_label(label)
            self._reserve([known], len(features))
            self._model.learn(features, known)
        else:
            self._model.reinforce(features, self._ledger.action(ticket), check_reward(reward))
        self._ledger.close(ticket)
        self._changed()

    # -- what is known, and taking it back ------------------------------------------------------------

    @property
    def readout(self) -> Readout:
        """The fast memory; another object after `restore`, `rollback`, and each time it is built from anchors."""
        return self._model.readout

    @property
    def layers(self) -> list[Layer]:
        """The layers, first to last; other objects after `restore` and `rollback`."""
        return [] if self._model.stack is None else list(self._model.stack.layers)

    @property
    def classes_(self) -> list[Label]:
        """The labels in the order in which they first appeared."""
        return self.readout.classes_

    @property
    def threshold(self) -> float:
        """Novelty above which a sample is a stranger; infinite until enough was measured."""
        return self._model.rejection.threshold

    @_counted
    def unlearn(self, x: Array, y: Label) -> None:
        """Take one learned sample back (``readout.algebra`` says how exactly); layers keep what they learned.

        Raises InputError for what was never learned, UnsupportedError where it cannot be done, as with anchors.
        """
        self._dropped(self._model.unlearn(self._features(x), y))

    @_counted
    def forget(self, label: Label) -> None:
        """Drop a class (``readout.algebra`` says how exactly); layers keep what they learned."""
        self._dropped(self._model.forget(label))

    def merge(self, other: "Learner") -> None:
        """Add what another learner on an equal extractor learned.

        Raises InputError for another extractor, readout or layers, or anchors, BudgetError when it does not fit.
        """
        if not isinstance(other, Learner) or other is self:
            raise InputError("merge takes another Learner")
        first, second = sorted((self, other), key=id)  # one order for all, so that two merges cannot wait
        with first._lock, second._lock:  # for each other
            if fingerprint(self.extractor) != fingerprint(other.extractor):
                raise InputError("learners merge only on the same extractor (their fingerprints differ)")
            self._model.check_merge(other._model)
            theirs = other._model.n_in
            if other.readout.n_features is not None and theirs is not None:
                if self._width() not in (None, theirs):
                    raise InputError(f"cannot merge: {self._width()} features here, {theirs} there")
                self._reserve(other.classes_, theirs)
            self.readout.merge(other.readout)
            self._changed()

    # -- memory and state -----------------------------------------------------------------------------

    @property
    def memory_bytes(self) -> int:
        """Bytes that learning takes: layers, anchors, probes, readout, tickets, rejection (not the frozen network)."""
        return self._model.memory_bytes + self._ledger.memory_bytes

    def snapshot(self) -> Snapshot:
        """Return a copy of everything learned, open tickets included."""
        with self._lock:
            arrays = copied({**self._model.state(), "tickets": self._ledger.state()})
            return Snapshot(arrays, self._model.words(self.extractor))

    def restore(self, snapshot: Snapshot) -> None:
        """Become what a snapshot says.

        Raises StoreError when it belongs to another model and BudgetError when it does not fit, both unchanged.
        """
        with self._lock:
            self._adopt(snapshot)
            self._changed()

    def _adopt(self, snapshot: Snapshot) -> None:
        self._model.check_kin(snapshot.meta, self.extractor)
        model, ledger, meta = self._model.empty(), self._ledger.empty(), snapshot.meta
        try:
            n_in = meta.get("n_inputs", meta["n_features"])
            if n_in is not None:
                model.check_room(len(meta["labels"]), n_in, ledger.max_bytes, self.budget_bytes)
            model.load(snapshot)
            ledger.load(part(snapshot, "tickets"))
        except (KeyError, ValueError, IndexError) as error:
            raise StoreError(
                f"the snapshot does not fit a {model.readout.name} readout: {error!r}"
            ) from error
        self._model, self._ledger, self._n_in = model, ledger, None

    def save(self) -> SaveReport:
        """Save to the store and return once a power cut cannot take it; raises StoreError."""
        return self._need_saver().save()

    def rollback(self, version: int) -> int:
        """Go back to a saved version, which becomes the newest; what was not saved is dropped."""
        saver = self._need_saver()
        with saver.writing, self._lock:  # no background save may put the state of before on top
            snapshot = saver.store.load(version)
            self._model.check_kin(snapshot.meta, self.extractor)
            newest = saver.store.rollback(version)
            self._adopt(snapshot)
            saver.saved()
            return newest

    def close(self) -> None:
        """Save what is not saved yet and close the store; raises StoreError."""
        if self._saver is not None:
            try:
                self._saver.close()
            finally:
                self._saver.store.close()

    def __repr__(self) -> str:
        classes, seen = len(self.readout.classes_), self.readout.n_seen
        return f"Learner({self.extractor!r}, {self.readout.name}: {classes} classes, {seen} samples)"

    def __reduce__(self) -> Any:
        raise TypeError("a Learner is not pickled; use snapshot() and restore(), or a store")

    # -- inside ---------------------------------------------------------------------------------------

    def _features(self, x: Array) -> F32:
        return as_vector(x if self.extractor is None else self.extractor(x), self._n_in or self._width())

    def _rows(self, X: Array) -> F32:
        return as_matrix(X if self.extractor is None else self.extractor.many(X), self._width())

    def _decide(self, features: F32, ticket: bool) -> Decision:
        if not ticket:
            return self._model.decide(features)
        if self._ledger.n_features is None:
            self._reserve([], len(features))
            self._ledger.bind(len(features))
        number = self._ledger.issue(features)
        if self._saver is not None:
            self._saver.changed(0)
        decision = self._model.decide(features, number, self._ledger.newest)
        if self._model.readout.reinforces:
            self._ledger.act(decision.label, self.readout.classes_)
        return decision

    def _adapt(self, features: F32) -> None:
        if self._n_in is None:
            self._reserve([], len(features))
        self._model.adapt(features)

    def _changed(self) -> None:
        if self._saver is not None:
            self._saver.changed(1)
        if self._model.stack is not None:
            self._model.stack.warn()

    def _dropped(self, index: int | None) -> None:
        """Note a change that removed the class of this index, if any."""
        if index is not None:
            self._ledger.forget(index)
        self._changed()

    def _width(self) -> int | None:
        """Return D, known from the first sample on, learned or not."""
        self._n_in = self._model.n_in or self._ledger.n_features
        return self._n_in

    def _reserve(self, labels: Sequence[Label], n_features: int) -> None:
        """Raise BudgetError when new labels would take more than the budget, before anything changes."""
        readout = self._model.readout
        if self._ledger.n_features is None or not all(map(readout.knows, labels)):
            self._model.check_teachable(labels)
            n_classes = len({*readout.classes_, *labels})
            self._model.check_room(n_classes, n_features, self._ledger.max_bytes, self.budget_bytes)

    def _need_saver(self) -> Saver:
        if self._saver is None:
            raise ConfigError("this learner has no store; give store=path")
        return self._saver
