"""What was measured, in a file: a run that was stopped goes on with the systems that are missing.

Rule 1: a system is kept whole or not at all, and the file is the old one or the new one. Rule 2: what was measured with
another number of seeds, or without a figure that is declared now, is measured again; what another commit measured is
kept, and said to be. Rule 3: two runs may keep in one file at the same time; neither loses what the other kept (but on
Windows, where nothing is locked).
"""

import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from types import UnionType
from typing import Any

from edgelearn.bench import machine
from edgelearn.errors import ConfigError
from edgelearn.replacing import check_replaceable, replacing

FORMAT = 1
Entry = dict[str, Any]  # commit, date, seeds, cpu_s, machine, versions, figures by name
_ENTRY: dict[str, type | UnionType] = {
    "commit": str, "date": str, "seeds": int, "cpu_s": float | int, "machine": dict, "versions": dict, "figures": dict,
}  # fmt: skip
_FIGURE: dict[str, type | UnionType] = {
    "name": str, "unit": str, "what": str, "goal": str | None, "value": float | int, "spread": float | int | None,
    "note": str | None, "detail": dict, "holds": bool | None, "cpu_s": float | int,
}  # fmt: skip


class Kept:
    """The entries of one file, by system; raises ConfigError for a file that is something else."""

    def __init__(self, path: Path) -> None:
        check_replaceable(path)
        self.path = path
        self.systems = _read(path)

    def has(self, name: str, seeds: int, figures: Collection[str]) -> bool:
        """Say whether a system was measured with as many seeds, these figures among others."""
        entry = self.systems.get(name)
        return entry is not None and entry["seeds"] == seeds and entry["figures"].keys() >= set(figures)

    def check_writable(self) -> None:
        """Make the folder; raises ConfigError where nothing can be written, before hours are spent on it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.path.parent):
                pass
        except OSError as error:
            raise ConfigError(
                f"{self.path} cannot be written ({error.strerror}); name another file of results"
            ) from error

    def put(self, name: str, seeds: int, commit: str, figures: Sequence[Mapping[str, Any]]) -> None:
        """Keep what the code of ``commit`` measured of a system, beside what other runs have kept since."""
        entry = {
            "commit": commit,
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "seeds": seeds,
            "cpu_s": round(sum(figure["cpu_s"] for figure in figures), 1),
            "machine": machine.facts(),
            "versions": machine.versions(),
            "figures": {figure["name"]: dict(figure) for figure in figures},
        }
        with _alone(self.path.parent):
            self.systems = dict(sorted((_read(self.path) | {name: entry}).items()))
            text = json.dumps({"format": FORMAT, "systems": self.systems}, indent=1, ensure_ascii=False)
            with replacing(self.path) as partial:
                partial.write_text(text + "\n", encoding="utf-8")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process writes here; a process that ends, however, lets go."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read(path: Path) -> dict[str, Entry]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no file of results ({error}); name another, or remove it") from error
    systems = found.get("systems") if isinstance(found, dict) and found.get("format") == FORMAT else None
    if not isinstance(systems, dict):
        raise ConfigError(f"{path} is no file of results of this version; name another, or remove it")
    for name, entry in systems.items():
        if not _whole(entry):
            raise ConfigError(
                f"{path} is no file of results: its {name} is damaged; name another, or remove it"
            )
    return systems


def _whole(entry: Any) -> bool:
    return _fits(entry, _ENTRY) and all(
        _fits(figure, _FIGURE) and figure["name"] == name for name, figure in entry["figures"].items()
    )


def _fits(found: Any, fields: Mapping[str, type | UnionType]) -> bool:
    return isinstance(found, dict) and all(
        name in found and isinstance(found[name], kind) for name, kind in fields.items()
    )
