"""What every signal is: where the third factor comes from; pure functions and their constants.

``step`` is the definition, NumPy in the dtype it is given; ``kernel`` does the same in place in float32, bit for
bit: ``kernel(out, teach, third, *state, *params)``. What ``teach`` (n_teach,) carries is the signal's own word:
nothing (0,), a one-hot label, an error, a target, one reward (1,), the ``choice`` made and its reward (2,), whether
the sample is ``real`` (1,), or the ``difference`` of the rewards of two passes (1,).
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from edgelearn.compiled import Compiled
from edgelearn.errors import InputError
from edgelearn.types import Array

Teaches = Literal["nothing", "label", "error", "target", "reward", "choice", "real", "difference"]


class NoState(NamedTuple):
    """The state of a signal that remembers nothing."""


def no_state(n_post: int) -> NoState:
    """Return the state of a signal that remembers nothing."""
    return NoState()


def nobody(n_post: int) -> int:
    """Return 0: there is no teacher."""
    return 0


def one(n_post: int) -> int:
    """Return 1: the teacher says one number."""
    return 1


def each(n_post: int) -> int:
    """Return ``n_post``: the teacher says a number to each unit."""
    return n_post


def anything(n_post: int, teach: Array) -> None:
    """Accept every finite ``teach``."""


def shares(n_post: int, teach: Array) -> None:
    """Accept a label, one-hot or soft; raises InputError for a value outside [0, 1]."""
    outside = (teach < 0) | (teach > 1)
    if outside.any():
        raise InputError(f"teach is a label, each value in [0, 1], not {teach[outside.argmax()]:g}")


class Signal(NamedTuple):
    """One third factor. out and third are (n_post,), teach (n_teach,)."""

    name: str
    params: Any  # NamedTuple of np.float32
    init: Callable[[int], Any]  # n_post -> State, a NamedTuple of arrays
    step: Callable[..., tuple[Any, Array]]  # (params, state, out, teach) -> (state, third)
    kernel: Compiled[..., None]  # (out, teach, third, *state, *params), in place
    teaches: Teaches = "nothing"
    n_teach: Callable[[int], int] = nobody  # n_post -> length of teach
    # (params, out (n, n_post), teach (n, n_teach)) -> third (n, n_post); None for signals that remember
    batch: Callable[[Any, Array, Array], Array] | None = None
    # (n_post, teach) -> raises InputError for a teach of the right length that means nothing
    check: Callable[[int, Array], None] = anything
