"""What a protocol drives: a readout, or a learner that may also decline to answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from edgelearn.evaluate.metrics import Bools
from edgelearn.types import Array, Decision, Label


class Model(Protocol):
    """Anything that learns features (D,) and answers with a label, None, or a Decision."""

    @property
    def classes_(self) -> list[Label]: ...

    def learn_one(self, x: Array, y: Label) -> None: ...

    def learn_many(self, X: Array, y: Any) -> None: ...

    def predict_one(self, x: Array) -> Label | Decision | None: ...

    def predict_many(self, X: Array) -> Sequence[Label | Decision | None]: ...


class Timed(Protocol):
    """What learns and predicts one sample in memory that it can tell."""

    @property
    def memory_bytes(self) -> int: ...

    def learn_one(self, x: Array, y: Label) -> None: ...

    def predict_one(self, x: Array) -> object: ...


class Answers(NamedTuple):
    """What a model said of n samples."""

    correct: Bools  # (n,) the forced choice was right
    answered: Bools | None  # (n,) it was not rejected; None for a model that never rejects


def judge(answers: Sequence[Label | Decision | None], y: Sequence[Label]) -> Answers:
    """Compare answers with the truth: the best label counts, rejection aside; no class known yet is wrong."""
    best = [answer.best if isinstance(answer, Decision) else answer for answer in answers]
    correct = np.fromiter((a == b for a, b in zip(best, y, strict=True)), np.bool_, len(y))
    if not any(isinstance(answer, Decision) for answer in answers):
        return Answers(correct, None)
    accepted = (not isinstance(answer, Decision) or answer.label is not None for answer in answers)
    return Answers(correct, np.fromiter(accepted, np.bool_, len(y)))


class OpenSet(NamedTuple):
    """Rejection in figures of its own, beside the forced-choice accuracy; NaN of nothing."""

    coverage: float  # share of samples answered
    answered_accuracy: float  # share of those that were right
    false_rejects: float  # share of samples of known classes that were rejected
    false_accepts: float  # share of samples of classes never learned that were answered


def open_set(answered: Bools, correct: Bools, known: Bools) -> OpenSet:
    """Return the figures of n samples; ``known`` (n,): the class had been learned by then."""
    return OpenSet(
        share(answered), share(correct[answered]), share(~answered[known]), share(answered[~known])
    )


def share(hits: Bools) -> float:
    """Return the share of True, NaN of nothing."""
    return float(hits.mean()) if len(hits) else float("nan")
