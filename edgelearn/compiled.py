"""The only import of numba: one decorator, one law.

A kernel is compiled at its first call, never at import, so importing a module of kernels stays free of
numba; the result is kept in numba's on-disk cache. With ``NUMBA_DISABLE_JIT=1`` the plain Python runs.
``fastmath`` is for kernels that have no twin in C; all others keep the written order, without contraction.
A fastmath loop that sums must not store as well: the compiler then asks at run time whether arrays lie close
together, sums in another order where they do, and results change in the last bit from one process to the next
(tests/kernels/test_placement.py). A kernel may call another kernel.

Called by its own name a kernel refuses arrays that are not what its annotations say; ``dispatcher`` trusts its
caller, for hot loops whose arrays were checked once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from hashlib import sha256
from pathlib import Path
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar

from edgelearn.errors import InputError
from edgelearn.types import F32

P = ParamSpec("P")
R = TypeVar("R")


class Compiled(Generic[P, R]):
    """A kernel that compiles itself at its first call; ``definition`` is the Python it is compiled from."""

    def __init__(self, definition: Callable[P, R], fastmath: bool) -> None:
        update_wrapper(self, definition)
        self.definition = definition
        self._fastmath = fastmath
        self._dispatcher: Callable[P, R] | None = None
        self._names = definition.__code__.co_varnames[: definition.__code__.co_argcount]

    @property
    def dispatcher(self) -> Callable[P, R]:
        """The numba function itself: 0.1 µs cheaper to call in a hot loop."""
        if self._dispatcher is None:
            self._dispatcher = _njit(self.definition, self._fastmath)
        return self._dispatcher

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        for name, value in (*zip(self._names, args, strict=False), *kwargs.items()):
            if (
                self.definition.__annotations__.get(name) == F32
                and getattr(value, "dtype", None) != "float32"
            ):
                found = getattr(value, "dtype", type(value).__name__)
                raise InputError(
                    f"{self.definition.__name__}: {name} must be an array of float32, not {found}"
                )
        return self.dispatcher(*args, **kwargs)


def compiled(*, fastmath: bool = False) -> Callable[[Callable[P, R]], Compiled[P, R]]:
    """Mark a function as a kernel: ``@compiled()``, or ``@compiled(fastmath=True)`` where order is free."""
    return lambda definition: Compiled(definition, fastmath)


@contextmanager
def compiling(tell: Callable[[str], None]) -> Iterator[None]:
    """Have ``tell`` called with the name of each kernel that is about to be compiled, as none found in the cache is."""
    from numba.core import event

    class Told(event.Listener):
        def on_start(self, event: Any) -> None:
            tell(event.data["dispatcher"].py_func.__name__)

        def on_end(self, event: Any) -> None:
            """Tell nothing."""

    with event.install_listener("numba:compile", Told()):
        yield


def _njit(definition: Callable[..., Any], fastmath: bool) -> Any:
    import numba

    return numba.njit(cache=True, fastmath=fastmath, nogil=True, error_model="numpy")(_resolved(definition))


def _resolved(definition: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with the kernels it calls as numba functions, which is all that numba can call.

    Numba's disk cache looks at the file of the caller only, so the name says what the files of all that it calls,
    directly or not, held.
    """
    assert isinstance(definition, FunctionType)
    called = _called(definition)
    if not called:
        return definition
    names = {name: kernel.dispatcher for name, kernel in called.items()}
    scope = definition.__globals__ | names
    copy = FunctionType(definition.__code__, scope, definition.__name__, definition.__defaults__)
    update_wrapper(copy, definition)
    held = b"".join(Path(file).read_bytes() for file in sorted(_files(definition)))
    copy.__qualname__ += "_" + sha256(held).hexdigest()[:8]
    return copy


def _called(definition: Callable[..., Any]) -> dict[str, Compiled[..., Any]]:
    """Return the kernels that a function calls, by the names it calls them."""
    assert isinstance(definition, FunctionType)
    scope, names = definition.__globals__, definition.__code__.co_names
    return {name: scope[name] for name in names if isinstance(scope.get(name), Compiled)}


def _files(definition: Callable[..., Any]) -> set[str]:
    """Return the files of all kernels that a function calls, directly or through others."""
    found: set[str] = set()
    for kernel in _called(definition).values():
        found |= {kernel.definition.__code__.co_filename} | _files(kernel.definition)
    return found
