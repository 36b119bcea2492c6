"""Test, then train: each sample is predicted before its label is used, and the label may come late.

Gama, Sebastião & Rodrigues 2013, Machine Learning 90; label delay as in Csaba et al. 2024.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.evaluate import metrics
from edgelearn.evaluate.metrics import Bools
from edgelearn.evaluate.models import Model, OpenSet, judge, open_set
from edgelearn.types import F64, Array, Decision, Label


@dataclass(frozen=True, slots=True)
class StreamResult:
    """One pass over a stream of n samples."""

    correct: Bools  # (n,) forced choice
    known: Bools  # (n,) the class had been learned when the sample was predicted
    answered: Bools | None  # (n,) not rejected; None for a model that never rejects

    @property
    def accuracy(self) -> float:
        return metrics.prequential_accuracy(self.correct)

    @property
    def curve(self) -> F64:
        """The accuracy up to each sample (n,)."""
        return metrics.cumulative(self.correct)

    @property
    def open_set(self) -> OpenSet | None:
        return None if self.answered is None else open_set(self.answered, self.correct, self.known)


def prequential(
    model: Model, X: Array, y: Sequence[Label] | Array, delay: int = 0, *, learn_for: int | None = None
) -> StreamResult:
    """Run ``model`` over rows ``X`` (n, D) with labels ``y`` (n,) in their order.

    At step t the model predicts x_t, then the label of x_(t - delay) arrives and is learned; so when x_t is
    predicted the labels up to x_(t - delay - 1) are known. A prediction before any class is known is wrong.
    With ``learn_for`` nothing is learned after so many steps. Raises InputError for an empty stream.
    """
    labels = as_labels(y)
    check_stream(len(X), len(labels), delay)
    stop = len(labels) if learn_for is None else learn_for
    answers: list[Label | Decision | None] = []
    seen = set(model.classes_)
    known = np.zeros(len(labels), np.bool_)
    for t, truth in enumerate(labels):
        answers.append(model.predict_one(X[t]))
        known[t] = truth in seen
        late = t - delay
        if late >= 0 and t < stop:
            model.learn_one(X[late], labels[late])
            seen.add(labels[late])
    correct, answered = judge(answers, labels)
    return StreamResult(correct, known, answered)


def no_change(y: Sequence[Label] | Array, delay: int = 0) -> Bools:
    """Return where repeating the last label that has arrived is right (n,): the control of every stream."""
    labels = as_labels(y)
    check_stream(len(labels), len(labels), delay)
    late = delay + 1
    hits = [t >= late and labels[t - late] == truth for t, truth in enumerate(labels)]
    return np.array(hits, np.bool_)


def frozen_after(n: int) -> int:
    """Return for how many steps the frozen control learns: the first tenth of the stream."""
    return max(1, -(-n // 10))


def as_labels(y: Sequence[Label] | Array) -> list[Label]:
    """Return labels as a list of plain str or int."""
    return list(y.tolist() if isinstance(y, np.ndarray) else y)


def check_stream(n: int, n_labels: int, delay: int) -> None:
    if n != n_labels:
        raise InputError(f"{n} samples but {n_labels} labels")
    if n == 0:
        raise InputError("the stream is empty; give at least one sample")
    if delay < 0:
        raise ConfigError(f"a label delay is 0 or more samples, got {delay}")
