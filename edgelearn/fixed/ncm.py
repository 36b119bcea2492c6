r"""Nearest class mean in fixed point: whole sums and counts, and a distance without rounding.

.. math::
    \mu_{ic} = \lfloor (s_{ic} + \lfloor n_c / 2 \rfloor) / n_c \rfloor, \qquad
    d_c = \sum_i (x_i - \mu_{ic})^2

Inputs and means are int16 with 15 fraction bits; sums int32: |s| is at most n · 2**15 and n at most 65535, so it fits.
A class that has 65535 samples has its sums halved, and its count 32768, before the next: from there on it is a mean of
the latest.
d is int64, and exact: the class is the first of those at the least d. Scores are :math:`-d / 2^s`, s being the least
that holds any distance: 17 + ⌈log2 n_pre⌉; -32768 for a class without samples, which is never the answer. Means follow
from sums and counts; they are kept beside them, not part of the state.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed.number import I16, I32, LOWEST, saturated
from edgelearn.types import I64, Array

FULL = 65535  # samples of a class


class State(NamedTuple):
    sums: I32  # (n_pre, n_post), 15 bits
    counts: I32  # (n_post,) 0 to FULL


def init(n_pre: int, n_post: int) -> State:
    """Return classes without samples."""
    return State(np.zeros((n_pre, n_post), np.int32), np.zeros(n_post, np.int32))


def held(s: State) -> State:
    """Return the state with counts and sums within what samples can make; others cannot be learned from safely."""
    counts = np.clip(s.counts, 0, FULL)
    most = counts.astype(np.int64) << 15
    return State(np.clip(s.sums, -most, most).astype(np.int32), counts)


def means(s: State) -> I16:
    """Return the means (n_pre, n_post); 0 for a class without samples."""
    counts = np.maximum(s.counts, 1).astype(np.int64)
    found: I64 = (s.sums + counts // 2) // counts
    return saturated(found)


def learn(s: State, x: Array, c: int) -> State:
    """Return the state after one more sample ``x`` (n_pre,) of class ``c``."""
    sums, counts = s.sums.copy(), s.counts.copy()
    if counts[c] == FULL:
        sums[:, c] >>= 1
        counts[c] = (FULL + 1) >> 1
    sums[:, c] += x
    counts[c] += 1
    return State(sums, counts)


def distances(s: State, x: Array) -> I64:
    """Return the squared distances (n_post,) of ``x`` (n_pre,), 30 bits."""
    apart = x.astype(np.int64)[:, None] - means(s)
    return np.asarray((apart * apart).sum(axis=0))


def predict(s: State, x: Array) -> tuple[I16, int]:
    """Return the scores (n_post,) and the class, -1 where none has samples."""
    known = s.counts > 0
    far = distances(s, x)
    scores = np.where(known, -(far >> (17 + (len(x) - 1).bit_length())), LOWEST).astype(np.int16)
    if not known.any():
        return scores, -1
    return scores, int(np.argmin(np.where(known, far, np.iinfo(np.int64).max)))
