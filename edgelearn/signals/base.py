"""What every signal is: where the third factor comes from; pure functions and their constants.

``step`` is the definition, NumPy in the dtype it is given; ``kernel`` does the same in place in float32, bit for
bit: ``kernel(out, teach, third, *state, *params)``. What ``teach`` (n_teach,) carries is the signal's own word:
nothing (0,), a one-hot label, an error, a target, or one reward.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from edgelearn.types import Array

Teaches = Literal["nothing", "label", "error", "target", "reward"]


class NoState(NamedTuple):
    """The state of a signal that remembers nothing."""


def no_state(n_post: int) -> NoState:  # noqa: ARG001 (the signature of every init)
    """Return the state of a signal that remembers nothing."""
    return NoState()


def nobody(n_post: int) -> int:  # noqa: ARG001 (the signature of every n_teach)
    """Return 0: there is no teacher."""
    return 0


class Signal(NamedTuple):
    """One third factor. out and third are (n_post,), teach (n_teach,)."""

    name: str
    params: Any  # NamedTuple of np.float32
    init: Callable[[int], Any]  # n_post -> State, a NamedTuple of arrays
    step: Callable[..., tuple[Any, Array]]  # (params, state, out, teach) -> (state, third)
    kernel: Callable[..., None]  # (out, teach, third, *state, *params), in place
    teaches: Teaches = "nothing"
    n_teach: Callable[[int], int] = nobody  # n_post -> length of teach
