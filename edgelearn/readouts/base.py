"""What every readout is: labels and checks here, the mathematics in one file each.

A readout keeps sufficient statistics of frozen features (D,) and turns features into class scores.
Subclasses see class indices and clean float32 vectors only; this file owns labels, shapes and errors.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np

from edgelearn.errors import InputError, UnsupportedError
from edgelearn.kernels.probability import softmax
from edgelearn.readouts.labels import LabelMap, clean_label
from edgelearn.readouts.vectors import as_matrix, as_vector
from edgelearn.types import F32, F64, I64, Array, Label

_LARGEST = float(np.finfo(np.float32).max)

Guarantee = Literal["exact", "approximate", "none"]


class Algebra(NamedTuple):
    """What the mathematics of a readout promises, up to rounding; the conformance check holds it to this."""

    order_free: bool  # class-sorted and shuffled streams end in the same state
    merge: Guarantee  # equal to one readout that saw both streams
    unlearn: Guarantee  # equal to one that never saw the sample
    forget: Guarantee  # equal to one that never saw the class


class Readout(ABC):
    """Fast memory on frozen features: learns from each sample, in bounded memory."""

    name: ClassVar[str]
    algebra: ClassVar[Algebra]
    keeps_statistics: ClassVar[bool] = (
        True  # of features; False: it follows features that change, by gradient
    )
    reinforces: ClassVar[bool] = False  # learns from rewards; set for who defines `_reinforce`
    explores: ClassVar[bool] = False  # tries what is not the best; set for who defines `_explore`

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.reinforces = cls._reinforce is not Readout._reinforce
        cls.explores = cls._explore is not Readout._explore

    def __init__(self) -> None:
        self.n_features: int | None = None
        self.n_seen = 0
        self._labels = LabelMap()

    # -- learning ---------------------------------------------------------------------------------

    def learn_one(self, x: Array, y: Label) -> None:
        """Learn one sample ``x`` (D,) of class ``y``; a label never seen makes a class.

        Raises InputError for a wrong shape, values that are not finite, or a label of another kind, and
        BudgetError for a class that does not fit, all before anything changes.
        """
        vector = as_vector(x, self.n_features)
        self._learn(vector, self._class_of(vector.shape[0], self.check_label(y)))
        self.n_seen += 1

    def learn_many(self, X: Array, y: Sequence[Label] | Array) -> None:
        """Learn rows ``X`` (n, D) with labels ``y`` (n,): bit for bit the loop over `learn_one`.

        Everything is checked first: on InputError or BudgetError nothing was learned.
        """
        rows = as_matrix(X, self.n_features)
        labels = self.check_labels(y, len(rows))
        if labels:
            self.check_room(len({*self._labels.labels, *labels}), rows.shape[1])
        for start, stop in self._segments(labels):
            indices = np.array(
                [self._class_of(rows.shape[1], label) for label in labels[start:stop]], np.int64
            )
            self._learn_stream(rows[start:stop], indices)
            self.n_seen += stop - start

    def reinforce_one(self, x: Array, action: Label, reward: float) -> None:
        """Learn that answering ``action``, a known label, to sample ``x`` (D,) brought ``reward``.

        Raises InputError for a sample, label or reward that cannot be used and UnsupportedError where only labels
        teach, all before anything changes.
        """
        vector = as_vector(x, self.n_features)
        c = self._labels.index(self.check_label(action))
        self._reinforce(vector, c, check_reward(reward))
        self.n_seen += 1

    # -- prediction: nothing below changes state ----------------------------------------------------

    @property
    def classes_(self) -> list[Label]:
        """The labels in the order in which they first appeared."""
        return list(self._labels.labels)

    @property
    def counts(self) -> list[int]:
        """Samples learned of each class, in the order of ``classes_``."""
        return [self._count(c) for c in range(len(self._labels))]

    def knows(self, label: Label) -> bool:
        """Return whether the label has a class."""
        return label in self._labels

    def check_label(self, label: object) -> Label:
        """Return the label as a plain str or int; raises InputError when it is of another kind."""
        return self._labels.check(label)

    def check_labels(self, y: Sequence[Label] | Array, n: int) -> list[Label]:
        """Return ``n`` clean labels; raises InputError for another number or kind."""
        if len(y) != n:
            raise InputError(f"{n} samples but {len(y)} labels")
        labels = list(y)
        first = LabelMap(self._labels.labels or [clean_label(label) for label in labels[:1]])
        return [first.check(label) for label in labels]

    def scores_one(self, x: Array) -> F64:
        """Return one score a class (C,), higher is better, for one sample ``x`` (D,)."""
        vector = as_vector(x, self.n_features)
        return self._scores(vector) if len(self._labels) else np.zeros(0)

    def scores_many(self, X: Array) -> F64:
        """Return scores (n, C) for rows ``X`` (n, D): the loop over `scores_one`."""
        rows = as_matrix(X, self.n_features)
        if not len(self._labels):
            return np.zeros((len(rows), 0))
        return (
            np.stack([self._scores(row) for row in rows]) if len(rows) else np.zeros((0, len(self._labels)))
        )

    def predict_one(self, x: Array) -> Label | None:
        """Return the best label for one sample (D,), or None while nothing was learned."""
        scores = self.scores_one(x)
        return self._labels.labels[int(scores.argmax())] if len(scores) else None

    def predict_many(self, X: Array) -> list[Label | None]:
        """Return the best label of each row of ``X`` (n, D)."""
        scores = self.scores_many(X)
        if scores.shape[1] == 0:
            return [None] * len(scores)
        return [self._labels.labels[i] for i in scores.argmax(axis=1)]

    def probabilities(self, scores: F64) -> F64:
        """Turn scores (C,) into probabilities (C,): a softmax, unless the readout knows better."""
        return softmax.dispatcher(scores)

    def explore(self, chances: F64, u: float) -> int:
        """Return the class to try, given the probabilities (C,) and ``u`` drawn evenly from [0, 1)."""
        return self._explore(chances, u)

    def judge_one(self, x: Array) -> tuple[F64, float]:
        """Return the scores (C,) of one sample ``x`` (D,) and its novelty, higher the stranger it looks.

        Raises InputError also while nothing was learned.
        """
        vector = as_vector(x, self.n_features)
        if not len(self._labels):
            raise InputError("nothing was learned yet, so nothing can be strange; learn a sample first")
        scores = self._scores(vector)
        return scores, self._novelty(vector, scores)

    # -- algebra ------------------------------------------------------------------------------------

    def unlearn(self, x: Array, y: Label) -> None:
        """Take one learned sample back; `algebra` says how exactly.

        Raises InputError when ``x`` cannot have been learned as ``y`` (sums do not remember single samples, so a
        stranger that could have been one goes unnoticed), UnsupportedError where it cannot be done.
        """
        if self.algebra.unlearn == "none":
            raise UnsupportedError(
                f"{self.name} cannot take back a sample; forget(label) drops a whole class"
            )
        index = self._labels.index(self.check_label(y))
        self._unlearn(as_vector(x, self.n_features), index)
        self.n_seen -= 1
        if self._count(index) == 0:
            self._forget(index)
            self._labels.remove(self._labels.labels[index])

    def forget(self, label: Label) -> None:
        """Drop a class and all that is kept for it alone; raises InputError for an unknown label."""
        known = self._labels.check(label)
        index = self._labels.index(known)
        self.n_seen -= self._count(index)
        self._forget(index)
        self._labels.remove(known)

    def merge(self, other: Self) -> None:
        """Add what another readout of the same kind learned; its labels may be new here.

        Raises InputError for another kind of readout, configuration or number of features, and BudgetError
        for classes that do not fit, before anything changes.
        """
        if type(other) is not type(self) or other.config() != self.config():
            raise InputError(
                f"only readouts of one kind and configuration merge: {self.name} {self.config()} "
                f"and {other.name} {other.config()}"
            )
        if other.n_features is None:
            return
        if self.n_features not in (None, other.n_features):
            raise InputError(f"cannot merge: {self.n_features} features here, {other.n_features} there")
        for label in other.classes_:
            self._labels.check(label)
        if self.n_features is None:
            self.load(other.state(), other.classes_, other.n_features, other.n_seen)
            return
        self.check_room(len({*self._labels.labels, *other.classes_}), other.n_features)
        indices = np.array([self._class_of(other.n_features, label) for label in other.classes_], np.int64)
        self._merge(other, indices)
        self.n_seen += other.n_seen

    # -- memory and state -----------------------------------------------------------------------------

    @property
    def memory_bytes(self) -> int:
        """Bytes of all arrays kept, scratch included."""
        return 0 if self.n_features is None else sum(array.nbytes for array in self._arrays())

    @abstractmethod
    def bytes_with(self, n_classes: int, n_features: int) -> int:
        """Return what `memory_bytes` would be with so many classes and features."""

    def check_room(self, n_classes: int, n_features: int) -> None:  # noqa: B027 (most grow without end)
        """Raise BudgetError when a readout bounded by its own configuration cannot keep so many classes."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """Return the hyperparameters (JSON) that make an equal readout: ``type(self)(**config)``."""

    @abstractmethod
    def state(self) -> dict[str, Array]:
        """Return everything learned as arrays, views of live ones; with `config` and `classes_` it is all."""

    def load(
        self, arrays: Mapping[str, Array], labels: Iterable[Label], n_features: int, n_seen: int
    ) -> None:
        """Take over what `state` returned; the readout goes on as if it had never stopped."""
        self._labels = LabelMap()
        self.n_features = None
        for label in labels:
            self._class_of(n_features, label)
        self._restore(arrays)
        self.n_seen = n_seen

    # -- what a subclass writes: clean vectors and class indices only --------------------------------------

    @abstractmethod
    def _bind(self, n_features: int) -> None:
        """Make empty arrays for (D,) features and no class."""

    @abstractmethod
    def _grow(self, n_classes: int) -> None:
        """Make room for so many classes, keeping what is there."""

    @abstractmethod
    def _learn(self, x: F32, c: int) -> None: ...

    @abstractmethod
    def _scores(self, x: F32) -> F64: ...

    @abstractmethod
    def _novelty(self, x: F32, scores: F64) -> float:
        """Return how strange ``x`` looks; called right after ``scores = _scores(x)``."""

    @abstractmethod
    def _count(self, c: int) -> int:
        """Return the samples learned of class ``c``."""

    @abstractmethod
    def _forget(self, c: int) -> None: ...

    @abstractmethod
    def _restore(self, arrays: Mapping[str, Array]) -> None: ...

    @abstractmethod
    def _arrays(self) -> list[Array]: ...

    @abstractmethod
    def _merge(self, other: Self, indices: I64) -> None:
        """Add ``other``, whose class i is class ``indices[i]`` here; classes have been made already."""

    def _unlearn(self, x: F32, c: int) -> None:  # noqa: ARG002 (for those whose algebra promises it)
        """Take a sample back; only called where `algebra` promises it."""
        raise AssertionError(f"{self.name} promises unlearn but does not define it")

    def _reinforce(self, x: F32, c: int, reward: float) -> None:  # noqa: ARG002 (for those rewards can teach)
        """Learn that class ``c``, answered to ``x``, brought a finite ``reward``."""
        raise UnsupportedError(
            f"{self.name} learns from labels, not from rewards; reward_head learns from rewards"
        )

    def _explore(self, chances: F64, u: float) -> int:  # noqa: ARG002 (for those that try what is not the best)
        """Return the class to try; the default is the best, whatever ``u`` in [0, 1) is."""
        return int(chances.argmax())

    def _learn_stream(self, X: F32, indices: I64) -> None:
        """Learn rows of known classes; a stream kernel replaces this where it pays."""
        for x, c in zip(X, indices, strict=True):
            self._learn(x, int(c))

    # -- labels -----------------------------------------------------------------------------------

    def _class_of(self, n_features: int, label: Label) -> int:
        if label not in self._labels:
            self.check_room(len(self._labels) + 1, n_features)
        if self.n_features is None:
            self._bind(n_features)
            self.n_features = n_features
        if label not in self._labels:
            self._grow(len(self._labels) + 1)
        return self._labels.add(label)

    def _segments(self, labels: list[Label]) -> list[tuple[int, int]]:
        """Split a batch so that a new label only ever starts a segment."""
        known = set(self._labels.labels)
        starts = [0]
        for i, label in enumerate(labels):
            if label not in known:
                known.add(label)
                starts.append(i)
        stops = [*starts[1:], len(labels)]
        return [(a, b) for a, b in zip(starts, stops, strict=True) if b > a]


def check_reward(reward: object) -> float:
    """Return the reward as a float; raises InputError unless it is a finite number."""
    if isinstance(reward, int | float | np.integer | np.floating):
        with suppress(OverflowError):  # of an int beyond all floats, too long to be shown
            if abs(value := float(reward)) <= _LARGEST:
                return value
    raise InputError(
        f"reward must be a finite number that float32 holds, not this {type(reward).__name__}; nothing was learned"
    )
