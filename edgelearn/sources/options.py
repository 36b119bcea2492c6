"""Limits of a source's options, written beside the type: ``Annotated[float, Above(0)]``."""

from typing import NamedTuple


class Above(NamedTuple):
    """The value is a number above this one."""

    low: float

    def holds(self, value: float) -> bool:
        return self.low < value < float("inf")

    def __str__(self) -> str:
        return f"above {self.low:g}"


class Between(NamedTuple):
    """The value is a number from low to high, both included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"from {self.low:g} to {self.high:g}"
