"""Learner: a frozen extractor, a fast memory on top, and all it takes to leave them alone on a device."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from edgelearn import readouts
from edgelearn.bytesize import parse_bytes
from edgelearn.errors import BudgetError, ConfigError, InputError, StoreError, TicketError
from edgelearn.feedback import Ledger
from edgelearn.kernels.probability import margin
from edgelearn.openset import Rejection
from edgelearn.readouts import Readout
from edgelearn.readouts.vectors import as_matrix, as_vector
from edgelearn.saving import OnSave, Saver
from edgelearn.store import SaveReport, Store
from edgelearn.types import F32, Array, Decision, Label, Snapshot

if TYPE_CHECKING:
    from edgelearn.extractor import Extractor

SCHEMA = 1
_TICKET_BYTES = 1_000_000


class Learner:
    """Predicts with, and learns on top of, a network that stays frozen.

    Parameters: ``extractor`` turns a sample into features (None: samples are features (D,)); ``readout`` is a
    name or a `Readout`; ``store`` a path or `Store` to resume from and save to; ``budget`` the most bytes
    (int or "2MB") that learning may take; ``reject_rate`` the share of known samples that may be taken for
    strangers (None: never reject); ``ticket_ttl_s`` and ``ticket_bytes`` (1 MB, or a quarter of the budget)
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
        save_every_s: float | None = 60.0,
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
        self._ticket_ttl_s, self._clock = ticket_ttl_s, clock
        self._ledger: Ledger | None = None
        self._lock = threading.RLock()
        self._saver: Saver | None = None
        if store is not None:
            opened = store if isinstance(store, Store) else Store(store)
            if opened.versions():
                self.restore(opened.load())
            self._saver = Saver(opened, self.snapshot, save_every, save_every_s, on_save)

    # -- prediction: changes nothing that was learned -------------------------------------------------

    def features(self, x: Array) -> F32:
        """Return the features (D,) of one sample; raises InputError (and counts it in ``refused``)."""
        try:
            return as_vector(x, self.readout.n_features) if self.extractor is None else self.extractor(x)
        except InputError:
            self.refused += 1
            raise

    def predict_one(self, x: Array) -> Decision:
        """Decide on one sample; its ticket goes to `feedback` once the truth is known.

        Raises InputError for a sample that cannot be used.
        """
        with self._lock:
            return self._decide(self.features(x))

    def predict_many(self, X: Array) -> list[Decision]:
        """Return the decisions of a loop over `predict_one`; all samples are checked first."""
        with self._lock:
            return [self._decide(features) for features in self._rows(X)]

    # -- learning -------------------------------------------------------------------------------------

    def learn_one(self, x: Array, y: Label) -> None:
        """Learn one sample; a label never seen makes a class.

        Raises InputError for a sample or label that cannot be used and BudgetError for a class that does not
        fit, both before anything changes.
        """
        with self._lock:
            features = self.features(x)
            label = self.readout.check_label(y)
            self._reserve([label], len(features))
            self._learn(features, label)

    def learn_many(self, X: Array, y: Sequence[Label] | Array) -> None:
        """Learn samples ``X`` (n, …) with labels (n,): bit for bit the loop over `learn_one`.

        Everything is checked first: on InputError or BudgetError nothing was learned.
        """
        with self._lock:
            rows = self._rows(X)
            labels = self.readout.check_labels(y, len(rows))
            if labels:
                self._reserve(labels, rows.shape[1])
            for features, label in zip(rows, labels, strict=True):
                self._learn(features, label)

    def partial_fit(self, X: Array, y: Sequence[Label] | Array) -> Self:
        """`learn_many` under the name scikit-learn gives it; returns the learner."""
        self.learn_many(X, y)
        return self

    def feedback(self, ticket: str, *, label: Label) -> None:
        """Learn the truth about an earlier decision, now or hours later; a ticket teaches once.

        Raises TicketError for one that is unknown, used, expired or evicted; InputError for a bad label.
        """
        with self._lock:
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

    def unlearn(self, x: Array, y: Label) -> None:
        """Take one learned sample back (``readout.algebra`` says how exactly)."""
        with self._lock:
            self.readout.unlearn(self.features(x), y)
            self._changed()

    def forget(self, label: Label) -> None:
        """Drop a class (``readout.algebra`` says how exactly)."""
        with self._lock:
            self.readout.forget(label)
            self._changed()

    def merge(self, other: "Learner") -> None:
        """Add what another learner on an equal extractor learned.

        Raises InputError for another extractor or readout, BudgetError when the result does not fit.
        """
        with self._lock, other._lock:
            if _fingerprint(self.extractor) != _fingerprint(other.extractor):
                raise InputError("learners merge only on the same extractor (their fingerprints differ)")
            if other.readout.n_features is not None:
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
            return Snapshot(arrays, self._meta())

    def restore(self, snapshot: Snapshot) -> None:
        """Become what a snapshot says; raises StoreError, unchanged, when it belongs to another model."""
        self._check_kin(snapshot.meta)
        with self._lock:
            readout = type(self.readout)(**self.readout.config())
            rejection = Rejection(self._rejection.rate)
            try:
                n_features = snapshot.meta["n_features"]
                if n_features is not None:
                    labels, n_seen = snapshot.meta["labels"], snapshot.meta["n_seen"]
                    readout.load(_part(snapshot, "readout"), labels, n_features, n_seen)
                rejection.load(_part(snapshot, "rejection"))
            except (KeyError, ValueError, IndexError) as error:
                raise StoreError(
                    f"the snapshot does not fit a {self.readout.name} readout: {error!r}"
                ) from error
            self.readout, self._rejection = readout, rejection
            self._ledger = None
            tickets = _part(snapshot, "tickets")
            if tickets:
                self._tickets(tickets["features"].shape[1]).load(tickets)

    def save(self) -> SaveReport:
        """Save to the store and return once a power cut cannot take it; raises StoreError."""
        return self._need_saver().save()

    def rollback(self, version: int) -> int:
        """Go back to a saved version, which becomes the newest; what was not saved is dropped."""
        store = self._need_saver().store
        self.restore(store.load(version))
        return store.rollback(version)

    def close(self) -> None:
        """Save what is not saved yet and close the store; raises StoreError."""
        if self._saver is not None:
            self._saver.close()
            self._saver.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- inside ---------------------------------------------------------------------------------------

    def _rows(self, X: Array) -> F32:
        try:
            return as_matrix(X, self.readout.n_features) if self.extractor is None else self.extractor.many(X)
        except InputError:
            self.refused += 1
            raise

    def _decide(self, features: F32) -> Decision:
        ticket = self._tickets(len(features)).issue(features)
        scores = self.readout.scores_one(features)
        if len(scores) == 0:
            return Decision(None, None, {}, 0.0, ticket)
        chances = self.readout.probabilities(scores)
        labels = self.readout.classes_
        best = int(scores.argmax())
        strange = self._rejection.threshold < np.inf and (
            self.readout.novelty_one(features, scores) > self._rejection.threshold
        )
        return Decision(
            None if strange else labels[best],
            labels[best],
            dict(zip(labels, chances.tolist(), strict=True)),
            margin.dispatcher(chances, best),
            ticket,
        )

    def _learn(self, features: F32, label: Label) -> None:
        if self.readout.knows(label) and self._rejection.wants():
            scores = self.readout.scores_one(features)
            self._rejection.add(self.readout.novelty_one(features, scores))
        self.readout.learn_one(features, label)
        self._changed()

    def _changed(self) -> None:
        if self._saver is not None:
            self._saver.changed()

    def _tickets(self, n_features: int) -> Ledger:
        if self._ledger is None:
            self._reserve([], n_features)
            self._ledger = Ledger(n_features, self._ticket_ttl_s, self._ticket_bytes, self._clock)
        return self._ledger

    def _reserve(self, labels: Sequence[Label], n_features: int) -> None:
        """Raise BudgetError when new labels would take more than the budget, before anything changes."""
        if self.budget_bytes is None:
            return
        new = {label for label in labels if not self.readout.knows(label)}
        if not new and self._ledger is not None:
            return
        classes = len(self.readout.classes_) + len(new)
        needed = (
            self.readout.bytes_with(classes, n_features) + self._ticket_bytes + self._rejection.memory_bytes
        )
        if needed > self.budget_bytes:
            raise BudgetError(
                f"{classes} classes of {n_features} features take {needed} bytes, the budget is "
                f"{self.budget_bytes}: raise it, forget a class, or choose a smaller readout (nothing was changed)"
            )

    def _meta(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "extractor": _fingerprint(self.extractor),
            "readout": self.readout.name,
            "config": self.readout.config(),
            "labels": self.readout.classes_,
            "counts": self.readout.counts,
            "n_features": self.readout.n_features,
            "n_seen": self.readout.n_seen,
        }

    def _check_kin(self, meta: Mapping[str, Any]) -> None:
        """Raise StoreError unless a snapshot is of this extractor, readout and a schema known here."""
        if not isinstance(meta.get("schema"), int) or meta["schema"] > SCHEMA:
            raise StoreError(
                f"the snapshot has schema {meta.get('schema')}, this edgelearn reads up to {SCHEMA}; "
                "upgrade edgelearn"
            )
        mine = _fingerprint(self.extractor)
        if meta["extractor"] != mine:
            raise StoreError(
                f"the snapshot was learned on extractor {_short(meta['extractor'])}, this one is {_short(mine)}; "
                "load that network with the same cut and preprocessing, or use another store"
            )
        if (meta["readout"], meta["config"]) != (self.readout.name, self.readout.config()):
            raise StoreError(
                f"the snapshot is of readout {meta['readout']} {meta['config']}, this learner has "
                f"{self.readout.name} {self.readout.config()}; use the same, or another store"
            )

    def _need_saver(self) -> Saver:
        if self._saver is None:
            raise ConfigError("this learner has no store; give store=path")
        return self._saver


def _fingerprint(extractor: "Extractor | None") -> str | None:
    return None if extractor is None else extractor.fingerprint


def _short(fingerprint: str | None) -> str:
    return "none (plain features)" if fingerprint is None else f"{fingerprint[:12]}…"


def _part(snapshot: Snapshot, part: str) -> dict[str, Array]:
    return {
        name.removeprefix(f"{part}/"): array
        for name, array in snapshot.arrays.items()
        if name.startswith(f"{part}/")
    }
