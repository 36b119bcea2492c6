"""What units that learned without labels stand for: each is given the class it answers most, and votes for it.

Labels come from training samples only. Diehl & Cook 2015, Front. Comput. Neurosci. 9:99, section 2.6; the vote
weighted by proportions is BindsNET's (Hazan et al. 2018, Front. Neuroinform. 12:89).
"""

from typing import Literal, NamedTuple, get_args

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.readouts.labels import clean_label
from edgelearn.rules.base import check_array
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

    Raises InputError where there is not one label a sample, or none, for labels that are all one, or not all int or all
    str, and for counts that are no numbers from 0.
    """
    counts = _counted(counts)
    labels = _of_one_kind(labels, len(counts))
    classes = np.unique(labels)
    if len(classes) < 2:
        raise InputError(
            f"all labels are {classes[0]}; there is nothing to tell apart: give samples of two classes"
        )
    mean = np.stack([counts[labels == c].mean(axis=0, dtype=np.float64) for c in classes])
    total = mean.sum(axis=0)
    share = mean / np.where(total > 0, total, 1)
    return Votes(classes, np.where(total > 0, mean.argmax(axis=0), NOBODY), share)


def predict(votes: Votes, counts: Array, how: How = "activity") -> Array:
    """Return the label (n,) whose units responded most in the mean; counts (n, n_post).

    "activity" takes their spikes as they are, "proportion" weighs a unit's by its share of spikes for its class.
    Raises ConfigError for another ``how`` and InputError for counts of other units.
    """
    if how not in get_args(How):
        raise ConfigError(f"how must be one of {', '.join(get_args(How))}, not {how!r}")
    if _counted(counts).shape[1] != votes.stands_for.size:
        raise InputError(f"counts must be of {votes.stands_for.size} units, not {counts.shape[1]}")
    scores = np.zeros((len(counts), len(votes.classes)))
    for c in range(len(votes.classes)):
        units = votes.stands_for == c
        if units.any():
            seen = counts[:, units] * votes.share[c, units] if how == "proportion" else counts[:, units]
            scores[:, c] = seen.mean(axis=1)
    return np.asarray(votes.classes[scores.argmax(axis=1)])


def restored(votes: Votes, n_post: int) -> Votes:
    """Return a copy of saved votes; raises InputError for what `assign` gives no ``n_post`` units."""
    classes, stands_for, share = votes
    n = len(classes) if isinstance(classes, np.ndarray) and classes.ndim == 1 else 0
    if not np.array_equal(np.unique(_of_one_kind(classes, n)), classes):
        raise InputError("votes.classes must ascend, each once")
    check_array("votes.stands_for", stands_for, (n_post,), np.int64)
    check_array("votes.share", share, (n, n_post), np.float64)
    if stands_for.min() < NOBODY or stands_for.max() >= n:
        raise InputError(f"votes.stands_for must be {NOBODY} or the index of one of {n} classes")
    if not (share.min() >= 0 and share.max() <= 1):
        raise InputError("votes.share must be in [0, 1]")
    return Votes(*map(np.array, votes))


def _counted(counts: object) -> Array:
    if not isinstance(counts, np.ndarray) or counts.ndim != 2 or counts.dtype.kind not in "iuf":
        found = f"{counts.dtype}{counts.shape}" if isinstance(counts, np.ndarray) else type(counts).__name__
        raise InputError(f"counts must be an array of numbers (n, n_post), not {found}")
    if counts.size and not (counts.min() >= 0 and counts.max() < np.inf):
        raise InputError("counts must be finite and at least 0")
    return counts


def _of_one_kind(labels: Array, n: int) -> Array:
    given = np.asarray(labels, object)  # as they are: a 1 beside an "a" must not become a "1"
    if given.shape != (n,) or n == 0:
        raise InputError(f"labels must be one for each of {n} samples, at least one, not {given.shape}")
    if len({type(clean_label(label)) for label in given}) > 1:
        raise InputError("labels must be all int or all str; use one kind")
    typed = isinstance(labels, np.ndarray) and labels.dtype != object
    found = labels if typed else np.array(given.tolist())
    if found.dtype.kind not in "iuU":
        raise InputError("labels must be whole numbers that fit 64 bits, or str")
    return found
