"""What one update from one sample costs: bytes that learning keeps beside the weights, and products made.

Memory is what must be there at once on a device that learns from one sample at a time and changes weights in place:
activities, errors, traces, statistics, and what a synapse keeps of its own, such as an eligibility; not the weights,
which prediction needs as well. The two moments of Adam a weight are the same on either side, and left out on either.
Products are those of the forward passes, of errors on their way, and of the changes. Where answers come from a readout
that is trained on what the system learned, its cost is told beside the system's own; that of a network trained by
back-propagation has its last layer in it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from edgelearn.bench.figure import Figure, Measured


class Cost(NamedTuple):
    """Of one update from one sample."""

    bytes: int
    macs: int


def ridge(n_features: int, n_classes: int) -> Cost:
    """Return what `edgelearn.readouts.Ridge` takes: its statistics, of which one half is kept, and its weights."""
    d, c = n_features, n_classes
    return Cost(
        4 * d * d + 8 * c * d, d * d + d * d // 2 + 2 * c * d
    )  # R z, half of its change; W z, its change


def softmax(n_features: int, n_classes: int) -> Cost:
    """Return what a softmax on features takes: they and the shares of the classes, scores and changes."""
    return Cost(4 * (n_features + n_classes), 2 * n_classes * n_features)


def figures(prefix: str, beside: str = "back-propagation", *, readout: bool = False) -> tuple[Figure, ...]:
    """Return the declarations of the four figures of a comparison, and of the two of a readout trained beside ours."""
    more = (
        Figure(f"{prefix}.memory_readout", "bytes", "kept beside that by the readout on what was learned"),
        Figure(f"{prefix}.macs_readout", "products", "of one update of that readout"),
    )
    return (
        Figure(f"{prefix}.memory", "bytes", "kept for learning from one sample"),
        Figure(f"{prefix}.memory_bp", "bytes", f"the same by {beside}"),
        Figure(f"{prefix}.macs", "products", "of one update, forward passes included"),
        Figure(f"{prefix}.macs_bp", "products", f"the same by {beside}"),
        *(more if readout else ()),
    )


def costs(prefix: str, ours: Cost, backprop: Cost, readout: Cost | None = None) -> Iterator[Measured]:
    """Yield those figures."""
    for end, cost in (("", ours), ("_bp", backprop), ("_readout", readout)):
        if cost is not None:
            yield Measured(f"{prefix}.memory{end}", float(cost.bytes))
            yield Measured(f"{prefix}.macs{end}", float(cost.macs))
