"""Figures as they are made: kept at once, so that a run that was stopped goes on with those missing.

Working copy ``.bench/results.json``; ``--keep`` writes it to ``tools/bench/results.json``, which the README quotes.
"""

import json
from pathlib import Path
from typing import Any

from tools._venv import ROOT

WORKING = ROOT / ".bench" / "results.json"
KEPT = ROOT / "tools" / "bench" / "results.json"

Records = dict[str, dict[str, Any]]  # by figure


class Results:
    """The figures of one machine in one file; another machine's are set aside, never mixed in."""

    def __init__(self, path: Path, machine: dict[str, str | int]) -> None:
        self._path = path
        self.machine = machine
        self.figures: Records = {}
        if path.exists():
            stored = json.loads(path.read_text())
            if stored["machine"] == machine:
                self.figures = {figure["name"]: figure for figure in stored["figures"]}

    def put(self, figure: dict[str, Any]) -> None:
        """Keep one figure, whole or not at all."""
        self.figures[figure["name"]] = figure
        self.write(self._path)

    def drop(self, names: list[str]) -> None:
        """Forget figures that are to be made anew; the file follows with the next one made."""
        for name in names:
            self.figures.pop(name, None)

    def write(self, path: Path) -> None:
        """Write all figures to ``path``."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"machine": self.machine, "figures": list(self.figures.values())}, indent=1, ensure_ascii=False
        )
        fresh = path.with_suffix(".new")
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.replace(path)
