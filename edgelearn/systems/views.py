"""Two views of the same thing: what a network learns to see as one, without being told what it is.

A `Pairs` draws them: (rng, X (n, n_pre), who (batch,)) -> two views (batch, n_pre) of those samples, float32.
"""

from collections.abc import Callable, Iterable

import numpy as np

from edgelearn.bounds import at_least, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.types import F32, I64, Array

Pairs = Callable[[np.random.Generator, F32, I64], tuple[F32, F32]]
Draw = Callable[[np.random.Generator, F32], F32]


def shifts(shape: tuple[int, int] = (28, 28), by: int = 3) -> Draw:
    """Return what moves each grey image (n, height * width) by up to ``by`` pixels either way; 0 comes in.

    Raises ConfigError for a shape or a shift that leaves no image.
    """
    sides = tuple(shape) if isinstance(shape, Iterable) else ()
    if len(sides) != 2:
        raise ConfigError(f"shape must be (height, width) of a grey image, not {shape!r}")
    height, width = (whole("shape", side, 1) for side in sides)
    by = whole("by", by, 0)
    if by >= min(height, width):
        raise ConfigError(f"by must be less than the sides of the image, {height} and {width}, not {by}")

    def draw(rng: np.random.Generator, X: F32) -> F32:
        n = len(X)
        return moved(X, (height, width), rng.integers(-by, by + 1, n), rng.integers(-by, by + 1, n))

    return draw


def moved(X: F32, shape: tuple[int, int], down: Array, right: Array) -> F32:
    """Return images (n, height * width) moved by ``down`` and ``right`` pixels (n,); 0 comes in."""
    (height, width), n = shape, len(X)
    if X.shape[1] != height * width:
        raise InputError(f"an image of shape {shape} has {height * width} values, not {X.shape[1]}")
    far = int(max(np.abs(down).max(initial=0), np.abs(right).max(initial=0)))
    room = np.pad(X.reshape(n, height, width), ((0, 0), (far, far), (far, far)))
    windows = np.lib.stride_tricks.sliding_window_view(room, (height, width), axis=(1, 2))
    return np.asarray(windows[np.arange(n), far - down, far - right]).reshape(n, -1)


def augmented(shape: tuple[int, int] = (28, 28), by: int = 3, gain: float = 0.3, noise: float = 0.1) -> Draw:
    """Return what shifts images by up to ``by`` pixels, scales them by 1 ± ``gain`` and adds normal ``noise``.

    Raises ConfigError for a gain or noise below 0, and as `shifts`.
    """
    move, loudest, by_chance = (
        shifts(shape, by),
        float(at_least("gain", gain, 0)),
        at_least("noise", noise, 0),
    )

    def draw(rng: np.random.Generator, X: F32) -> F32:
        view = move(rng, X) * rng.uniform(1 - loudest, 1 + loudest, (len(X), 1)).astype(np.float32)
        return view + by_chance * rng.standard_normal(X.shape, np.float32)

    return draw


def twice(draw: Draw) -> Pairs:
    """Return pairs of two independent draws of each sample."""
    return lambda rng, X, who: (draw(rng, X[who]), draw(rng, X[who]))


def frames(rng: np.random.Generator, X: F32, who: I64) -> tuple[F32, F32]:  # noqa: ARG001 (of a Pairs)
    """Return pairs of frames that follow each other, X in the order of time; the last one is its own successor."""
    return X[who], X[np.minimum(who + 1, len(X) - 1)]
