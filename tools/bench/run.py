"""Runs groups of figures one after the other, each in a process of its own, and keeps what they say."""

import datetime
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from edgelearn.bench import machine
from tools._threads import ONE_THREAD
from tools._venv import ROOT
from tools.bench import data, peers_venv
from tools.bench.figure import Figure, Group, Measured, record
from tools.bench.results import Results

_FIELDS = ("name", "value", "control", "spread", "note", "detail")


class Runner:
    """Measures what is missing; ``notes`` says why a group has no figures."""

    def __init__(self, worker: str = "tools.bench.worker") -> None:
        self._worker = worker
        self.machine = machine.facts()
        self._commit = machine.commit(ROOT)
        self._notes: dict[str, str] = {}

    def run(self, group: Group, results: Results, fresh: bool) -> bool:
        """Measure a group unless all of it is there; False when the measurement broke."""
        if fresh:
            results.drop([figure.name for figure in group.figures])
        if all(figure.name in results.figures for figure in group.figures):
            _say(f"{group.name}: kept from before{self._age(group, results)}")
            return True
        for name in group.sets:
            if reason := data.missing(name):
                self._notes[group.name] = reason
                _say(f"{group.name}: {reason}")
                return True
        _say(f"{group.name}: measuring")
        try:
            python = peers_venv.ensure() if group.peers else Path(sys.executable)
            code = self._measure(group, python, results)
        except peers_venv.PeersError as error:
            self._notes[group.name] = str(error)
            return False
        if code != 0:
            self._notes[group.name] = "the measurement broke; its reason is on standard error"
        return code == 0

    def shown(self, chosen: list[Group], results: Results, only: list[str]) -> list[dict[str, Any]]:
        """Return the records of the figures asked for, those that are missing with the reason."""
        return [
            results.figures.get(figure.name)
            or record(figure, None, self._notes.get(group.name, "not measured"))
            for group in chosen
            for figure in group.figures
            if not only or group.name in only or figure.name in only
        ]

    def _age(self, group: Group, results: Results) -> str:
        commits = {results.figures[figure.name]["commit"] for figure in group.figures}
        old = ", ".join(sorted(commits - {self._commit}))
        return f" (commit {old}; --fresh measures again)" if old else ""

    def _measure(self, group: Group, python: Path, results: Results) -> int:
        start = time.monotonic()
        declared = {figure.name: figure for figure in group.figures}
        command = [str(python), "-m", self._worker, group.name]
        environment = {**os.environ, **ONE_THREAD}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, cwd=ROOT, env=environment, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                said = json.loads(line)
                minutes = round((time.monotonic() - start) / 60, 2)
                results.put(self._record(declared, said, minutes))
                _say(f"  {said['name']} = {said['value']:.6g} ({minutes} min)")
        return process.returncode

    def _record(self, declared: dict[str, Figure], said: dict[str, Any], minutes: float) -> dict[str, Any]:
        measured = Measured(**{name: said[name] for name in _FIELDS})
        return {
            **record(declared[measured.name], measured),
            "minutes": minutes,
            "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            "commit": self._commit,
            "versions": said["versions"],
        }


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
