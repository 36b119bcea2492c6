"""A stream in which nobody says what is right, only whether the answer was: the ways to learn from it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from edgelearn.bench.means import share
from edgelearn.errors import ConfigError
from edgelearn.learner import Learner
from edgelearn.readouts.reward_head import RewardHead
from edgelearn.types import F32, F64, I64

_BASELINE_RATE = 0.02  # of the running mean of rewards


class Samples(NamedTuple):
    """Features (n, D) and their classes (n,), from 0."""

    x: F32
    y: I64

    def take(self, rows: I64) -> "Samples":
        """Return the samples of these rows."""
        return Samples(self.x[rows], self.y[rows])


class Broadcast(RewardHead):
    """The ablation: every unit hears the same reward, less its running mean, and learns it by its own share.

    That is three-factor Hebb with a scalar, where nobody tells a unit whether it was the one that answered. It starts
    from random weights, without which all units would stay equal and nothing were shown.
    """

    name = "broadcast"

    def __init__(self, classes: Sequence[int] = (), eta: float = 1.0) -> None:
        super().__init__(classes, eta)
        self._expected = 0.0

    def _bind(self, n_features: int) -> None:
        super()._bind(n_features)
        drawn = np.random.default_rng(0).normal(size=self._w.shape)
        self._w[...] = drawn / np.sqrt(n_features)

    def _hear(self, share: F32, choice: F32, third: F32) -> None:
        surprise = float(choice[1]) - self._expected
        self._expected += _BASELINE_RATE * surprise
        third[:] = np.float32(surprise) * share


class Way(NamedTuple):
    """One way to learn from the stream: the head, and what it is taught of its answer."""

    title: str
    head: type[RewardHead]
    teach: Callable[[RewardHead, F32, int, int], None]  # head, sample, its answer, the truth


def _right(head: RewardHead, x: F32, said: int, truth: int) -> None:
    head.reinforce_one(x, said, float(said == truth))


def _flipped(head: RewardHead, x: F32, said: int, truth: int) -> None:
    head.reinforce_one(x, said, -float(said == truth))


def _label(head: RewardHead, x: F32, said: int, truth: int) -> None:  # noqa: ARG001 (the signature of all)
    head.learn_one(x, truth)


def _nothing(head: RewardHead, x: F32, said: int, truth: int) -> None:
    """Teach nothing."""


WAYS = {
    "reward": Way("reward only", RewardHead, _right),
    "labels": Way("the same head taught with labels", RewardHead, _label),
    "frozen": Way("no learning", RewardHead, _nothing),
    "broadcast": Way("one scalar for all units", Broadcast, _right),
    "flipped": Way("reward of the wrong sign", RewardHead, _flipped),
}


def live(
    way: Way, samples: Samples, eta: float, passes: int, seed: int, *, shuffled: bool = True
) -> tuple[RewardHead, F64]:
    """Answer and learn, sample after sample; return the head and where its answers were right (n · passes,).

    ``shuffled`` False keeps the samples in their order.
    """
    head = way.head(range(int(samples.y.max()) + 1), eta)
    rng, right = np.random.default_rng(seed), []
    for _ in range(passes):
        for i in rng.permutation(len(samples.y)) if shuffled else range(len(samples.y)):
            x, truth = samples.x[i], int(samples.y[i])
            said = head.explore(head.probabilities(head.scores_one(x)), rng.random())
            way.teach(head, x, said, truth)
            right.append(said == truth)
    return head, np.array(right, np.float64)


def live_late(samples: Samples, eta: float, most: int, seed: int) -> RewardHead:
    """One pass through a `Learner`: rewards come up to ``most`` samples after their decisions, drawn evenly."""
    head = RewardHead(range(int(samples.y.max()) + 1), eta)
    learner = Learner(None, head, seed=seed, reject_rate=None)
    rng = np.random.default_rng(seed)
    due: dict[int, list[tuple[str, float]]] = {}
    order = rng.permutation(len(samples.y))
    for now, i in enumerate(order):
        decision = learner.predict_one(samples.x[i])
        when = now + int(rng.integers(0, most + 1))
        due.setdefault(when, []).append((decision.ticket, float(decision.label == samples.y[i])))
        _pay(learner, due.pop(now, []))
    for when in sorted(due):
        _pay(learner, due[when])
    return head


def _pay(learner: Learner, rewards: list[tuple[str, float]]) -> None:
    for ticket, reward in rewards:
        learner.feedback(ticket, reward=reward)


def accuracy(head: RewardHead, samples: Samples) -> float:
    """Return the share of samples for which the best answer is right."""
    return share(head.predict_many(samples.x), samples.y)


def choose_eta(way: Way, samples: Samples, passes: int, etas: Sequence[float], seed: int) -> float:
    """Return the rate that is best on a fifth of the training samples, kept out of learning."""
    if not etas:
        raise ConfigError("give at least one eta to choose from")
    rows = np.random.default_rng(seed).permutation(len(samples.y))
    kept = len(rows) // 5
    known, unseen = samples.take(rows[kept:]), samples.take(rows[:kept])
    scores = [accuracy(live(way, known, eta, passes, seed)[0], unseen) for eta in etas]
    return etas[int(np.argmax(scores))]
