"""`edgelearn doctor --warm`: every kernel compiled, or found in the cache, ahead of the first sample."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Warmed(NamedTuple):
    """One rule, neuron, signal or readout made ready."""

    name: str
    seconds: float
    compiled: bool  # False: it was in the cache

    def __str__(self) -> str:
        return f"{self.name:28} {'compiled' if self.compiled else 'loaded'} in {self.seconds:.2f} s"


def warm() -> Iterator[Warmed]:
    """Make all kernels ready, one part after the other."""
    from edgelearn.compiled import compiling
    from edgelearn.run.prepare import everything

    told: list[str] = []
    with compiling(told.append):
        for name, make_ready in everything():
            before, start = len(told), time.perf_counter()
            make_ready()
            yield Warmed(name, time.perf_counter() - start, len(told) > before)


def cache() -> Path | None:
    """Return the folder that keeps compiled kernels, or None when nothing is compiled (NUMBA_DISABLE_JIT)."""
    from edgelearn.kernels.checks import all_finite

    stats = getattr(all_finite.dispatcher, "stats", None)
    return None if stats is None else Path(stats.cache_path)
