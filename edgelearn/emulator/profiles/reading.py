"""One figure from a TOML table: value, low, high, kind, source; anything missing, unknown or impossible is named."""

import math
from typing import Any, get_args

from edgelearn.bytesize import parse_bytes
from edgelearn.emulator.profiles.figure import Figure, Kind
from edgelearn.emulator.profiles.known import Known
from edgelearn.errors import ConfigError
from edgelearn.run.toml import TomlFile

_KEYS = ["value", "low", "high", "kind", "source"]
_KINDS = get_args(Kind)


def read_figure(file: TomlFile, name: str, known: Known) -> Figure:
    """Return the figure of a table; raises ConfigError with the file and the line."""
    table = file.values[name]
    if not isinstance(table, dict):
        raise file.error((name,), f"a figure is a table: [{name}] with value, kind and source, not {table!r}")
    for key in table:
        if key not in _KEYS:
            raise file.unknown((name, key), _KEYS)
    for key, hint in (
        ("value", known.means),
        ("kind", "|".join(_KINDS)),
        ("source", "who says so, and where"),
    ):
        if key not in table:
            raise file.error((name,), f"{name} has no {key} ({hint})")
    if table["kind"] not in _KINDS:
        raise file.error((name, "kind"), f"kind of {name} is {', '.join(_KINDS)}, not {table['kind']!r}")
    source = table["source"]
    if not isinstance(source, str) or not source.strip():
        raise file.error(
            (name, "source"), f"source of {name} says who says so, and where; it is not {source!r}"
        )
    value = _number(file, name, "value", known)
    low = _number(file, name, "low", known) if "low" in table else value
    high = _number(file, name, "high", known) if "high" in table else value
    if not low <= value <= high:
        raise file.error((name, "value"), f"value of {name} is {value:g}, not between {low:g} and {high:g}")
    return Figure(value, table["kind"], source, low, high, known.unit)


def _number(file: TomlFile, name: str, key: str, known: Known) -> float:
    number: Any = file.values[name][key]
    if isinstance(number, str) and known.unit.startswith("bytes"):
        try:
            number = parse_bytes(number)
        except ConfigError as error:
            raise file.error((name, key), f"{key} of {name}: {error}") from error
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise file.error((name, key), f"{key} of {name} is a number{_of(known)}, not {number!r}")
    if not math.isfinite(number) or number <= 0:
        raise file.error((name, key), f"{key} of {name} is above 0, not {number!r}")
    if known.whole and number != int(number):
        raise file.error((name, key), f"{key} of {name} is a whole number{_of(known)}, not {number!r}")
    return float(number)


def _of(known: Known) -> str:
    return f" ({known.unit})" if known.unit else ""
