"""The picture of R-STDP: a synapse that is found in an hour, and what waits at it for one reward."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.kernels.r_stdp_stream import D
from edgelearn.systems.r_stdp import RStdp, Task
from edgelearn.types import F32, Array

BLUE, RED, GREY, ORANGE = "#1f6f8b", "#b2182b", "#999999", "#d98f4e"
WORDS = {
    "rewarded": ("chosen synapse", BLUE, "-"),
    "random": ("chosen, rewards at random times", RED, "-"),
    "no_trace": ("chosen, eligibility of 10 ms", ORANGE, "-"),
}
STEP_MS, BEFORE_S, AFTER_S, LIFE_S = 10, 4.0, 1.5, 120


def draw(path: Path, lives: Mapping[str, F32], minutes: float) -> None:
    """Write the picture: ``lives`` holds weights (n, n_pre) every so many minutes, synapse 0 the chosen one."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.6), layout="constrained")
    hour, wait = figure.subplots(1, 2)
    _weights(hour, lives, minutes)
    _reward(wait)
    figure.savefig(path, dpi=110)


def _weights(axes: Any, lives: Mapping[str, F32], minutes: float) -> None:
    others = lives["rewarded"][:, 1:]
    time = minutes * np.arange(1, len(others) + 1)
    low, high = np.quantile(others, [0.05, 0.95], axis=1)
    axes.fill_between(time, low, high, color=GREY, alpha=0.3, linewidth=0, label="99 others, 5 to 95 %")
    axes.plot(time, others.mean(axis=1), color=GREY, label="99 others, mean")
    for name, weights in lives.items():
        label, colour, dashes = WORDS[name]
        axes.plot(time, weights[:, 0], dashes, color=colour, label=label)
    axes.set(
        xlabel="minutes", ylabel="weight (mV)", ylim=(0, 4.6),
        title="A reward 1-3 s late finds the synapse that earned it",
    )  # fmt: skip
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper left")


def _reward(axes: Any) -> None:
    """Show a lone reward of two minutes, that which found most left."""
    traces, due = _traced()
    at = np.flatnonzero(due)
    apart = np.diff(at, prepend=0, append=len(due))
    alone = at[(apart[:-1] > 2000) & (apart[1:] > 1000 * AFTER_S) & (at > 1000 * BEFORE_S)]
    waited = [traces[k // STEP_MS - 1, 0] for k in alone]
    k = int(alone[int(np.argmax(waited))])
    span = np.arange((k - int(1000 * BEFORE_S)) // STEP_MS, (k + int(1000 * AFTER_S)) // STEP_MS)
    time = (span * STEP_MS - k) / 1000
    axes.plot(time, traces[span, 0], color=BLUE, label="eligibility of the chosen synapse")
    axes.plot(time, traces[span, 1:-1].mean(axis=1), color=GREY, label="mean eligibility of the others")
    axes.plot(time, traces[span, -1] / 5, color=RED, label="dopamine less what was expected, / 5")
    axes.axvline(0, color=RED, linestyle=":")
    axes.axhline(0, color="#000000", linewidth=0.5)
    axes.set(
        xlabel="seconds from the reward (dots)",
        title="What waits for one reward, and decides what it is worth",
    )
    axes.legend(frameon=False, fontsize=8)


def _traced() -> tuple[Array, Array]:
    """Return eligibilities and dopamine (n, n_pre + 1) of a young unit every few ms, and its rewards (T,)."""
    net, due = RStdp(seed=3), np.zeros(LIFE_S * 1000, np.float32)
    seen = [
        np.append(net.arrays["c"], net.arrays["unit"][D]) for _ in net.live(due, Task(), every_ms=STEP_MS)
    ]
    return np.array(seen), due
