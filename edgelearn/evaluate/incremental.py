"""Experiences one after the other, each seen once: new classes, or new domains.

van de Ven & Tolias 2019 name the scenarios; no experience is announced when testing, one head answers for all
classes seen so far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.evaluate import metrics
from edgelearn.evaluate.metrics import Bools
from edgelearn.evaluate.models import Model, OpenSet, judge, open_set, share
from edgelearn.types import F64, I64, Array, Label


@dataclass(frozen=True, slots=True)
class Course:
    """What is learned when: T experiences, and the experience each test sample belongs to."""

    steps: list[I64]  # T arrays of indices into the training samples, in the order in which they are learned
    test_step: I64  # (n_test,) experience of each test sample, -1 for none
    names: list[str]  # T, what each experience brings


@dataclass(frozen=True, slots=True)
class IncrementalResult:
    """What a model knew after each of T experiences."""

    R: F64  # (T, T) accuracy on experience j after learning experience i
    counts: I64  # (T,) test samples of each experience
    accuracy: float  # over all test samples, after the last experience
    open_set: OpenSet | None  # coverage at the end; false rejects and accepts pooled over all steps

    @property
    def accuracy_so_far(self) -> F64:
        return metrics.accuracy_so_far(self.R, self.counts)

    @property
    def average_incremental(self) -> float:
        return metrics.average_incremental(self.R, self.counts)

    @property
    def forgetting(self) -> float:
        return metrics.forgetting(self.R)

    @property
    def backward_transfer(self) -> float:
        return metrics.backward_transfer(self.R)


def class_course(
    y: Array, test_y: Array, step: int = 2, seed: int = 0, order: Sequence[Label] | None = None
) -> Course:
    """Plan ``step`` new classes an experience, in ``order`` or one drawn from the seed.

    The samples of an experience are shuffled by the seed. Raises ConfigError when ``order`` does not name
    every class of ``y`` (n,) exactly once.
    """
    if step < 1:
        raise ConfigError(f"a step brings at least 1 class, got {step}")
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(np.unique(y))
    classes = drawn if order is None else _given_order(order, drawn)
    parts = [classes[i : i + step] for i in range(0, len(classes), step)]
    names = [" ".join(str(label) for label in part) for part in parts]
    return _course(
        [np.isin(y, part) for part in parts], [np.isin(test_y, part) for part in parts], names, rng
    )


def domain_course(domain: Array, test_domain: Array, seed: int = 0) -> Course:
    """Plan one experience a domain, ascending; the samples of a domain are shuffled by the seed."""
    rng = np.random.default_rng(seed)
    parts = np.unique(domain)
    names = [str(part) for part in parts]
    return _course([domain == part for part in parts], [test_domain == part for part in parts], names, rng)


def learn_course(
    model: Model, course: Course, X: Array, y: Array, test_X: Array, test_y: Array
) -> IncrementalResult:
    """Learn the experiences of a course once each; test on everything after each of them.

    ``X`` (n, D), ``y`` (n,); ``test_X`` (m, D), ``test_y`` (m,). Raises InputError without test samples.
    """
    if not len(test_y):
        raise InputError("there is no test sample; give a test set or a larger test fraction")
    truth = test_y.tolist()
    R, said = [], []
    for indices in course.steps:
        model.learn_many(X[indices], y[indices])
        answers = judge(model.predict_many(test_X), truth)
        R.append([share(answers.correct[course.test_step == j]) for j in range(len(course.steps))])
        seen = set(model.classes_)
        said.append((answers, np.array([label in seen for label in truth])))
    counts = np.array([np.sum(course.test_step == j) for j in range(len(course.steps))])
    last, known = said[-1]
    figures = None
    if last.answered is not None:
        final = open_set(last.answered, last.correct, known)
        figures = _pooled(final, [(a.answered, seen) for a, seen in said if a.answered is not None])
    return IncrementalResult(np.array(R), counts, share(last.correct), figures)


def class_incremental(
    model: Model,
    X: Array,
    y: Array,
    test_X: Array,
    test_y: Array,
    *,
    step: int = 2,
    seed: int = 0,
    order: Sequence[Label] | None = None,
) -> IncrementalResult:
    """New classes, ``step`` at a time: `class_course`, then `learn_course`."""
    y, test_y = np.asarray(y), np.asarray(test_y)
    return learn_course(model, class_course(y, test_y, step, seed, order), X, y, test_X, test_y)


def domain_incremental(
    model: Model,
    X: Array,
    y: Array,
    domain: Array,
    test_X: Array,
    test_y: Array,
    test_domain: Array,
    *,
    seed: int = 0,
) -> IncrementalResult:
    """The same classes in one domain after the other: `domain_course`, then `learn_course`."""
    course = domain_course(np.asarray(domain), np.asarray(test_domain), seed)
    return learn_course(model, course, X, np.asarray(y), test_X, np.asarray(test_y))


def _course(
    masks: list[Bools], test_masks: list[Bools], names: list[str], rng: np.random.Generator
) -> Course:
    test_step = np.full(len(test_masks[0]), -1, np.int64)
    for j, mask in enumerate(test_masks):
        test_step[mask] = j
    return Course([rng.permutation(np.flatnonzero(mask)) for mask in masks], test_step, names)


def _given_order(order: Sequence[Label], classes: Array) -> Array:
    wanted, there = [str(label) for label in order], {str(label): label for label in classes}
    if sorted(wanted) != sorted(there):
        raise ConfigError(
            f"the order must name every class exactly once: the classes are {', '.join(sorted(there))}; "
            f"the order has {', '.join(wanted)}"
        )
    return np.array([there[name] for name in wanted])


def _pooled(final: OpenSet, steps: Iterable[tuple[Bools, Bools]]) -> OpenSet:
    answered, known = (np.concatenate(parts) for parts in zip(*steps, strict=True))
    return final._replace(false_rejects=share(~answered[known]), false_accepts=share(answered[~known]))
