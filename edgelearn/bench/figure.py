"""What a figure is: its name, unit and goal; and what one measurement of it says.

Whether a goal holds is computed from value and goal, never written down.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Sense = Literal["<=", ">=", "|.|<="]


class Goal(NamedTuple):
    """A bound that a value must keep: ``<=``, ``>=``, or ``|.|<=`` on its size."""

    sense: Sense
    bound: float

    def holds(self, value: float) -> bool:
        """Say whether ``value`` keeps the bound; NaN never does."""
        if self.sense == ">=":
            return value >= self.bound
        return (abs(value) if self.sense == "|.|<=" else value) <= self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}"


class Figure(NamedTuple):
    """One figure; without a goal it is there to be read beside others."""

    name: str  # group.what
    unit: str
    what: str  # one line for people
    goal: Goal | None = None
    peer: str | None = None  # what it is measured against
    noise: float = 0.1  # a control (A/A ratio) further from 1 says that the machine was too noisy for it


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured for one figure.

    ``control`` is an A/A ratio of the same run (1 = the machine was quiet), ``spread`` the standard deviation
    over seeds or repeats in the figure's unit, ``detail`` whatever else a reader may ask for (JSON).
    """

    name: str
    value: float
    control: float | None = None
    spread: float | None = None
    note: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def record(figure: Figure, measured: Measured, cpu_s: float) -> dict[str, Any]:
    """Return a measured figure as JSON, with the CPU seconds it took."""
    return {
        "name": figure.name,
        "unit": figure.unit,
        "what": figure.what,
        "goal": None if figure.goal is None else str(figure.goal),
        "value": measured.value,
        "spread": measured.spread,
        "note": measured.note,
        "detail": measured.detail,
        "holds": None if figure.goal is None else figure.goal.holds(measured.value),
        "cpu_s": round(cpu_s, 2),
    }
