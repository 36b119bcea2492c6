"""The kernels made ready before the first sample comes: compiled, or loaded from their cache."""

import numpy as np

from edgelearn.learner import Learner
from edgelearn.readouts import Readout

FEATURES = 16  # any number: a kernel is compiled for types, not for sizes


def warm_up(readout: Readout) -> None:
    """Predict and learn with an empty readout of the same kind and hyperparameters; changes nothing else."""
    other = Learner(None, type(readout)(**readout.config()), reject_rate=0.5)
    for row in np.eye(FEATURES, dtype=np.float32)[:2]:
        for label in (0, 1):
            other.feedback(other.predict_one(row).ticket, label=label)
