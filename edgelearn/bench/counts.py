"""What one update from one sample costs: bytes that learning keeps beside the weights, and products made.

Memory is what must be there at once on a device that learns from one sample at a time and changes weights in place:
activities, errors, traces, statistics, and what a synapse keeps of its own, such as an eligibility; not the weights,
which prediction needs as well. The two moments of Adam a weight are the same on either side, and left out on either.
Products are those of the forward passes, of errors on their way, and of the changes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from edgelearn.bench.figure import Figure, Measured


class Cost(NamedTuple):
    """Of one update from one sample."""

    bytes: int
    macs: int


def figures(prefix: str, beside: str = "back-propagation") -> tuple[Figure, ...]:
    """Return the declarations of the four figures of a comparison."""
    return (
        Figure(f"{prefix}.memory", "bytes", "kept for learning from one sample"),
        Figure(f"{prefix}.memory_bp", "bytes", f"the same by {beside}"),
        Figure(f"{prefix}.macs", "products", "of one update, forward passes included"),
        Figure(f"{prefix}.macs_bp", "products", f"the same by {beside}"),
    )


def costs(prefix: str, ours: Cost, backprop: Cost) -> Iterator[Measured]:
    """Yield those figures."""
    for name, value in zip(
        ("memory", "memory_bp", "macs", "macs_bp"),
        (ours.bytes, backprop.bytes, ours.macs, backprop.macs),
        strict=True,
    ):
        yield Measured(f"{prefix}.{name}", float(value))
