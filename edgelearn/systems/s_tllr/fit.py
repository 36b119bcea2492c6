"""Training over epochs: shuffled batches, Adam, a cosine that ends at 0."""

from collections.abc import Callable, Iterator

import numpy as np

from edgelearn.bounds import whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import cosine, train
from edgelearn.systems.s_tllr import checks
from edgelearn.systems.s_tllr.net import SpikingNet
from edgelearn.systems.s_tllr.traces import gradient as by_traces
from edgelearn.types import I64, Array

Draw = Callable[[np.random.Generator, I64], tuple[Array, Array]]
CHUNK = 500  # samples at once
Gradient = Callable[[SpikingNet, Array, Array], dict[str, Array]]


def fit(
    net: SpikingNet,
    draw: Draw,
    n_samples: int,
    *,
    epochs: int,
    batch: int = 64,
    seed: int = 0,
    gradient: Gradient = by_traces,
    shuffled: bool = True,
) -> Iterator[int]:
    """Train ``net``, yielding the number of epochs done after each.

    ``draw`` returns x (T, n, n_in) and y (n,) of the samples of these numbers (n,), coded anew at every call where
    the code is random. The learning rate starts at the eta of the net's rule. ``shuffled`` False keeps the samples in
    their order. Raises ConfigError for a setting out of its bounds and InputError for fewer samples than a batch, or
    all of one class, at once (so ``draw`` is asked for some beforehand, with a generator of their own), and InputError
    for samples that `SpikingNet.check` refuses, with nothing learned of them.
    """
    whole("n_samples", n_samples, 1)
    if not callable(draw):
        raise ConfigError(f"draw must be a function of (rng, who) that returns x and y, not {draw!r}")
    rng = np.random.default_rng(checks.within("seed", seed, 0, checks.SEEDS))
    adam, eta = Adam(), float(net.rule.params.eta)

    def step(who: I64, done: float) -> None:
        adam.step(net.arrays, gradient(net, *_drawn(draw, rng, who)), eta * cosine(done))

    found = train(step, n_samples, epochs=epochs, batch=batch, rng=rng, shuffled=shuffled)
    _check_classes(net, draw, n_samples, batch)
    return found


def _drawn(draw: Draw, rng: np.random.Generator, who: I64) -> tuple[Array, Array]:
    found = draw(rng, who)
    if not isinstance(found, tuple) or len(found) != 2:
        raise InputError(f"draw must return a tuple of x and y, not {type(found).__name__}")
    return found


def _check_classes(net: SpikingNet, draw: Draw, n_samples: int, batch: int) -> None:
    """Raise InputError where all samples are of one class; codes no more of them than show two."""
    first = None
    for start in range(0, n_samples, batch):
        x, y = _drawn(draw, np.random.default_rng(0), np.arange(start, min(start + batch, n_samples)))
        net.check(x, y)
        first = y[0] if first is None else first
        if (y != first).any():
            return
    raise InputError(f"all labels are {first}; there is nothing to tell apart: give samples of two classes")


def accuracy(net: SpikingNet, x: Array, y: Array, last: int | None = None) -> float:
    """Return the share of samples named rightly by the last steps, all for None: x (T, n, n_in), y (n,).

    x may have any real dtype. Raises InputError for other samples and for none, ConfigError by `SpikingNet.scores`.
    """
    checks.classes(y, checks.sequences(x, net.late, net.sizes[0]).shape[1], net.sizes[-1])
    right = 0
    for a in range(0, len(y), CHUNK):
        frames = x[:, a : a + CHUNK].astype(net.dtype)
        right += int((net.predict_many(frames, last) == y[a : a + CHUNK]).sum())
    return right / len(y)
