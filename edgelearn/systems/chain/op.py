"""What every operation of a chain is, and the one that marks an output."""

from typing import NamedTuple, Protocol

from edgelearn.types import F32


class Op(Protocol):
    """One operation on many samples (n, values)."""

    def __call__(self, X: F32) -> F32: ...


class Tap(NamedTuple):
    """What is there becomes part of the output."""

    def __call__(self, X: F32) -> F32:
        return X
