"""What was measured, in a file: a run that was stopped goes on with the systems that are missing.

Rule 1: a system is kept whole or not at all, and the file is the old one or the new one. Rule 2: what was measured with
another number of seeds is measured again; what another commit measured is kept, and said to be.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgelearn.bench import machine
from edgelearn.errors import ConfigError
from edgelearn.replacing import check_replaceable, replacing

FORMAT = 1
Entry = dict[str, Any]  # commit, date, seeds, cpu_s, machine, versions, figures by name
_FIELDS = {"commit", "date", "seeds", "cpu_s", "machine", "versions", "figures"}


class Kept:
    """The entries of one file, by system; raises ConfigError for a file that is something else."""

    def __init__(self, path: Path) -> None:
        check_replaceable(path)
        self.path = path
        self.systems: dict[str, Entry] = _read(path) if path.exists() else {}

    def has(self, name: str, seeds: int) -> bool:
        """Say whether a system was measured with as many seeds."""
        return name in self.systems and self.systems[name]["seeds"] == seeds

    def put(self, name: str, seeds: int, figures: Sequence[Mapping[str, Any]]) -> None:
        """Keep what was measured of a system."""
        self.systems[name] = {
            "commit": machine.commit(Path(__file__).parent),
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "seeds": seeds,
            "cpu_s": round(sum(figure["cpu_s"] for figure in figures), 1),
            "machine": machine.facts(),
            "versions": machine.versions(),
            "figures": {figure["name"]: dict(figure) for figure in figures},
        }
        text = json.dumps(
            {"format": FORMAT, "systems": dict(sorted(self.systems.items()))}, indent=1, ensure_ascii=False
        )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as partial:
            partial.write_text(text + "\n", encoding="utf-8")


def _read(path: Path) -> dict[str, Entry]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no file of results ({error}); name another, or remove it") from error
    systems = found.get("systems") if isinstance(found, dict) and found.get("format") == FORMAT else None
    if not isinstance(systems, dict) or not all(set(entry) >= _FIELDS for entry in systems.values()):
        raise ConfigError(f"{path} is no file of results of this version; name another, or remove it")
    return systems
