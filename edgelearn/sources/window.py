"""Windows over a signal that arrives in blocks."""

from collections.abc import Iterable, Iterator

import numpy as np

from edgelearn.types import F32


def windows(blocks: Iterable[F32], window: int, hop: int) -> Iterator[tuple[int, F32]]:
    """Yield (start, samples (window, ...)) each ``hop`` samples over blocks (n, ...) of any length.

    Start and lengths are in samples. What is left at the end and fills no window is dropped; at most one
    window and one block are kept.
    """
    kept: F32 | None = None
    origin = 0  # where ``kept`` begins in the signal
    start = 0  # where the next window begins
    for block in blocks:
        kept = block if kept is None else np.concatenate([kept, block])
        while start + window <= origin + len(kept):
            yield start, kept[start - origin : start - origin + window].copy()
            start += hop
        passed = min(start - origin, len(kept))
        kept = kept[passed:]
        origin += passed
