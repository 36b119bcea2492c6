"""The picture of GRLU: what pairs of pushes are worth while learning, and how well they tell the gradient."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

BLUE, RED, GREY, ORANGE = "#1f6f8b", "#b2182b", "#999999", "#d98f4e"
WORDS = {
    "improved": ("ours, 16 pairs", BLUE, "-"),
    "published_many": ("as published, 128 pairs", RED, "-"),
    "published": ("as published, 16 pairs", RED, "--"),
    "published_one": ("as published, 1 pair", RED, ":"),
    "ungated": ("ours without the gate", ORANGE, "-"),
    "quiet": ("ours, hidden units frozen", GREY, "-"),
    "published_quiet": ("as published, 16 pairs, frozen", GREY, "--"),
    "published_many_quiet": ("as published, 128 pairs, frozen", GREY, ":"),
}
NOISE = {"same": ("same noise added and taken away", BLUE), "other": ("other noise in the second pass", RED)}


def draw(
    path: Path, curves: Mapping[str, Sequence[float]], cosines: Mapping[str, Mapping[int, float]]
) -> None:
    """Write the picture: ``curves`` accuracy after each epoch, ``cosines`` by noise and number of pairs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.6), layout="constrained")
    learning, alignment = figure.subplots(1, 2)
    _curves(learning, curves)
    for name, (label, colour) in NOISE.items():
        alignment.plot(*zip(*cosines[name].items(), strict=True), marker="o", color=colour, label=label)
    alignment.set(
        xlabel="pairs", xscale="log", ylabel="cosine", ylim=(0, 1.02),
        title="What pairs say of the true gradient (35 units, one sample)",
    )  # fmt: skip
    alignment.legend(frameon=False, fontsize=8, loc="lower right")
    figure.savefig(path, dpi=110)


def _curves(axes: Any, curves: Mapping[str, Sequence[float]]) -> None:
    for name, (label, colour, dashes) in WORDS.items():
        curve = curves[name]
        axes.plot(
            range(1, len(curve) + 1), curve, dashes, marker="o", markersize=3, color=colour,
            label=f"{label}: {curve[-1]:.3f}",
        )  # fmt: skip
    axes.set(
        xlabel="epochs", ylabel="accuracy on the test images", ylim=(0.84, 0.97),
        title="MNIST 60k, 784-256-10, one sample at a time, one seed",
    )  # fmt: skip
    axes.legend(frameon=False, fontsize=8, loc="lower right")
