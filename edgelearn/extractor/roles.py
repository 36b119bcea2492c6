"""What each input of a network is for: the sample, a state that is fed back, or a constant."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from edgelearn.errors import ModelError
from edgelearn.types import Array

Dim: TypeAlias = int | str | None
_NOT_BATCH = ("time", "frame", "seq", "len", "sample", "height", "width", "channel")


class Tensor(NamedTuple):
    """An input or output as the network declares it; a dimension that is free is a name or None."""

    name: str
    shape: tuple[Dim, ...]
    dtype: "np.dtype[Any]"


class Roles(NamedTuple):
    """Who is who among the inputs."""

    sample: Tensor
    states: dict[str, str]  # input -> the output that becomes its next value
    constants: list[Tensor]


def assign(
    inputs: Sequence[Tensor], outputs: Sequence[Tensor], constants: Iterable[str], feature: str | None
) -> Roles:
    """Find the sample, the states and the constants.

    A state is an input that finds an output of its own dtype, a fitting shape and a name that begins alike
    (``state`` and ``stateN``, ``h_in`` and ``h_out``). The sample is the first input that is neither state
    nor constant. Raises ModelError when there is none.
    """
    named = set(constants)
    if unknown := named - {tensor.name for tensor in inputs}:
        raise ModelError(
            f"constants names {sorted(unknown)}, but the inputs are {[tensor.name for tensor in inputs]}."
        )
    rest = [tensor for tensor in inputs if tensor.name not in named]
    if not rest:
        raise ModelError(
            "The network has no input left for the sample; name only the extra inputs in constants."
        )
    states = _states(rest, [tensor for tensor in outputs if tensor.name != feature]) if len(rest) > 1 else {}
    free = [tensor for tensor in rest if tensor.name not in states]
    sample = free[0] if free else rest[0]
    states.pop(sample.name, None)
    states |= _states(
        free[1:], [tensor for tensor in outputs if tensor.name == feature]
    )  # a cut at a state itself
    others = [tensor for tensor in inputs if tensor.name not in states and tensor.name != sample.name]
    return Roles(sample, states, others)


def missing(constants: Sequence[Tensor], given: Mapping[str, Any]) -> None:
    """Raise ModelError when an extra input has no value."""
    for tensor in constants:
        if tensor.name not in given:
            shape = f"shape {list(tensor.shape)}" if tensor.shape else "one number"
            raise ModelError(
                f"The input {tensor.name!r} ({tensor.dtype}, {shape}) needs a fixed value: "
                f"give constants={{{tensor.name!r}: ...}} (--constant {tensor.name}=... at the command line)."
            )


def batch_size(sample: Tensor, feature_shape: Sequence[Dim] = ()) -> int | None:
    """Size of the batch dimension that is fed, or None when the network has none.

    A first dimension that is free or 1 is the batch, unless the tensor has rank 1 or the free dimension is
    named as something else (time, frames ...). A larger fixed one is the batch of a rank 4 input
    when the features have it too; the sample then goes to row 0.
    """
    shape = sample.shape
    if len(shape) < 2:
        return None
    first = shape[0]
    if isinstance(first, int):
        same = len(shape) >= 4 and len(feature_shape) > 1 and feature_shape[0] == first
        return first if first == 1 or same else None
    return None if any(word in (first or "").lower() for word in _NOT_BATCH) else 1


def _states(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> dict[str, str]:
    pairs = [
        (_alike(one.name, other.name), one.name, other.name)
        for one in inputs
        for other in outputs
        if one.dtype == other.dtype and _fits(one.shape, other.shape)
    ]
    states: dict[str, str] = {}
    for length, one, other in sorted(pairs, key=lambda pair: -pair[0]):
        if length and one not in states and other not in states.values():
            states[one] = other
    return states


def _alike(one: str, other: str) -> int:
    """Length of the beginning two names share."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _fits(one: tuple[Dim, ...], other: tuple[Dim, ...]) -> bool:
    if len(one) != len(other):
        return False
    fixed = [(a, b) for a, b in zip(one, other, strict=True) if isinstance(a, int) and isinstance(b, int)]
    return all(a == b for a, b in fixed)


def constant_arrays(constants: Sequence[Tensor], given: Mapping[str, Any]) -> dict[str, Array]:
    """Values of the extra inputs, in the dtype and rank the network takes. Raises ModelError for a misfit."""
    arrays = {}
    for tensor in constants:
        try:
            value = np.asarray(given[tensor.name]).astype(tensor.dtype)
        except (TypeError, ValueError) as error:
            raise ModelError(f"The constant {tensor.name!r} is no {tensor.dtype}: {error}.") from error
        shape = tuple(size if isinstance(size, int) else 1 for size in tensor.shape)
        if value.size == 1 and value.ndim != len(shape):
            value = np.full(shape, value.reshape(()), tensor.dtype)
        if not _fits(tensor.shape, value.shape):
            raise ModelError(
                f"The constant {tensor.name!r} has shape {value.shape}, and the network takes {shape}."
            )
        arrays[tensor.name] = np.array(value, order="C")
    return arrays


def zero_states(inputs: Sequence[Tensor], states: Mapping[str, str]) -> dict[str, Array]:
    """The states at the start of a stream: zeros, with 1 where a dimension is free (the batch)."""
    return {
        tensor.name: np.zeros([size if isinstance(size, int) else 1 for size in tensor.shape], tensor.dtype)
        for tensor in inputs
        if tensor.name in states
    }
