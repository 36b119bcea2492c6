"""Recordings from npz, CSV and WAV files, and from arrays in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from edgelearn.emulator.sensors.formats import arrays, table, wav
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.errors import InputError
from edgelearn.types import Array

Recorded: TypeAlias = str | Path | Array | Mapping[str, Any]


class Choice(NamedTuple):
    """What of a recording is meant; every part may be left out where there is one possibility only."""

    rate_hz: float | None = None
    key: str | Sequence[str] | None = None  # array of an npz, columns of a CSV
    label: str | Array | None = None  # array or column with labels, by name; or the labels themselves
    time: str | None = None  # column of a CSV: seconds, or what its ending says (_ms, _us)
    item: int | None = None  # of a ragged recording; None: all, one after another


def load(recorded: Recorded, choice: Choice) -> Recording:
    """Return a recording; raises InputError for what is no recording, or not chosen clearly."""
    if isinstance(recorded, Mapping):
        return arrays.from_arrays(recorded, choice, "the arrays")
    if not isinstance(recorded, str | Path):
        return arrays.from_array(recorded, choice)
    path = Path(recorded)
    reader = {".npz": arrays.from_npz, ".csv": table.from_csv, ".wav": wav.from_wav}.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"a recording is an .npz, .csv or .wav file; {path.name} is none")
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    return reader(path, choice)
