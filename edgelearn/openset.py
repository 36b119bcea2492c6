"""Rejection of strangers: a threshold on novelty, set from a wanted rate of false rejects.

Split conformal prediction (Vovk et al. 2005; Lei et al. 2018, section 2.2): novelty is measured on samples of
known classes *before* they are learned, and a new sample is rejected when it is stranger than all but a share
``rate`` of the recent ones. On an exchangeable stream that share is the false-reject rate.
"""

from collections.abc import Mapping

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.types import Array

WINDOW = 512  # recent novelties kept
EVERY = 8  # once the window is full, one sample in so many is measured: it costs as much as a prediction


class Rejection:
    """The recent novelties of known samples and the threshold that follows from them."""

    def __init__(self, rate: float | None) -> None:
        if rate is not None and not 0.0 <= rate < 1.0:
            raise ConfigError(f"reject_rate is at least 0 (never) and below 1, not {rate}")
        self.rate = rate or None
        self._window = np.zeros(WINDOW)
        self._offered = 0
        self._kept = 0
        self._threshold = np.inf

    @property
    def threshold(self) -> float:
        """Novelty above which a sample is a stranger; infinite until enough known samples were measured."""
        return self._threshold

    @property
    def memory_bytes(self) -> int:
        """Bytes of the window."""
        return self._window.nbytes

    def wants(self) -> bool:
        """Return whether the next known sample is to be measured, and count it."""
        if self.rate is None:
            return False
        self._offered += 1
        return self._kept < WINDOW or self._offered % EVERY == 0

    def add(self, novelty: float) -> None:
        """Take in the novelty of a sample of a known class, measured before it was learned."""
        self._window[self._kept % WINDOW] = novelty
        self._kept += 1
        self._settle()

    def state(self) -> dict[str, Array]:
        """Return the window as arrays."""
        counts = np.array([self._offered, self._kept])
        return {"window": self._window[: min(self._kept, WINDOW)], "counts": counts}

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned."""
        window = arrays["window"]
        self._window[: len(window)] = window
        self._offered, self._kept = (int(count) for count in arrays["counts"])
        self._settle()

    def _settle(self) -> None:
        if self.rate is None:
            return
        n = min(self._kept, WINDOW)
        rank = int(np.ceil((n + 1) * (1.0 - self.rate)))
        known = self._window[:n]
        self._threshold = float(np.partition(known, rank - 1)[rank - 1]) if rank <= n else np.inf
