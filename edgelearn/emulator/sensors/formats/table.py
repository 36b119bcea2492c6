"""A CSV file as a recording: a header, then a sample a line.

>>> Sensor.play("walk.csv", key=["ax", "ay", "az"], time="t_ms", label="activity")
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edgelearn.emulator.sensors.formats.common import check_name, labels_of, rate_of
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.errors import InputError
from edgelearn.types import F64, Array

if TYPE_CHECKING:
    from edgelearn.emulator.sensors.formats import Choice

UNITS = {"_us": 1e-6, "_ms": 1e-3}  # of a time column, by the ending of its name; seconds otherwise
UNEVEN = 0.1  # of the period that an interval may differ from it: times are rounded, a line that lacks is not


def from_csv(path: Path, choice: "Choice") -> Recording:
    """Read the chosen columns, all but time and label where none is chosen; raises InputError that names the line."""
    if choice.item is not None:
        raise InputError(f"{path.name} has no items; leave item out")
    header, rows = _rows(path)
    for name in (choice.label, choice.time):
        if isinstance(name, str):
            check_name(name, header, "column", str(path))
    others = [name for name in header if name not in (choice.label, choice.time)]
    keys = [choice.key] if isinstance(choice.key, str) else others if choice.key is None else list(choice.key)
    for key in keys:
        check_name(key, header, "column", str(path))
    if not keys:
        raise InputError(f"{path} has no column left to be the recording; give key=…")
    values = np.stack([_numbers(path, header, rows, key) for key in keys], axis=1)
    found = (
        None if choice.time is None else _rate(path, _numbers(path, header, rows, choice.time), choice.time)
    )
    rate_hz = rate_of(choice.rate_hz, found, str(path))
    return Recording(values, rate_hz, _labels(choice.label, header, rows))


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *rows = csv.reader(file, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not a CSV file that can be read: {error}") from error
    except ValueError:
        raise InputError(f"{path} is empty; a header and a sample a line are needed") from None
    header = [name.strip() for name in header]
    if len(set(header)) < len(header):
        raise InputError(f"two columns of {path} have the same name; rename one")
    while rows and not rows[-1]:
        rows.pop()
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise InputError(
                f"{path}: line {number} has {len(row)} values, the header {len(header)}; mend the line"
            )
    return header, rows


def _numbers(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> F64:
    column = header.index(name)
    values = np.empty(len(rows))
    for k, row in enumerate(rows):
        try:
            values[k] = float(row[column])
        except ValueError:
            raise InputError(
                f"{path}: line {k + 2}, column {name!r}: {row[column]!r} is no number; mend it, or choose the "
                "columns with key=…"
            ) from None
    return values


def _rate(path: Path, time: F64, name: str) -> float:
    if len(time) < 2:
        raise InputError(f"{path} has too few lines to tell a rate from {name!r}; give rate_hz=…")
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), 1.0)
    steps = np.diff(time) * unit
    usual = float(np.median(steps))
    uneven = ~(np.abs(steps - usual) <= UNEVEN * usual)
    if not usual > 0 or uneven.any():
        raise InputError(
            f"{path}: the times in {name!r} are not even, first at line {int(uneven.argmax()) + 3}; sample it anew at "
            "even times, or leave time out and give rate_hz=…"
        )
    return float(1 / steps.mean())  # the mean, for the steps may be rounded


def _labels(
    label: "str | Array | None", header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Array | None:
    if label is None:
        return None
    if not isinstance(label, str):
        return labels_of(label, [len(rows)])
    texts = [row[header.index(label)].strip() for row in rows]
    try:
        return labels_of([int(text) for text in texts], [len(rows)])
    except ValueError:
        return labels_of(texts, [len(rows)])
