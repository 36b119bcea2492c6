"""Training over epochs: shuffled batches, and how far it has come."""

from collections.abc import Callable, Iterator
from math import cos, pi

import numpy as np

from edgelearn.bounds import flag, whole
from edgelearn.errors import InputError
from edgelearn.types import I64

Step = Callable[
    [I64, float], None
]  # numbers of the samples of a batch (batch,), share of all steps done in [0, 1)


def train(
    step: Step, n: int, *, epochs: int, batch: int, rng: np.random.Generator, shuffled: bool = True
) -> Iterator[int]:
    """Call ``step`` for batches of ``n`` samples, yielding the number of epochs done after each.

    ``shuffled`` draws their order anew each epoch; else they come as they are, as on a device.

    Each epoch leaves out what is left over from whole batches, another rest each time. Raises ConfigError for a
    setting out of its bounds and InputError for fewer samples than a batch, both at once, before anything is learned.
    """
    whole("epochs", epochs, 1), whole("batch", batch, 1), flag("shuffled", shuffled)
    if n < batch:
        raise InputError(f"{n} samples are fewer than a batch of {batch}; give more, or a smaller batch")
    return _epochs(step, n, epochs, batch, rng if shuffled else None)


def _epochs(step: Step, n: int, epochs: int, batch: int, rng: np.random.Generator | None) -> Iterator[int]:
    per_epoch = n // batch
    for epoch in range(epochs):
        order = np.arange(n) if rng is None else rng.permutation(n)
        for k in range(per_epoch):
            who, done = order[k * batch : (k + 1) * batch], (epoch * per_epoch + k) / (epochs * per_epoch)
            with np.errstate(over="ignore", invalid="ignore"):  # `net.tame` refuses what comes of it
                step(who, done)
        yield epoch + 1


def cosine(done: float) -> float:
    """Return the share of the learning rate that is left: half a cosine, from 1 to 0."""
    return 0.5 * (1 + cos(pi * done))


def late_fall(done: float) -> float:
    """Return the share of the learning rate that is left: 1 for the first half, then linearly to 0."""
    return min(1.0, 2 * (1 - done))
