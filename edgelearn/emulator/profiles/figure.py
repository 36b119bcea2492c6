"""One figure of a board: its value, how sure it is, and who says so.

Rule 1: a figure without a source does not exist. Rule 2: what is uncertain says from where to where, and the value
lies in between.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["cited", "measured", "assumed"]


@dataclass(frozen=True, slots=True)
class Figure:
    """``kind``: cited (read at the address in the source), measured (by who gives it), assumed (derived, or remembered
    and not looked up; the source says which).

    ``value``, ``low`` and ``high`` are in ``unit``; low and high equal the value where nothing is uncertain.
    """

    value: float
    kind: Kind
    source: str
    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        if self.low == self.high:
            return written(self.value, self.unit)
        low, high = written(self.low, self.unit), written(self.high, self.unit)
        return f"{written(self.value, self.unit)} ({low} to {high})"

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return {
            "value": self.value, "low": self.low, "high": self.high,
            "unit": self.unit, "kind": self.kind, "source": self.source,
        }  # fmt: skip


def written(value: float, unit: str) -> str:
    """Return a number with its unit as people read it: 512 MiB, 10 MB/s, 2.4 GHz, 14.2 ms."""
    if unit == "bytes" and value % 1000 and _whole_power(value):
        return _scaled(value, "B", 1024, ("", "Ki", "Mi", "Gi"))
    if unit.startswith("bytes"):
        return _scaled(value, "B" + unit.removeprefix("bytes"), 1000, ("", "k", "M", "G", "T"))
    if unit in {"Hz", "flop/s"}:
        return _scaled(value, unit, 1000, ("", "k", "M", "G"))
    if unit == "s" and value < 1:
        return _scaled(value * 1e6, "s", 1000, ("µ", "m", ""))
    return f"{value:.4g} {unit}".rstrip() if value < 1e4 else f"{value:,.0f} {unit}".rstrip()


def _whole_power(value: float) -> bool:
    """Say whether it is a size as memory is sold, 264 KiB or 512 MiB; what was measured in pages seldom is."""
    while value % 1024 == 0:
        value /= 1024
    return value < 1024


def _scaled(value: float, unit: str, step: int, prefixes: tuple[str, ...]) -> str:
    power = 0
    while value >= step and power < len(prefixes) - 1:
        value /= step
        power += 1
    return f"{value:.4g} {prefixes[power]}{unit}"
