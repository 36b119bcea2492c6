"""What units that learned without labels stand for: each is given the class it answers most, and votes for it.

Labels come from training samples only. Diehl & Cook 2015, Front. Comput. Neurosci. 9:99, section 2.6; the vote
weighted by proportions is BindsNET's (Hazan et al. 2018, Front. Neuroinform. 12:89).
"""

from typing import Literal, NamedTuple

import numpy as np

from edgelearn.errors import InputError
from edgelearn.types import F64, I64, Array

How = Literal["activity", "proportion"]
NOBODY = -1  # the class of a unit that never spiked


class Votes(NamedTuple):
    """Which class each unit stands for."""

    classes: Array  # (C,) labels, ascending
    stands_for: I64  # (n_post,) index into classes, or NOBODY
    share: F64  # (C, n_post) mean spikes for each class, over their sum


def assign(counts: Array, labels: Array) -> Votes:
    """Give each unit the class with its highest mean response; counts (n, n_post), labels (n,).

    Raises InputError where there is not one label a sample, or none.
    """
    labels = np.asarray(labels)
    if labels.shape != (len(counts),) or not len(labels):
        raise InputError(
            f"labels must be one for each of {len(counts)} samples, at least one, not {labels.shape}"
        )
    classes = np.unique(labels)
    mean = np.stack([counts[labels == c].mean(axis=0, dtype=np.float64) for c in classes])
    total = mean.sum(axis=0)
    share = mean / np.where(total > 0, total, 1)
    return Votes(classes, np.where(total > 0, mean.argmax(axis=0), NOBODY), share)


def predict(votes: Votes, counts: Array, how: How = "activity") -> Array:
    """Return the label (n,) whose units responded most in the mean; counts (n, n_post).

    "activity" takes their spikes as they are, "proportion" weighs a unit's by its share of spikes for its class.
    """
    scores = np.zeros((len(counts), len(votes.classes)))
    for c in range(len(votes.classes)):
        units = votes.stands_for == c
        if units.any():
            seen = counts[:, units] * votes.share[c, units] if how == "proportion" else counts[:, units]
            scores[:, c] = seen.mean(axis=1)
    return np.asarray(votes.classes[scores.argmax(axis=1)])
