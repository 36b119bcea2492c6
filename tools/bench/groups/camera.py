"""New classes in front of a camera, two at a time: what each readout knows at the end of one pass."""

from collections.abc import Iterator

from tools.bench import features, picture
from tools.bench.figure import Figure, Goal, Group, Measured

SEEDS = range(5)
READOUTS = ("ncm", "slda", "ridge", "rp_ridge", "softmax")


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn import readouts
    from edgelearn.evaluate import class_incremental
    from edgelearn.evaluate.controls import OfflineRidge

    split = features.camera()
    final: dict[str, list[float]] = {name: [] for name in READOUTS}
    forgot: dict[str, list[float]] = {name: [] for name in READOUTS}
    offline = []
    for seed in SEEDS:
        bound = OfflineRidge(split.x, split.y, seed)
        offline.append(float(np.mean(bound.predict(split.test_x) == split.test_y)))
        for name in READOUTS:
            result = class_incremental(readouts.make(name), *split, step=2, seed=seed)
            final[name].append(result.accuracy)
            forgot[name].append(result.forgetting)
    yield Measured("camera.offline", float(np.mean(offline)), spread=float(np.std(offline)))
    for name in READOUTS:
        yield Measured(
            f"camera.{name}",
            float(np.mean(final[name])),
            spread=float(np.std(final[name])),
            detail={"seeds": final[name], "forgetting": float(np.mean(forgot[name]))},
        )
    gap = np.array(offline) - np.array(final["slda"])
    yield Measured("camera.slda_gap", float(gap.mean()), spread=float(gap.std()))
    gain = np.array(final["rp_ridge"]) - np.array(final["slda"])
    yield Measured("camera.rp_ridge_gain", float(gain.mean()), spread=float(gain.std()))
    picture.camera(split, float(np.mean(offline)))


GROUP = Group(
    "camera",
    (
        Figure("camera.offline", "accuracy", "10 classes, ridge fitted to everything at once (the bound)"),
        Figure("camera.ncm", "accuracy", "5 steps of 2 new classes, nearest class mean"),
        Figure("camera.slda", "accuracy", "the same, streaming LDA"),
        Figure("camera.ridge", "accuracy", "the same, recursive ridge"),
        Figure("camera.rp_ridge", "accuracy", "the same, random projection + ridge"),
        Figure("camera.softmax", "accuracy", "the same, online softmax: the control that forgets"),
        Figure("camera.slda_gap", "accuracy", "offline bound minus streaming LDA", Goal("<=", 0.01)),
        Figure(
            "camera.rp_ridge_gain",
            "accuracy",
            "random projection + ridge minus streaming LDA",
            Goal(">=", 0.0),
        ),
    ),
    measure,
    sets=("extractors", "cifar10"),
)
