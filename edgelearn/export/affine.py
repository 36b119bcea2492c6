r"""A readout whose scores are affine, as the bias and weights that a microcontroller predicts with.

.. math:: s_c(x) = b_c + x \cdot w_c

SLDA and ridge keep float64 matrices to learn with; to predict, n_pre + 1 questions show all there is to them. b and w
are float32, so a score differs from the host's by no more than `tolerance`, and the label is the host's wherever the
two best scores lie further apart than twice that.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.readouts import Readout
from edgelearn.types import F32, F64

_ASK = 2.0**20  # a power of two, so large that what the bias takes from the digits of a weight is nothing
_ROUNDING = 2.0**-24  # of float32, relative


class Affine(NamedTuple):
    """Scores (n_post,) = bias + x @ w; bias (n_post,), w (n_pre, n_post)."""

    bias: F32
    w: F32


def affine(readout: Readout) -> Affine:
    """Return bias and weights of a readout whose scores are affine; raises ConfigError for one that learned nothing,
    or whose weights float32 does not hold."""
    n_pre = readout.n_features
    if n_pre is None or not readout.classes_:
        raise ConfigError(
            f"this {readout.name} has learned nothing, so there is nothing to predict; teach it first"
        )
    bias = readout.scores_one(np.zeros(n_pre, np.float32))
    w = np.empty((n_pre, len(bias)))
    for i in range(n_pre):
        ask = np.zeros(n_pre, np.float32)
        ask[i] = _ASK
        w[i] = (readout.scores_one(ask) - bias) / _ASK
    with np.errstate(over="ignore"):
        found = Affine(bias.astype(np.float32), w.astype(np.float32))
    if not (np.isfinite(found.bias).all() and np.isfinite(found.w).all()):
        raise ConfigError(f"this {readout.name} has weights that float32 does not hold; scale the features")
    return found


def tolerance(head: Affine, x: F32) -> F64:
    """Return the most by which each score (n_post,) of ``x`` (n_pre,) in float32 may differ from that in float64.

    Rounding of each weight, each product and each sum of n_pre + 1 terms (Higham 2002, "Accuracy and Stability of
    Numerical Algorithms", section 3.1).
    """
    sizes = np.abs(head.bias.astype(np.float64)) + np.abs(x.astype(np.float64)) @ np.abs(
        head.w.astype(np.float64)
    )
    return np.asarray((len(x) + 4) * _ROUNDING * sizes)
