"""What every neuron is: how a unit turns its drive into activity; pure functions and their constants.

``step`` is the definition, NumPy in the dtype it is given; ``kernel`` does the same in place in float32, bit for
bit: ``kernel(drive, out, slope, *state, *params)``.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from edgelearn.compiled import Compiled
from edgelearn.errors import ConfigError
from edgelearn.types import Array

Local = Literal["unit", "layer"]


class NoState(NamedTuple):
    """The state of a unit that remembers nothing."""


def no_state(n_post: int) -> NoState:
    """Return the state of a unit that remembers nothing."""
    return NoState()


def enough_units(k: int, n_post: int) -> NoState:
    """Return the state of a unit that competes for ``k`` ranks; raises ConfigError where there are fewer units."""
    if n_post < k:
        raise ConfigError(f"k must be at most n_post={n_post}, not {k}")
    return NoState()


class Neuron(NamedTuple):
    """One unit model. drive, out and slope are (n_post,).

    ``out`` is what the next layer sees; ``slope`` is what plasticity may see in its place: the derivative of the
    output by the drive, or the surrogate a paper names where there is none.
    """

    name: str
    params: Any  # NamedTuple of np.float32
    init: Callable[[int], Any]  # n_post -> State, a NamedTuple of arrays
    step: Callable[..., tuple[Any, Array, Array]]  # (params, state, drive) -> (state, out, slope)
    kernel: Compiled[..., None]  # (drive, out, slope, *state, *params), in place
    still: Any = None  # params for prediction, where what lasts (an adaptive threshold) must not move
    # fields of the state that start anew with every sample (a potential); the others last (an adaptive threshold)
    fades: tuple[str, ...] = ()
    # (params, drive (n, n_post)) -> out (n, n_post), many samples at once; None for units with memory
    batch: Callable[[Any, Array], Array] | None = None
    # how far a unit looks: its own drive, or (competition, inhibition) those of its layer
    local: Local = "unit"
    surrogate: bool = False  # slope stands in for a derivative that the output does not have
