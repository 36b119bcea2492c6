"""Rejection: half of the classes are learned, the other half are strangers; 5 % of false rejects are wanted."""

from collections.abc import Iterator

from tools.bench import features
from tools.bench.figure import Figure, Group, Measured

SEEDS = range(5)
RATE = 0.05
SOURCES = ("camera", "speech")


def measure() -> Iterator[Measured]:
    import numpy as np

    for source in SOURCES:
        split = features.camera() if source == "camera" else features.speech("digit")
        found = np.array([_one(split, seed) for seed in SEEDS])
        (rejects, accepts), (spread, accepts_spread) = found.mean(axis=0), found.std(axis=0)
        yield Measured(f"strangers.{source}_false_rejects", float(rejects), spread=float(spread))
        yield Measured(f"strangers.{source}_false_accepts", float(accepts), spread=float(accepts_spread))


def _one(split: features.Split, seed: int) -> tuple[float, float]:
    """Return the share of known samples rejected and of strangers accepted."""
    import numpy as np

    from edgelearn.learner import Learner

    rng = np.random.default_rng(seed)
    labels = np.unique(split.y)
    mine = rng.permutation(labels)[: len(labels) // 2]
    order = rng.permutation(np.flatnonzero(np.isin(split.y, mine)))
    learner = Learner(None, "slda", reject_rate=RATE)
    learner.learn_many(split.x[order], split.y[order])
    decisions = learner.predict_many(split.test_x, tickets=False)
    rejected = np.array([decision.label is None for decision in decisions])
    known = np.isin(split.test_y, mine)
    return float(rejected[known].mean()), float(1 - rejected[~known].mean())


GROUP = Group(
    "strangers",
    tuple(
        Figure(f"strangers.{source}_false_{kind}", "share", f"{what}, 5 of 10 classes known, slda ({source})")
        for source in SOURCES
        for kind, what in (("rejects", "known samples rejected"), ("accepts", "strangers accepted"))
    ),
    measure,
    sets=("extractors", "cifar10", "fsdd"),
)
