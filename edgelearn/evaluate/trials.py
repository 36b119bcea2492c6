"""One seed of one protocol: what it feeds a model, what it makes of the result, and its controls."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np

from edgelearn.errors import InputError
from edgelearn.evaluate import metrics, splits
from edgelearn.evaluate.controls import OfflineRidge, offline_stream
from edgelearn.evaluate.datasets import Dataset, Part
from edgelearn.evaluate.incremental import Course, class_course, domain_course, learn_course
from edgelearn.evaluate.models import Model, OpenSet, share
from edgelearn.evaluate.prequential import frozen_after, no_change, prequential
from edgelearn.readouts import Readout
from edgelearn.types import F64, Label

ProtocolName = Literal["class-incremental", "prequential", "domain"]


class Plan(NamedTuple):
    """The choices of an evaluation."""

    protocol: ProtocolName
    seeds: int = 5
    step: int = 2  # classes an experience
    order: Sequence[Label] | None = None  # of classes; None: drawn from the seed
    test_fraction: float = 0.25
    delay: int = 0  # of labels, in samples
    shuffle: bool = False  # the stream, by the seed


class Outcome(NamedTuple):
    """What one model made of one trial."""

    figures: dict[str, float]
    curve: F64  # (n,) accuracy along the stream, or (T,) on the classes or domains so far
    R: F64 | None  # (T, T)


class Trial(Protocol):
    """One seed: the same samples in the same order for every readout, so that seeds are pairs."""

    train: Part
    n_test: int
    untested: list[str]  # experiences without test samples

    def run(self, model: Model) -> Outcome: ...

    def controls(self, frozen: Callable[[], Readout]) -> dict[str, Outcome]: ...


class StreamTrial:
    """Prequential over the training samples."""

    def __init__(self, data: Dataset, plan: Plan, seed: int) -> None:
        n = len(data.train)
        order = np.random.default_rng(seed).permutation(n) if plan.shuffle else np.arange(n)
        self.train, self._delay, self._seed = data.train.take(order), plan.delay, seed
        self.n_test = n
        self.untested: list[str] = []
        self._repeated = no_change(self.train.y, plan.delay)

    def run(self, model: Model, learn_for: int | None = None) -> Outcome:
        result = prequential(model, self.train.x, self.train.y, self._delay, learn_for=learn_for)
        return self._outcome(result.correct, result.open_set)

    def controls(self, frozen: Callable[[], Readout]) -> dict[str, Outcome]:
        return {
            "offline": self._outcome(offline_stream(self.train.x, self.train.y, self._seed)),
            "frozen": self.run(frozen(), learn_for=frozen_after(len(self.train))),
            "no_change": self._outcome(self._repeated),
        }

    def _outcome(self, correct: metrics.Bools, figures: OpenSet | None = None) -> Outcome:
        accuracy = metrics.prequential_accuracy(correct)
        values = {
            "accuracy": accuracy,
            "balanced_accuracy": metrics.balanced_prequential(correct, self.train.y),
            "kappa_temporal": metrics.kappa_temporal(accuracy, share(self._repeated)),
        }
        window = max(1, min(500, len(correct) // 10))
        return Outcome(values | _open_set(figures), metrics.sliding(correct, window), None)


class CourseTrial:
    """Classes or domains one after the other, tested on held-out samples after each."""

    def __init__(self, data: Dataset, plan: Plan, seed: int) -> None:
        self.train, self.test = _split(data, plan, seed)
        self.n_test, self._seed = len(self.test), seed
        self.course = _course(self.train, self.test, plan, seed)
        tested = set(self.course.test_step.tolist())
        self.untested = [name for j, name in enumerate(self.course.names) if j not in tested]

    def run(self, model: Model) -> Outcome:
        test = self.test
        result = learn_course(model, self.course, self.train.x, self.train.y, test.x, test.y)
        values = {
            "accuracy": result.accuracy,
            "forgetting": result.forgetting,
            "backward_transfer": result.backward_transfer,
            "average_incremental": result.average_incremental,
            "learning_accuracy": metrics.learning_accuracy(result.R),
        }
        return Outcome(values | _open_set(result.open_set), result.accuracy_so_far, result.R)

    def controls(self, frozen: Callable[[], Readout]) -> dict[str, Outcome]:
        first, last = self.course.steps[0], self.course.steps[-1]
        readout = frozen()
        readout.learn_many(self.train.x[first], self.train.y[first])
        said = {
            "offline": OfflineRidge(self.train.x, self.train.y, self._seed).predict(self.test.x),
            "frozen": np.array(readout.predict_many(self.test.x)),
            "no_change": np.full(self.n_test, self.train.y[last[-1]]),
        }
        return {name: self._outcome(labels == self.test.y) for name, labels in said.items()}

    def _outcome(self, correct: metrics.Bools) -> Outcome:
        steps = [share(correct[self.course.test_step == j]) for j in range(len(self.course.steps))]
        R = np.tile(np.array(steps), (len(steps), 1))
        counts = np.bincount(self.course.test_step[self.course.test_step >= 0], minlength=len(steps))
        return Outcome({"accuracy": share(correct)}, metrics.accuracy_so_far(R, counts), None)


def trial(data: Dataset, plan: Plan, seed: int) -> Trial:
    """Return one seed of the planned protocol."""
    return StreamTrial(data, plan, seed) if plan.protocol == "prequential" else CourseTrial(data, plan, seed)


def _split(data: Dataset, plan: Plan, seed: int) -> tuple[Part, Part]:
    if data.test is not None:
        return data.train, data.test
    y, domain = data.train.y, data.train.domain
    groups = y if domain is None else splits.pairs(domain, y)
    train, test = splits.stratified(groups, plan.test_fraction, np.random.default_rng(seed))
    return data.train.take(train), data.train.take(test)


def _course(train: Part, test: Part, plan: Plan, seed: int) -> Course:
    if plan.protocol == "class-incremental":
        return class_course(train.y, test.y, plan.step, seed, plan.order)
    if train.domain is None or test.domain is None:
        raise InputError(
            "the domain protocol needs the domain of every sample: name its column with --domain"
        )
    return domain_course(train.domain, test.domain, seed)


def _open_set(figures: OpenSet | None) -> dict[str, float]:
    return {} if figures is None else figures._asdict()
