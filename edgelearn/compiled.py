"""The only import of numba: one decorator, one law.

A kernel is compiled at its first call, never at import, so importing a module of kernels stays free of
numba; the result is kept in numba's on-disk cache. With ``NUMBA_DISABLE_JIT=1`` the plain Python runs.
``fastmath`` is for kernels that have no twin in C; all others keep the written order, without contraction.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Compiled(Generic[P, R]):
    """A kernel that compiles itself at its first call; ``definition`` is the Python it is compiled from."""

    def __init__(self, definition: Callable[P, R], fastmath: bool) -> None:
        update_wrapper(self, definition)
        self.definition = definition
        self._fastmath = fastmath
        self._dispatcher: Callable[P, R] | None = None

    @property
    def dispatcher(self) -> Callable[P, R]:
        """The numba function itself: call it in a hot loop, or from another kernel."""
        if self._dispatcher is None:
            self._dispatcher = _njit(self.definition, self._fastmath)
        return self._dispatcher

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.dispatcher(*args, **kwargs)


def compiled(*, fastmath: bool = False) -> Callable[[Callable[P, R]], Compiled[P, R]]:
    """Mark a function as a kernel: ``@compiled()``, or ``@compiled(fastmath=True)`` where order is free."""
    return lambda definition: Compiled(definition, fastmath)


def _njit(definition: Callable[..., Any], fastmath: bool) -> Any:
    import numba

    return numba.njit(cache=True, fastmath=fastmath, nogil=True, error_model="numpy")(definition)
