"""SoftHebb networks as they are measured: learned under a bar, or as drawn."""

from collections.abc import Mapping, Sequence

import numpy as np

from edgelearn.bench.run import Run
from edgelearn.systems.softhebb import SoftHebb
from edgelearn.types import F32

SETTLE = 2000  # images that a random network takes its statistics from
STEP = 1000  # images between two moves of a progress bar
Bars = dict[str, list[float]]  # what was measured: learned, random, without competition


def fitted(run: Run, net: SoftHebb, X: F32, title: str = "learning") -> SoftHebb:
    """Return the network once it has seen ``X`` (n, n_pre), in its order."""
    for start in run.progress(range(0, len(X), STEP), title, len(X) // STEP):
        net.fit(X[start : start + STEP])
    return net


def random(net: SoftHebb, X: F32) -> SoftHebb:
    """Return the network as it was drawn, every unit at norm 1, with the statistics of its inputs."""
    net.settle(X[:1])
    for stage in net.stages:
        stage.layer.w /= np.linalg.norm(stage.layer.w, axis=0)
    return net.settle(X[:SETTLE])


def bar(rows: Sequence[Mapping[str, float]], *names: str) -> list[float]:
    """Return the means over seeds."""
    return [float(np.mean([row[name] for row in rows])) for name in names]
