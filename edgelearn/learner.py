"""Learner: a frozen extractor, a fast memory on top, and all it takes to leave them alone on a device."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

import numpy as np

from edgelearn import readouts
from edgelearn.bytesize import parse_bytes
from edgelearn.errors import BudgetError, ConfigError, InputError, StoreError, TicketError
from edgelearn.feedback import Ledger
from edgelearn.kernels.probability import margin
from edgelearn.openset import Rejection
from edgelearn.readouts import Readout
from edgelearn.readouts.vectors import as_matrix, as_vector
from edgelearn.saving import OnSave, Saver, check_intervals
from edgelearn.snapshots import check_kin, describe, fingerprint, part
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


class Learner:
    """Predicts with, and learns on top of, a network that stays frozen.

    Parameters: ``extractor`` turns a sample into features (None: samples are features (D,)); ``readout`` is a
    name or a `Readout`; ``store`` a path or `Store` to resume from and save to; ``budget`` the most bytes
    (int or "2MB") that learning may take; ``reject_rate`` the share of known samples that may be taken for
    strangers (None or 0: never reject); ``ticket_ttl_s`` and ``ticket_bytes`` (1 MB, or a quarter of the budget)
    bound the ledger of tickets; ``save_every`` (samples) and ``save_every_s`` (seconds) bound what a power cut
    may take; ``on_save`` hears of each background save; ``clock`` returns seconds.

    Every call may come from any thread. Raises StoreError when the store belongs to another model.
    """

    def __init__(
        self,
        extractor: "Extractor | None" = None,
        readout: str | Readout = "slda",
        *,
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
        self.readout = readouts.make(readout) if isinstance(readout, str) else readout
        self.refused = 0
        self.budget_bytes = None if budget is None else parse_bytes(budget)
        self._rejection = Rejection(reject_rate)
        quarter = _TICKET_BYTES if self.budget_bytes is None else min(_TICKET_BYTES, self.budget_bytes // 4)
        self._ticket_bytes = quarter if ticket_bytes is None else parse_bytes(ticket_bytes)
        if not ticket_ttl_s > 0:
            raise ConfigError(f"ticket_ttl_s must be above 0 seconds, not {ticket_ttl_s}")
        check_intervals(save_every, save_every_s)
        self._ticket_ttl_s, self._clock = ticket_ttl_s, clock
        self._ledger: Ledger | None = None
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
        label = self.readout.check_label(y)
        self._reserve([label], len(features))
        self._learn(features, label)

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
            self._learn(features, label)

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
    def feedback(self, ticket: str, *, label: Label) -> None:
        """Learn the truth about an earlier decision, now or hours later; a ticket teaches once.

        Raises TicketError for one that is unknown, used, expired or evicted; InputError for a bad label.
        """
        if self._ledger is None:
            raise TicketError(f"no decision was made yet, so there is no ticket {ticket!r}")
        features = self._ledger.look(ticket)
        known = self.readout.check_label(label)
        self._reserve([known], len(features))
        self._learn(features, known)
        self._ledger.close(ticket)

    # -- what is known, and taking it back ------------------------------------------------------------

    @property
    def classes_(self) -> list[Label]:
        """The labels in the order in which they first appeared."""
        return self.readout.classes_

    @property
    def threshold(self) -> float:
        """Novelty above which a sample is a stranger; infinite until enough was measured."""
        return self._rejection.threshold

    @_counted
    def unlearn(self, x: Array, y: Label) -> None:
        """Take one learned sample back (``readout.algebra`` says how exactly)."""
        self.readout.unlearn(self._features(x), y)
        self._changed()

    @_counted
    def forget(self, label: Label) -> None:
        """Drop a class (``readout.algebra`` says how exactly)."""
        self.readout.forget(label)
        self._changed()

    def merge(self, other: "Learner") -> None:
        """Add what another learner on an equal extractor learned.

        Raises InputError for another extractor or readout, BudgetError when the result does not fit.
        """
        if not isinstance(other, Learner) or other is self:
            raise InputError("merge takes another Learner")
        first, second = sorted((self, other), key=id)  # one order for all, so that two merges cannot wait
        with first._lock, second._lock:  # for each other
            if fingerprint(self.extractor) != fingerprint(other.extractor):
                raise InputError("learners merge only on the same extractor (their fingerprints differ)")
            if other.readout.n_features is not None:
                if self._n_features not in (None, other.readout.n_features):
                    raise InputError(
                        f"cannot merge: {self._n_features} features here, {other.readout.n_features} there"
                    )
                self._reserve(other.classes_, other.readout.n_features)
            self.readout.merge(other.readout)
            self._changed()

    # -- memory and state -----------------------------------------------------------------------------

    @property
    def memory_bytes(self) -> int:
        """Bytes that learning takes: readout, tickets, rejection (the frozen network not included)."""
        tickets = self._ledger.memory_bytes if self._ledger is not None else 0
        return self.readout.memory_bytes + tickets + self._rejection.memory_bytes

    def snapshot(self) -> Snapshot:
        """Return a copy of everything learned, open tickets included."""
        with self._lock:
            parts: dict[str, Mapping[str, Array]] = {"rejection": self._rejection.state()}
            if self.readout.n_features is not None:
                parts["readout"] = self.readout.state()
            if self._ledger is not None:
                parts["tickets"] = self._ledger.state()
            arrays = {
                f"{part}/{name}": np.array(a) for part, some in parts.items() for name, a in some.items()
            }
            return Snapshot(arrays, describe(self.readout, self.extractor))

    def restore(self, snapshot: Snapshot) -> None:
        """Become what a snapshot says.

        Raises StoreError when it belongs to another model and BudgetError when it does not fit, both unchanged.
        """
        with self._lock:
            self._adopt(snapshot)
            self._changed()

    def _adopt(self, snapshot: Snapshot) -> None:
        with self._lock:
            check_kin(snapshot.meta, self.readout, self.extractor)
            readout = type(self.readout)(**self.readout.config())
            rejection, ledger = Rejection(self._rejection.rate), None
            try:
                n_features = snapshot.meta["n_features"]
                if n_features is not None:
                    labels, n_seen = snapshot.meta["labels"], snapshot.meta["n_seen"]
                    self._afford(len(labels), n_features)
                    readout.load(part(snapshot, "readout"), labels, n_features, n_seen)
                rejection.load(part(snapshot, "rejection"))
                tickets = part(snapshot, "tickets")
                if tickets:
                    ledger = self._new_ledger(tickets["features"].shape[1])
                    ledger.load(tickets)
            except (KeyError, ValueError, IndexError) as error:
                raise StoreError(
                    f"the snapshot does not fit a {self.readout.name} readout: {error!r}"
                ) from error
            self.readout, self._rejection, self._ledger = readout, rejection, ledger

    def save(self) -> SaveReport:
        """Save to the store and return once a power cut cannot take it; raises StoreError."""
        return self._need_saver().save()

    def rollback(self, version: int) -> int:
        """Go back to a saved version, which becomes the newest; what was not saved is dropped."""
        saver = self._need_saver()
        with saver.writing, self._lock:  # no background save may put the state of before on top
            snapshot = saver.store.load(version)
            check_kin(snapshot.meta, self.readout, self.extractor)
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- inside ---------------------------------------------------------------------------------------

    def _features(self, x: Array) -> F32:
        return as_vector(x if self.extractor is None else self.extractor(x), self._n_features)

    def _rows(self, X: Array) -> F32:
        return as_matrix(X if self.extractor is None else self.extractor.many(X), self._n_features)

    def _decide(self, features: F32, ticket: bool) -> Decision:
        number = ""
        if ticket:
            number = self._tickets(len(features)).issue(features)
            self._changed(0)
        labels = self.readout.classes_
        if not labels:
            return Decision(None, None, {}, 0.0, number)
        if self._rejection.threshold < np.inf:
            scores, novelty = self.readout.judge_one(features)
        else:
            scores, novelty = self.readout.scores_one(features), 0.0
        strange = novelty > self._rejection.threshold
        chances = self.readout.probabilities(scores)
        best = int(scores.argmax())
        return Decision(
            None if strange else labels[best],
            labels[best],
            dict(zip(labels, chances.tolist(), strict=True)),
            margin.dispatcher(chances, best),
            number,
        )

    def _learn(self, features: F32, label: Label) -> None:
        if self.readout.knows(label) and self._rejection.wants():
            self._rejection.add(self.readout.judge_one(features)[1])
        self.readout.learn_one(features, label)
        self._changed()

    def _changed(self, learned: int = 1) -> None:
        if self._saver is not None:
            self._saver.changed(learned)

    def _tickets(self, n_features: int) -> Ledger:
        if self._ledger is None:
            self._reserve([], n_features)
            self._ledger = self._new_ledger(n_features)
        return self._ledger

    def _new_ledger(self, n_features: int) -> Ledger:
        return Ledger(n_features, self._ticket_ttl_s, self._ticket_bytes, self._clock)

    @property
    def _n_features(self) -> int | None:
        """D, known from the first sample on, learned or not."""
        if self.readout.n_features is None and self._ledger is not None:
            return self._ledger.n_features
        return self.readout.n_features

    def _reserve(self, labels: Sequence[Label], n_features: int) -> None:
        """Raise BudgetError when new labels would take more than the budget, before anything changes."""
        new = {label for label in labels if not self.readout.knows(label)}
        if new or self._ledger is None:
            self._afford(len(self.readout.classes_) + len(new), n_features)

    def _afford(self, n_classes: int, n_features: int) -> None:
        self.readout.check_room(n_classes, n_features)
        needed = self.readout.bytes_with(n_classes, n_features) + self._ticket_bytes
        needed += self._rejection.memory_bytes
        if self.budget_bytes is not None and needed > self.budget_bytes:
            raise BudgetError(
                f"{n_classes} classes of {n_features} features take {needed} bytes, the budget is "
                f"{self.budget_bytes}: raise it, forget a class, or choose a smaller readout (nothing was changed)"
            )

    def _need_saver(self) -> Saver:
        if self._saver is None:
            raise ConfigError("this learner has no store; give store=path")
        return self._saver
