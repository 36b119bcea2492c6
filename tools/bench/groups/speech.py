"""New words, and new speakers, one pass over real speech."""

from collections.abc import Iterator

from tools.bench import features
from tools.bench.figure import Figure, Goal, Group, Measured

SEEDS = range(5)
READOUTS = ("slda", "ncm", "rp_ridge", "softmax")
TASKS = {"digits": ("digit", 2), "speakers": ("speaker", 1)}


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn import readouts
    from edgelearn.evaluate import class_incremental
    from edgelearn.evaluate.controls import OfflineRidge

    for task, (label, step) in TASKS.items():
        split = features.speech(label)
        found: dict[str, list[float]] = {name: [] for name in (*READOUTS, "offline")}
        for seed in SEEDS:
            bound = OfflineRidge(split.x, split.y, seed)
            found["offline"].append(float(np.mean(bound.predict(split.test_x) == split.test_y)))
            for name in READOUTS:
                result = class_incremental(readouts.make(name), *split, step=step, seed=seed)
                found[name].append(result.accuracy)
        yield Measured(
            f"speech.{task}",
            float(np.mean(found["slda"])),
            spread=float(np.std(found["slda"])),
            note=", ".join(f"{name} {np.mean(found[name]):.3f}" for name in found if name != "slda"),
            detail=found,
        )


GROUP = Group(
    "speech",
    (
        Figure("speech.digits", "accuracy", "5 steps of 2 spoken digits, streaming LDA", Goal(">=", 0.99)),
        Figure("speech.speakers", "accuracy", "4 speakers one at a time, streaming LDA", Goal(">=", 0.88)),
    ),
    measure,
    sets=("extractors", "fsdd"),
)
