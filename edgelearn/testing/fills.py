"""Inputs on which twins must agree to the bit: ordinary ones, and all that float32 has at its edges."""

from collections.abc import Callable

import numpy as np

from edgelearn.types import F32, Array

FILLS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Array]] = {
    "random": lambda rng, shape: rng.normal(size=shape),
    "positive": lambda rng, shape: rng.uniform(size=shape),
    "spikes": lambda rng, shape: rng.uniform(size=shape) < 0.2,
    "constant": lambda _, shape: np.full(shape, 1 / 3),
    "zero": lambda _, shape: np.zeros(shape),
    "signed zeros": lambda rng, shape: np.copysign(np.zeros(shape), rng.normal(size=shape)),
    "denormal": lambda rng, shape: rng.normal(size=shape) * 1e-41,
    "large": lambda rng, shape: rng.normal(size=shape) * 1e15,
    "infinite squares": lambda rng, shape: rng.normal(size=shape) * 1e30,
    "not finite": lambda rng, shape: rng.choice([np.nan, np.inf, -np.inf, 0.5, -2.0, 0.0], shape),
}
SHAPES = ((1, 1), (3, 1), (1, 5), (7, 4), (8, 8), (17, 3), (33, 10), (64, 37))
LARGE = (257, 130)  # beyond what a kernel may have been written for; once, for it is slow without the JIT


def fill(name: str, rng: np.random.Generator, shape: tuple[int, ...]) -> F32:
    """Return a float32 array of this shape, filled as `FILLS` says."""
    return np.ascontiguousarray(FILLS[name](rng, shape), dtype=np.float32)


def same_bits(a: Array, b: Array) -> bool:
    """Return whether two arrays are equal bit for bit; any NaN equals any NaN, its payload is nobody's law."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    nan = np.isnan(a) & np.isnan(b)
    return bool((nan | ((a == b) & (np.signbit(a) == np.signbit(b)))).all())
