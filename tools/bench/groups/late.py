"""A class that comes late: all others are known well, then a few samples of one more."""

from collections.abc import Iterator

from tools.bench import features
from tools.bench.figure import Figure, Group, Measured

SHOTS = (1, 5, 30)
LATE = range(4)  # classes that take their turn at being late
READOUTS = ("slda", "ncm")
SOURCES = ("camera", "speech")


def measure() -> Iterator[Measured]:
    import numpy as np

    for source in SOURCES:
        split = features.camera() if source == "camera" else features.speech("digit")
        for name in READOUTS:
            for shots in SHOTS:
                found = np.array([_one(name, split, late, shots) for late in LATE])
                recall, taken, accuracy = found.mean(axis=0)
                yield Measured(
                    f"late.{source}_{name}_{shots}",
                    float(recall),
                    spread=float(found[:, 0].std()),
                    note=f"of the other classes {taken:.3f} were taken for it; accuracy on all ten {accuracy:.3f}",
                )


def _one(name: str, split: features.Split, late: int, shots: int) -> tuple[float, float, float]:
    import numpy as np

    from edgelearn import readouts

    readout = readouts.make(name)
    known = split.y != late
    readout.learn_many(split.x[known], split.y[known])
    few = np.random.default_rng(late).permutation(np.flatnonzero(~known))[:shots]
    readout.learn_many(split.x[few], split.y[few])
    said = np.array(readout.predict_many(split.test_x))
    new = split.test_y == late
    return (
        float(np.mean(said[new] == late)),
        float(np.mean(said[~new] == late)),
        float(np.mean(said == split.test_y)),
    )


GROUP = Group(
    "late",
    tuple(
        Figure(
            f"late.{source}_{name}_{shots}",
            "recall",
            f"nine classes known, {shots} sample(s) of a tenth: share of it recognised, {name} ({source})",
        )
        for source in SOURCES
        for name in READOUTS
        for shots in SHOTS
    ),
    measure,
    sets=("extractors", "cifar10", "fsdd"),
)
