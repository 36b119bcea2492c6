"""Multiply-accumulates counted while they are made."""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgelearn.types import Array


class Counting(np.ndarray[Any, Any]):
    """An array that counts the multiply-accumulates of every matrix product it, or what comes of it, is part of."""

    macs = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [a.view(np.ndarray) if isinstance(a, Counting) else a for a in inputs]
        if "out" in options:
            options["out"] = tuple(
                a.view(np.ndarray) if isinstance(a, Counting) else a for a in options["out"]
            )
        if ufunc is np.matmul:
            Counting.macs += plain[0].shape[0] * plain[0].shape[1] * plain[1].shape[1]
        result = getattr(ufunc, method)(*plain, **options)
        return result.view(Counting) if isinstance(result, np.ndarray) else result


def counted(arrays: dict[str, Array], work: Callable[[], object]) -> int:
    """Return the multiply-accumulates that ``work`` makes with ``arrays``, which are themselves again afterwards."""
    plain = dict(arrays)
    arrays.update({name: a.view(Counting) for name, a in plain.items()})
    Counting.macs = 0
    try:
        work()
    finally:
        arrays.update(plain)
    return Counting.macs
