"""Multiply-accumulates counted while they are made."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np

from edgelearn.types import Array


class Counting(np.ndarray[Any, Any]):
    """An array that counts the multiply-accumulates of every matrix product it, or what comes of it, is part of."""

    macs = 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [_plain(a) for a in inputs]
        if "out" in options:
            options["out"] = tuple(_plain(a) for a in options["out"])
        result = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul:
            Counting.macs += np.size(result) * plain[0].shape[-1]
        return _counting(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _counting(super().__array_function__(func, types, args, kwargs))


def counted(arrays: dict[str, Array], work: Callable[[], object]) -> int:
    """Return the multiply-accumulates that ``work`` makes with ``arrays``, which are themselves again afterwards.

    Counted are products by ``@``; what a compiled kernel makes is not seen.
    """
    plain = dict(arrays)
    arrays.update({name: a.view(Counting) for name, a in plain.items()})
    Counting.macs = 0
    try:
        with patch.object(np, "asarray", np.asanyarray):  # which would end the counting
            work()
    finally:
        arrays.update(plain)
    return Counting.macs


def _plain(a: Any) -> Any:
    return a.view(np.ndarray) if isinstance(a, Counting) else a


def _counting(result: Any) -> Any:
    return result.view(Counting) if isinstance(result, np.ndarray) else result
