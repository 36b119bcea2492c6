"""A wall clock that is wrong: off, drifting, and set while the work runs.

>>> EdgeDevice("pi-zero-2w", clock=Skew(offset_s=-3600, drift_ppm=80, jumps=[(1.0, 3600.0)]))

Only CLOCK_REALTIME is skewed (clock_gettime, gettimeofday, time, timespec_get); the monotonic clocks stay, as they do
on a real board when its time is set. Not skewed: the times of files, and waits until an instant of the wall clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgelearn.errors import ConfigError

VARIABLE = "EDGELEARN_CLOCK"


@dataclass(frozen=True)
class Skew:
    """``offset_s`` from the start on, ``drift_ppm`` µs gained each second, ``jumps`` of (at_s of the run, by_s).

    Raises ConfigError for what is not finite, or a jump before the start.
    """

    offset_s: float = 0.0
    drift_ppm: float = 0.0
    jumps: Sequence[tuple[float, float]] = ()

    def __post_init__(self) -> None:
        try:
            jumps = tuple((float(at_s), float(by_s)) for at_s, by_s in self.jumps)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"jumps are pairs (at_s, by_s), not {self.jumps!r}") from error
        object.__setattr__(self, "jumps", jumps)
        if not all(map(math.isfinite, (self.offset_s, self.drift_ppm, *(x for jump in jumps for x in jump)))):
            raise ConfigError(f"a skew is made of finite numbers, not {self!r}")
        if any(at_s < 0 for at_s, _ in jumps):
            raise ConfigError(f"a clock jumps at 0 s of the run or later, not {self.jumps!r}")

    def variable(self, start_s: float) -> str:
        """Return what the preloaded library reads; ``start_s`` is the monotonic time of the start. All in ns."""
        parts = [
            round(start_s * 1e9),
            round(self.offset_s * 1e9),
            round(self.drift_ppm * 1e3),
            len(self.jumps),
        ]
        return " ".join(map(str, parts + [round(x * 1e9) for jump in self.jumps for x in jump]))

    def for_python(self, start_s: float) -> dict[str, Any]:
        """Return what `runner` gives itself where there is no library."""
        return {
            "start_s": start_s, "offset_s": self.offset_s, "drift_ppm": self.drift_ppm,
            "jumps": list(map(list, self.jumps)),
        }  # fmt: skip
