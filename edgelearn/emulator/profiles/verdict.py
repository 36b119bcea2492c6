"""What a budget says of a run, line by line.

>>> print(budget.judge(found))
budget: broken (1 of 3 lines broken, 1 open)
  ram     at most 350 MB  361 MB measured          BROKEN
  p99_ms  at most 20 ms   12 to 31 ms predicted    open: the limit lies inside the predicted range
  cpu_s   at most 2 s     1.2 s measured           held
"""

import math
from dataclasses import KW_ONLY, asdict, dataclass, field
from typing import Literal

from edgelearn.emulator.profiles.figure import written
from edgelearn.errors import InputError

Basis = Literal["measured", "predicted", "counted"]


@dataclass(frozen=True)
class Measured:
    """What was found: a value, or a range from ``low`` to ``high``, in ``unit``.

    Without end is ``inf``: the years of a card nobody writes to. Raises InputError for neither or both, for what is
    not a number or below 0, and for low above high.
    """

    value: float | None = None
    _: KW_ONLY
    unit: str
    basis: Basis = "measured"
    low: float = field(default=math.nan)
    high: float = field(default=math.nan)

    def __post_init__(self) -> None:
        if self.value is not None:
            if not (math.isnan(self.low) and math.isnan(self.high)):
                raise InputError("a measurement is a value, or low and high, not both")
            object.__setattr__(self, "low", self.value)
            object.__setattr__(self, "high", self.value)
        if not 0 <= self.low <= self.high:
            raise InputError(
                f"a measurement goes from 0 or above to as much or more, not {self.low} to {self.high}"
            )


@dataclass(frozen=True)
class Line:
    """One limit. ``low`` and ``high``: what was found, None for nothing; ``holds``: None is open, ``why`` says why."""

    name: str
    limit: float
    low: float | None
    high: float | None
    unit: str
    basis: Basis | None
    holds: bool | None
    least: bool = False
    why: str = ""

    def cells(self) -> tuple[str, str, str, str]:
        """Return the name, the limit, what was found, and what that says."""
        verdict = {True: "held", False: "BROKEN", None: f"open: {self.why}"}[self.holds]
        limit = f"at {'least' if self.least else 'most'} {written(self.limit, self.unit)}"
        return self.name, limit, self._found(), verdict

    def _found(self) -> str:
        if self.low is None or self.high is None:
            return "not measured"
        if self.low == self.high:
            return f"{written(self.low, self.unit)} {self.basis}"
        return f"{written(self.low, self.unit)} to {written(self.high, self.unit)} {self.basis}"


@dataclass(frozen=True)
class Verdict:
    """The lines of a budget; ``str()`` is a small table."""

    lines: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        """Whether no line is broken; open lines are not, and are to be read."""
        return all(line.holds is not False for line in self.lines)

    @property
    def broken(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.holds is False)

    @property
    def open(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.holds is None)

    def __str__(self) -> str:
        said = [f"{len(self.broken)} of {len(self.lines)} lines broken"] if self.broken else []
        said += [f"{len(self.open)} open"] if self.open else []
        head = "budget: " + ("held" if self.ok else "broken") + (f" ({', '.join(said)})" if said else "")
        rows = [line.cells() for line in self.lines]
        wide = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
        return "\n".join([head, *("  " + "  ".join([*map(str.ljust, row, wide), row[3]]) for row in rows)])

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON takes it; ``holds`` null is open, ``low`` and ``high`` null not measured or without end."""
        lines = [asdict(line) for line in self.lines]
        for line in lines:
            line |= {end: None for end in ("low", "high") if line[end] == math.inf}
        return {"ok": self.ok, "lines": lines}
