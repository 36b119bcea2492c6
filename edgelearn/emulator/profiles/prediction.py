"""How long work would take on the real board: a prediction from counted work and the board's rates. No measurement.

>>> predict(load("pi-4b"), cpu_s=0.5)  # processor time that was counted here
Prediction(low_s=1.8, high_s=6.9, how='predicted, not measured: ...')
>>> predict(load("cortex-m4f"), instructions=1_000_000).low_s
0.005952380952380952

Rule 1: what is returned says that it is predicted, from what, and how far it may be off. Rule 2: a Linux board's
slowdown lies between the least and the most of the yardsticks, and ``SPREAD`` beyond them on either side; nothing
narrower is known of work we have not seen. Rule 3: only computing is predicted, of the same Python and libraries on a
board that keeps its clock; `NOT_IN_IT` says so in each prediction.
"""

from dataclasses import dataclass

from edgelearn.emulator.profiles.figure import written
from edgelearn.emulator.profiles.known import YARDSTICKS
from edgelearn.emulator.profiles.profile import Profile
from edgelearn.emulator.profiles.verdict import Measured
from edgelearn.emulator.profiles.yardstick import Yardstick, measure
from edgelearn.errors import ConfigError

# how far work lies from its yardstick: of 48 pyperformance benchmarks with one interpreter on a Pi 5 and on an
# i5-8400 (github.com/savannahostrowski/pyperf_bench, 2025-12-30), most ratios are 0.83 to 1.8 times their median
SPREAD = 1.5
NOT_IN_IT = "not in it: waiting for storage, sensors or lines"
_NOT_IN_LINUX = f"{NOT_IN_IT}, another version or build of Python or a library, a board throttled by heat"


@dataclass(frozen=True)
class Prediction:
    """Seconds of one core on the real board, from ``low_s`` to ``high_s``; ``how`` says what they rest on."""

    low_s: float
    high_s: float
    how: str

    def for_budget(self, unit: str) -> Measured:
        """Return it as a budget takes it, in "s" or "ms"."""
        scale = {"s": 1.0, "ms": 1e3}[unit]
        return Measured(low=self.low_s * scale, high=self.high_s * scale, unit=unit, basis="predicted")

    def __str__(self) -> str:
        return f"{written(self.low_s, 's')} to {written(self.high_s, 's')}, {self.how}"

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return {"low_s": self.low_s, "high_s": self.high_s, "basis": "predicted", "how": self.how}


def predict(
    profile: Profile,
    *,
    cpu_s: float | None = None,
    instructions: float | None = None,
    yardstick: Yardstick | None = None,
) -> Prediction:
    """Return the time on the real board of work that took ``cpu_s`` here, or that many ``instructions``.

    ``yardstick``: how fast this machine is; None measures it, once a process. Raises ConfigError where a Linux
    board is not given processor seconds, or a microcontroller not instructions.
    """
    given, wanted = ("cpu_s", cpu_s) if profile.kind == "linux" else ("instructions", instructions)
    if wanted is None or (cpu_s is None) == (instructions is None):
        raise ConfigError(f"time on {profile.name} is predicted from {given}; give that, and nothing else")
    if not 0 <= wanted < float("inf"):
        raise ConfigError(f"{given} is a count of 0 or above, not {wanted!r}")
    if profile.kind == "linux":
        return _from_seconds(profile, wanted, yardstick or measure())
    return _from_instructions(profile, wanted)


def slowdowns(profile: Profile, yardstick: Yardstick) -> dict[str, tuple[float, float]]:
    """Return how many times slower than this machine the board is, from and to, by each yardstick."""
    here = yardstick.rates()
    board = {name: profile.figure(name) for name in YARDSTICKS}
    return {name: (here[name] / board[name].high, here[name] / board[name].low) for name in YARDSTICKS}


def _from_seconds(profile: Profile, cpu_s: float, yardstick: Yardstick) -> Prediction:
    ratios = slowdowns(profile, yardstick)
    low = min(least for least, _ in ratios.values()) / SPREAD
    high = max(most for _, most in ratios.values()) * SPREAD
    by = ", ".join(
        f"{name.split('_')[0]} {least:.1f} to {most:.1f}" for name, (least, most) in ratios.items()
    )
    how = (
        f"predicted, not measured: {written(cpu_s, 's')} of processor time counted here, times {low:.1f} to "
        f"{high:.1f}, as {profile.name} is slower at three yardsticks by its profile's rates ({by}), and other work by "
        f"{SPREAD:g} times less or more; {_NOT_IN_LINUX}"
    )
    return Prediction(cpu_s * low, cpu_s * high, how)


def _from_instructions(profile: Profile, instructions: float) -> Prediction:
    (least, most), clock = profile.cpi, profile.figure("clock_hz")
    how = (
        f"predicted, not measured: {instructions:,.0f} instructions counted, {least:g} to {most:g} cycles each, "
        f"at {clock}; {NOT_IN_IT}"
    )
    return Prediction(instructions * least / clock.high, instructions * most / clock.low, how)
