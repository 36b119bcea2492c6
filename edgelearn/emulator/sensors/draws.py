"""Random numbers by position: any stretch of them can be drawn again, whatever was drawn before.

>>> draws = Draws(7, "Noise", 0)
>>> draws.normal(1000, 2)  # of samples 1000 and 1001, the same in a block of any size

Rule: raw bits of a counter (Philox), whose stream NumPy keeps for ever, and arithmetic that is the same everywhere.
"""

from hashlib import blake2b

import numpy as np

from edgelearn.emulator.sensors.exact import normal_quantile
from edgelearn.types import F64

_PER_COUNT = 4  # values that Philox gives for each value of its counter


class Draws:
    """The numbers of one user of a seed; ``names`` say who it is, so that nobody's numbers move another's."""

    def __init__(self, seed: int, *names: str | int) -> None:
        said = repr((int(seed), *names)).encode()
        self._key = int.from_bytes(blake2b(said, digest_size=16).digest(), "little")

    def uniform(self, start: int, count: int, width: int = 1) -> F64:
        """Return ``width`` numbers in (0, 1) for each of ``count`` samples from ``start`` on, (count, width)."""
        first, skipped = divmod(start * width, _PER_COUNT)
        bits = np.random.Philox(key=self._key, counter=first).random_raw(skipped + count * width)[skipped:]
        # 52 bits and a half: neither 0 nor 1, and as far from the one as from the other
        whole = (bits >> np.uint64(12)).astype(np.float64)
        return ((whole + 0.5) * 2.0**-52).reshape(count, width)

    def normal(self, start: int, count: int, width: int = 1) -> F64:
        """Return the same of standard normal numbers, (count, width)."""
        return normal_quantile(self.uniform(start, count, width))
