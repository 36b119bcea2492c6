"""What holds a cap, and what was seen of a running device: the two small values that travel between these modules."""

from typing import NamedTuple


class Held(NamedTuple):
    """``by``: what enforces a cap; ``trust``: how far, in a sentence."""

    by: str
    trust: str


class Look(NamedTuple):
    """A moment of the run: seconds since its start, resident memory and CPU seconds of the tree, samples so far."""

    t_s: float
    rss_bytes: int
    cpu_s: float
    samples: int
