"""How well pairs of pushes tell the gradient of the reward: the cosine between what they say and what is true."""

from collections.abc import Sequence

import numpy as np

from edgelearn.signals import perturbation
from edgelearn.systems.grlu import GRLU, inputs
from edgelearn.systems.grlu_passes import shown
from edgelearn.types import Array

MANY = (1, 4, 16, 128, 1024)  # pairs
SIZES, UNITS, LABEL = (20, 30, 5), 35, 2
SIGMA, STEP = 1e-3, 1e-5  # of a push, of a difference


def alignments(noise: str, seeds: int = 10) -> dict[int, float]:
    """Return the cosine of the mean third factor with the true gradient, by the number of pairs.

    A net of 30 hidden and 5 last units at its start, one sample, pushes of 0.001, float64, the mean over ``seeds``.
    With ``noise`` "other" the second pass of a pair has noise of its own.
    """
    sums = dict.fromkeys(MANY, 0.0)
    for seed in range(seeds):
        net = GRLU(SIZES, seed=seed)
        w = [each.astype(np.float64) for each in net.w]
        x = inputs(np.random.default_rng(seed).standard_normal((1, 20), np.float32))[0].astype(np.float64)
        true, mean = gradient(w, x, LABEL), np.zeros(UNITS)
        for pairs in range(1, max(sums) + 1):
            mean += _told(w, x, pairs, seed, noise)
            if pairs in sums:
                sums[pairs] += float(mean @ true / np.linalg.norm(mean) / np.linalg.norm(true)) / seeds
    return sums


def gradient(w: Sequence[Array], x: Array, label: int) -> Array:
    """Return the gradient of the reward by each unit's output (units of all layers,), by central differences."""
    rewards = [[shown(w, x, label, side * push).reward for side in (1, -1)] for push in STEP * np.eye(UNITS)]
    return np.array([(plus - minus) / (2 * STEP) for plus, minus in rewards])


def _told(w: Sequence[Array], x: Array, pair: int, seed: int, noise: str) -> Array:
    there, back = _push(seed, pair), _push(seed, pair + (max(MANY) if noise == "other" else 0))
    r = (shown(w, x, LABEL, there).reward - shown(w, x, LABEL, -back).reward) / 2
    return np.asarray(r * there)


def _push(seed: int, number: int) -> Array:
    signal = perturbation.signal(SIGMA, seed)
    state = signal.init(UNITS)._replace(sample=np.array([number]))
    return perturbation.noise(signal.params, state, UNITS).astype(np.float64)
