"""What a run may take, and whether it does: memory, time, writes, the card's life, flash, stack.

>>> budget = Budget(ram="350MB", p99_ms=20, writes_per_day="50MB", card_years=5)
>>> verdict = budget.judge({"ram": Measured(361e6, unit="bytes")})
>>> verdict.ok
False

Rule 1: a line that was not measured, or whose limit lies inside a prediction's range, is open: said, never passed.
Rule 2: a budget is broken where a line is; what is open does not break it.
"""

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from edgelearn.bytesize import parse_bytes
from edgelearn.emulator.profiles.verdict import Line, Measured, Verdict
from edgelearn.errors import ConfigError, InputError


class _Limit(NamedTuple):
    unit: str
    least: bool  # the limit is the least that is allowed, not the most
    means: str


LIMITS = {
    "ram": _Limit("bytes", False, "peak resident memory"),
    "p50_ms": _Limit("ms", False, "median time of a sample"),
    "p99_ms": _Limit("ms", False, "time that 99 of 100 samples stay under"),
    "max_ms": _Limit("ms", False, "time of the slowest sample"),
    "cpu_s": _Limit("s", False, "processor time of the whole run"),
    "writes_per_day": _Limit("bytes/day", False, "bytes written to storage in a day"),
    "card_years": _Limit("years", True, "years until the card is worn out; the least allowed"),
    "instructions": _Limit("instructions", False, "instructions of a microcontroller"),
    "flash": _Limit("bytes", False, "program and data flash"),
    "stack": _Limit("bytes", False, "stack high-water mark"),
}

_SECONDS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0}


class Budget:
    """Limits by name; any may be left out. Sizes as "350MB" or bytes, times as numbers or "20ms".

    Raises ConfigError for a name or a unit that does not exist, and for what is not above 0.
    """

    def __init__(self, **limits: float | str) -> None:
        for name in limits:
            if name not in LIMITS:
                near = get_close_matches(name, LIMITS, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(LIMITS)}"
                raise ConfigError(f"a budget has no {name!r}; {hint}")
        self.limits: Mapping[str, float] = {name: _limit(name, value) for name, value in limits.items()}

    def __repr__(self) -> str:
        return f"Budget({', '.join(f'{name}={limit:g}' for name, limit in self.limits.items())})"

    def judge(self, measured: Mapping[str, Measured]) -> Verdict:
        """Return a line for each limit; what was measured beyond them is left aside.

        Raises InputError for a measurement in another unit than its limit.
        """
        return Verdict(tuple(self._line(name, measured.get(name)) for name in self.limits))

    def _line(self, name: str, found: Measured | None) -> Line:
        limit, (unit, least, _) = self.limits[name], LIMITS[name]
        if found is None:
            return Line(name, limit, None, None, unit, None, None, least, "nothing was measured")
        if found.unit != unit:
            raise InputError(f"{name} is judged in {unit}; it was measured in {found.unit!r}")
        good, bad = (found.high <= limit, found.low > limit)
        if least:
            good, bad = (found.low >= limit, found.high < limit)
        holds = True if good else False if bad else None
        why = f"the limit lies inside the {found.basis} range" if holds is None else ""
        return Line(name, limit, found.low, found.high, unit, found.basis, holds, least, why)


def _limit(name: str, given: float | str) -> float:
    unit = LIMITS[name].unit
    try:
        if unit.startswith("bytes"):
            return float(parse_bytes(given))  # type: ignore[arg-type]  # it says itself what it does not take
        value = _time(given, unit) if unit in _SECONDS else float(given)
    except (ConfigError, TypeError, ValueError) as error:
        known = error if isinstance(error, ConfigError) else f"{given!r} is not a number of {unit}"
        raise ConfigError(f"budget {name} ({LIMITS[name].means}): {known}") from error
    if isinstance(given, bool) or not math.isfinite(value) or value <= 0:
        means = LIMITS[name].means
        raise ConfigError(f"budget {name} ({means}) is a number of {unit} above 0, not {given!r}")
    return value


def _time(given: float | str, unit: str) -> float:
    if not isinstance(given, str):
        return float(given)
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-zµ]*)\s*", given)
    if match is None or (match[2] or unit) not in _SECONDS:
        raise ConfigError(f"a time is written like 20, '20ms' or '0.5s', not {given!r}")
    return float(match[1]) * _SECONDS[match[2] or unit] / _SECONDS[unit]
