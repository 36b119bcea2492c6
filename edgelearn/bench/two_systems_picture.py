"""The picture of two systems: what each way to see makes of a class from a few examples, and what is forgotten."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.bench.filters import COLOURS
from edgelearn.bench.two_systems_tasks import Task

SHADES = {"learned": COLOURS[0], "frozen": "#a9cbd6", "backprop": COLOURS[2], "raw": COLOURS[1]}

KEPT = (
    ("old", "slda, before", "#a9cbd6"),
    ("after", "slda, after, class by class", COLOURS[0]),
    ("joint", "slda, random order", "#5b8c5a"),
    ("sgd_after", "SGD, after, class by class", COLOURS[2]),
    ("sgd_joint", "SGD, random order", COLOURS[1]),
)


def draw(
    path: Path,
    task: Task,
    means: Mapping[str, float],
    new: Mapping[str, str],
    eyes: Mapping[str, str],
    fast: Sequence[str],
) -> None:
    """Write the picture: accuracy from 1 and 5 examples, by memory, new characters, old classes before and after."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 7.5), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=(1.25, 1))
    above, below = parts
    panels: Any = above.subplots(1, len(new))
    for panel, (name, title) in zip(panels, new.items(), strict=True):
        _few(panel, name, title, means, eyes)
    panels[0].set_ylabel("accuracy on the new classes")
    above.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    left, middle, right = below.subplots(1, 3, width_ratios=(1, 1.1, 1.9))
    _characters(left, task)
    _memories(middle, means, eyes, fast)
    _kept(right, means)
    figure.savefig(path, dpi=110)


def _few(panel: Any, name: str, title: str, means: Mapping[str, float], eyes: Mapping[str, str]) -> None:
    for k, (eye, said) in enumerate(eyes.items()):
        values = [means[f"{name}_{shots}_{eye}"] for shots in (1, 5)]
        drawn = panel.bar(np.arange(2) + (k - 1.5) * 0.2, values, 0.2, label=said, color=SHADES[eye])
        panel.bar_label(drawn, fmt="%.2f", fontsize=7)
    panel.set_title(title.replace(", ", "\n", 1), fontsize=10)
    panel.set_xticks(range(2), ["1 example", "5 examples"])
    panel.set_ylim(0, 1.05)


def _memories(panel: Any, means: Mapping[str, float], eyes: Mapping[str, str], fast: Sequence[str]) -> None:
    for k, eye in enumerate(eyes):
        names = [f"characters_5_{eye}" + ("" if memory == "imprint" else f"_{memory}") for memory in fast]
        places = np.arange(len(fast)) + (k - 1.5) * 0.2
        drawn = panel.bar(places, [means[name] for name in names], 0.2, color=SHADES[eye])
        panel.bar_label(drawn, fmt="%.2f", fontsize=7)
    panel.set_xticks(range(len(fast)), fast)
    panel.set_ylim(0, 1.05)
    panel.set_title("new characters, 5 examples,\nby memory", fontsize=10)


def _characters(panel: Any, task: Task) -> None:
    new = task.new["characters"]
    rows = [new.x[new.y == kind][:5].reshape(5, 28, 28) for kind in np.unique(new.y)[::6][:7]]
    panel.imshow(np.concatenate([np.concatenate(list(row)) for row in rows], axis=1), cmap="gray_r")
    panel.set_title("characters that came later,\nfive drawers each", fontsize=10)
    panel.axis("off")


def _kept(panel: Any, means: Mapping[str, float]) -> None:
    tasks = ("omniglot", "words", "camera")
    for k, (key, label, colour) in enumerate(KEPT):
        values = [means[f"{task}_{key}"] for task in tasks]
        drawn = panel.bar(np.arange(3) + (k - 2) * 0.17, values, 0.17, label=label, color=colour)
        panel.bar_label(drawn, fmt="%.2f", fontsize=7)
    panel.set_xticks(range(3), tasks)
    panel.set_ylim(0, 1.3)
    panel.set_title("old classes named rightly, before and after new ones came", fontsize=10)
    panel.legend(frameon=False, ncols=3, fontsize=8, loc="upper center")
