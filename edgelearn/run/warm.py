"""The kernels made ready before the first sample comes: compiled, or loaded from their cache."""

from collections.abc import Sequence
from copy import copy

import numpy as np

from edgelearn.conv import Conv
from edgelearn.layer import Layer
from edgelearn.learner import Learner
from edgelearn.readouts import Readout

FEATURES = 16  # any number: a kernel is compiled for types, not for sizes


def warm_up(readout: Readout, layers: Sequence[Layer] = ()) -> None:
    """Predict and learn with an empty readout and layers of the same settings; changes nothing else."""
    first = layers[0] if layers else None
    x = np.zeros(int(np.prod(first.shape)) if isinstance(first, Conv) else FEATURES, np.float32)
    for layer in map(copy, layers):
        layer.load({})
        layer.learn_one(x, np.eye(1, layer.n_teach, dtype=np.float32)[0])
        x = layer.transform(x)
    other = Learner(None, type(readout)(**readout.config()), reject_rate=0.5)
    for row in np.eye(FEATURES, dtype=np.float32)[:2]:
        for label in other.classes_[:2] or (0, 1):
            other.feedback(other.predict_one(row).ticket, label=label)
    if readout.reinforces:
        other.feedback(other.predict_one(row).ticket, reward=1.0)
