"""Arrays with a guard around them, to see a kernel that writes or reads past their ends."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from edgelearn.types import Array

GUARDS = (-77, 30_000)  # two values: what a kernel read past an end changes its result with the guard


class Guarded:
    """A copy of an array amid ``value``: ``inside`` is what a kernel may touch."""

    def __init__(self, array: Array, value: int) -> None:
        margin = array.size + 64
        self._around = np.full(array.size + 2 * margin, value).astype(array.dtype)
        self._margin, self._value = margin, value
        self.inside = self._around[margin : margin + array.size].reshape(array.shape)
        self.inside[...] = array

    @property
    def whole(self) -> bool:
        """Whether nothing was written outside."""
        left, right = self._around[: self._margin], self._around[-self._margin :]
        return bool((left == self._value).all() and (right == self._value).all())


def guarded(arrays: Sequence[Array], value: int) -> list[Guarded]:
    """Return a guarded copy of each array."""
    return [Guarded(array, value) for array in arrays]


def stays_inside(kernel: Callable[..., None], arrays: Sequence[Guarded], params: Iterable[object]) -> bool:
    """Run a kernel on guarded arrays and return whether it stayed inside them."""
    try:
        kernel(*(g.inside for g in arrays), *params)
    except IndexError:  # with the JIT off NumPy sees it first
        return False
    return all(g.whole for g in arrays)
