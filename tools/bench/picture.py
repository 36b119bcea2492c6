"""The picture of accuracy while new classes arrive, two at a time."""

import shutil
from pathlib import Path

from tools._venv import ROOT
from tools.bench.features import Split

MADE = ROOT / ".bench" / "camera_stream.png"
KEPT = ROOT / "examples" / "pictures"
EVERY = 150  # samples between two looks at the whole test set
LOOKS = {
    "rp_ridge": ("random projection + ridge", "#1b7837"),
    "slda": ("streaming LDA", "#2166ac"),
    "ncm": ("nearest class mean", "#999999"),
    "softmax": ("online softmax", "#d6604d"),
}


def camera(split: Split, offline: float, path: Path = MADE) -> None:
    """Learn the stream once with each readout and draw what the whole test set says on the way."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from edgelearn.evaluate.incremental import class_course

    course = class_course(split.y, split.test_y, step=2, seed=0)
    figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
    axes.axhline(offline, color="black", linestyle="--", linewidth=1)
    axes.annotate("offline ridge, all classes at once", (0, offline), (4, 4), textcoords="offset points")
    for name, (words, colour) in LOOKS.items():
        seen, accuracy = _curve(name, split, [index for step in course.steps for index in step])
        axes.plot(seen, accuracy, color=colour, linewidth=2, label=f"{words}: {accuracy[-1]:.2f}")
    edge = 0
    for number, step in enumerate(course.steps):
        axes.axvspan(edge, edge + len(step), color="black", alpha=0.04 * (number % 2), linewidth=0)
        axes.annotate(
            f"classes {2 * number + 1}–{2 * number + 2}",
            (edge + len(step) / 2, 0.015),
            ha="center",
            fontsize=8,
            color="#555555",
        )
        edge += len(step)
    axes.set(xlim=(0, edge), ylim=(0, 0.8), xlabel="samples learned, each seen once")
    axes.set_ylabel("accuracy on all 10 classes")
    axes.set_title("CIFAR-10 on a frozen MobileNet v1 0.25: two new classes at a time", fontsize=11)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.0, 0.8))
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def keep() -> None:
    """Copy the picture, if it was made, to the place that the README shows."""
    if MADE.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MADE, KEPT / MADE.name)


def _curve(name: str, split: Split, order: list[int]) -> tuple[list[int], list[float]]:
    import numpy as np

    from edgelearn import readouts

    readout = readouts.make(name)
    seen, accuracy = [0], [0.0]
    for start in range(0, len(order), EVERY):
        rows = order[start : start + EVERY]
        readout.learn_many(split.x[rows], split.y[rows])
        seen.append(start + len(rows))
        accuracy.append(float(np.mean(np.array(readout.predict_many(split.test_x)) == split.test_y)))
    return seen, accuracy
