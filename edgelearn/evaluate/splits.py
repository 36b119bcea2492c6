"""Training and test samples of one data set, stratified, drawn from a seed."""

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.types import I64, Array


def stratified(groups: Array, fraction: float, rng: np.random.Generator) -> tuple[I64, I64]:
    """Return sorted indices (train, test) with ``fraction`` of each group in the test part.

    ``groups`` (n,) are labels. A group keeps at least one sample on each side; a
    group of one is for training.
    """
    if not 0 < fraction < 1:
        raise ConfigError(f"a test fraction lies between 0 and 1, got {fraction}")
    test = np.zeros(len(groups), np.bool_)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        if len(members) > 1:
            wanted = min(max(int(fraction * len(members) + 0.5), 1), len(members) - 1)
            test[rng.permutation(members)[:wanted]] = True
    return np.flatnonzero(~test), np.flatnonzero(test)


def pairs(*columns: Array) -> I64:
    """Return one group number a row (n,) for each combination of values that occurs in the columns."""
    codes = [np.unique(column, return_inverse=True)[1] for column in columns]
    return np.asarray(np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)[1]).reshape(-1)
