"""What a frozen stack of learned layers computes: a list of plain operations, each with its definition in NumPy.

A system says what it has become by ``frozen()``; `run` is what its features are, and `edgelearn.export.to_onnx` writes
the same operations as a network. Values travel flat, (n, values); maps are (height, width, channels) in C order. A
`Tap` sends what is there to the output as well; with taps, the output is what they saw, side by side.
"""

from collections.abc import Sequence

import numpy as np

from edgelearn.systems.chain.curves import LEAK, Curve, KWinners, Pointwise, Power, Softmax, Triangle
from edgelearn.systems.chain.dense import Dense, Scale
from edgelearn.systems.chain.layers import of_layer, of_settings
from edgelearn.systems.chain.lengths import LayerNorm, RootMeanSquare, Unit
from edgelearn.systems.chain.maps import Conv, Pool
from edgelearn.systems.chain.op import Op, Tap
from edgelearn.types import F32, Array

FEW = 64  # samples at a time: the patches of all would take gigabytes


def run(chain: Sequence[Op], X: F32) -> F32:
    """Return what a chain makes of ``X`` (n, values)."""
    if len(X) <= FEW:
        return _few(chain, X)
    return np.concatenate([_few(chain, X[start : start + FEW]) for start in range(0, len(X), FEW)])


def _few(chain: Sequence[Op], X: F32) -> F32:
    seen: list[Array] = []
    for op in chain:
        X = op(X)
        if isinstance(op, Tap):
            seen.append(X)
    return np.concatenate(seen, axis=1) if seen else X


__all__ = [
    "LEAK",
    "Conv",
    "Curve",
    "Dense",
    "KWinners",
    "LayerNorm",
    "Op",
    "Pointwise",
    "Pool",
    "Power",
    "RootMeanSquare",
    "Scale",
    "Softmax",
    "Tap",
    "Triangle",
    "Unit",
    "of_layer",
    "of_settings",
    "run",
]
