"""Does the order of the samples matter? Class after class, minus shuffled, learned once each."""

from collections.abc import Iterator

from tools.bench import features
from tools.bench.figure import Figure, Goal, Group, Measured

SEEDS = range(5)
READOUTS = ("ncm", "slda", "ridge")
SOURCES = ("camera", "speech")


def measure() -> Iterator[Measured]:
    for source in SOURCES:
        split = features.camera() if source == "camera" else features.speech("digit")
        for name in READOUTS:
            gaps = [_gap(name, split, seed) for seed in SEEDS]
            yield Measured(f"order.{source}_{name}", max(gaps, key=abs), detail={"seeds": gaps})


def _gap(name: str, split: features.Split, seed: int) -> float:
    import numpy as np

    from edgelearn import readouts

    shuffled = np.random.default_rng(seed).permutation(len(split.y))
    accuracy = []
    for order in (shuffled[np.argsort(split.y[shuffled], kind="stable")], shuffled):
        readout = readouts.make(name)
        readout.learn_many(split.x[order], split.y[order])
        accuracy.append(float(np.mean(np.array(readout.predict_many(split.test_x)) == split.test_y)))
    return accuracy[0] - accuracy[1]


GROUP = Group(
    "order",
    tuple(
        Figure(
            f"order.{source}_{name}", "accuracy", f"class-sorted minus shuffled, {name} ({source}), worst of 5 seeds",
            Goal("|.|<=", 0.002),
        )
        for source in SOURCES
        for name in READOUTS
    ),
    measure,
    sets=("extractors", "cifar10", "fsdd"),
)  # fmt: skip
