"""What a step of LLS costs beside back-propagation, counted: one layer's activities in place of all, and no way back.

The signal is what brings an error to a layer: all products but those of the forward passes and of the changes, which
both take alike, one product a weight each. Ours is two products a class and unit (or field of a map); that of
back-propagation one a weight and position, in all layers but the first.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench import backprop, backprop_conv, counts
from edgelearn.bench.counting import counted
from edgelearn.bench.counts import Cost
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.systems.lls import LLS

KINDS = {"lls": "3 x 500", "lls.conv": "32-64-128-512"}  # prefix of figures: the network

FIGURES = tuple(
    figure
    for prefix, net in KINDS.items()
    for figure in (
        *counts.figures(prefix),
        Figure(f"{prefix}.signal", "products", f"{net}: that bring the layers their errors"),
        Figure(f"{prefix}.signal_bp", "products", "the same by back-propagation"),
        Figure(
            f"{prefix}.signal_fewer",
            "",
            f"{net}: back-propagation's over ours (the paper: up to 300)",
            Goal(">=", 10 if prefix == "lls" else 200),
        ),
    )
)


def measure(
    prefix: str, net: LLS, twin: backprop.Backprop | backprop_conv.BackpropConv
) -> Iterator[Measured]:
    """Yield the figures of one network and its twin."""
    ours, theirs = cost(net), twin.cost()
    yield from counts.costs(prefix, ours, theirs)
    x, y = np.ones((1, net.n_pre), np.float32), np.zeros(1, np.int64)
    signal = ours.macs - 2 * counted(net.arrays, lambda: net.predict_many(x))
    signal_bp = theirs.macs - 2 * counted(twin.arrays, lambda: twin.accuracy(x, y))
    yield Measured(f"{prefix}.signal", float(signal))
    yield Measured(f"{prefix}.signal_bp", float(signal_bp))
    yield Measured(f"{prefix}.signal_fewer", signal_bp / signal)


def cost(net: LLS) -> Cost:
    """Return what one update takes a sample: input, map and signal of one layer at a time.

    Batch normalisation needs two samples.
    """
    x, y = np.ones((2, net.n_pre), np.float32), np.zeros(2, np.int64)
    kept = [
        np.prod(block.shape) + np.prod(block.shape_map) + len(net.basis(k))
        for k, block in enumerate(net.blocks)
    ]
    return Cost(4 * int(max(kept)), counted(net.arrays, lambda: net.learn(x, y, 1e-3)) // 2)
