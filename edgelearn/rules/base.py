r"""What every rule is: pure functions and their constants.

``step`` is the definition, NumPy in the dtype it is given; ``kernel`` does the same in place in float32, bit for
bit: ``kernel(w, pre, post, third, *state, *params)``, where State and Params are NamedTuples of arrays and of
float32 scalars, unpacked because a tuple costs a microsecond to pass.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, cast, get_args

import numpy as np

from edgelearn.compiled import Compiled
from edgelearn.errors import ConfigError, InputError
from edgelearn.types import F32, Array

Sees = Literal["out", "slope", "drive"]
Local = Literal["synapse", "unit", "layer"]


class NoState(NamedTuple):
    """The state of a rule that keeps nothing but its weights."""


def no_state(n_pre: int, n_post: int) -> NoState:
    """Return the state of a rule that keeps nothing."""
    return NoState()


class Rule(NamedTuple):
    """One plasticity rule, Δw = η · g(pre, post, m).

    pre (n_pre,), post and third (n_post,), w (n_pre, n_post). ``sees`` says which value of a unit is its ``post``:
    its output, the slope (surrogate derivative) of its output, or its drive. ``local`` says how far a synapse
    looks: its own two ends, all weights of its unit (a norm), or its layer (a decorrelation).
    """

    name: str
    params: Any  # NamedTuple of np.float32
    init: Callable[[int, int], Any]  # (n_pre, n_post) -> State, a NamedTuple of arrays
    step: Callable[..., tuple[Any, Array]]  # (params, state, w, pre, post, third) -> (state, w)
    kernel: Compiled[..., None]  # (w, pre, post, third, *state, *params), in place
    sees: Sees = "out"
    local: Local = "synapse"
    # step's signature with a leading axis of samples: one step along the sum of their changes at the same weights
    batch: Callable[..., tuple[Any, Array]] | None = None

    def learn(self, state: Any, w: F32, pre: F32, post: F32, third: F32) -> None:
        """Run the kernel on arrays that were checked first; raises InputError, with nothing changed."""
        n_pre, n_post = check_array("w", w, None).shape
        for name, value, n in (("pre", pre, n_pre), ("post", post, n_post), ("third", third, n_post)):
            check_array(name, value, (n,))
            if not np.isfinite(value).all():
                raise InputError(f"{name} has NaN or infinity; nothing was learned")
        for name, value, like in zip(state._fields, state, self.init(n_pre, n_post), strict=True):
            check_array(f"state.{name}", value, like.shape, like.dtype)
        self.kernel(w, pre, post, third, *state, *self.params)


def seen(sees: str) -> Sees:
    """Return what a rule sees of a unit; raises ConfigError unless it is one of `Sees`."""
    if sees not in get_args(Sees):
        raise ConfigError(f"sees must be one of {', '.join(get_args(Sees))}, not {sees!r}")
    return cast(Sees, sees)


def check_array(name: str, value: object, shape: tuple[int, ...] | None, dtype: object = np.float32) -> Array:
    """Return an array as a kernel may have it; raises InputError naming it (``shape`` None: any matrix)."""
    kind = np.dtype(dtype)  # type: ignore[call-overload]  # of any object
    if not isinstance(value, np.ndarray) or value.dtype != kind:
        found = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise InputError(f"{name} must be an array of {kind}, not {found}")
    if value.shape != shape and (shape is not None or value.ndim != 2):
        raise InputError(f"{name} must have shape {shape or '(n_pre, n_post)'}, not {value.shape}")
    if not value.flags.c_contiguous:
        raise InputError(f"{name} must lie in C order; use numpy.ascontiguousarray({name})")
    return value


def bounded(w: Array, low: np.float32, high: np.float32) -> Array:
    """The definition of hard bounds: weights within [low, high]; NaN stays."""
    w = np.where(w < low, low, w)
    return np.where(w > high, high, w)
