"""`edgelearn run` as a process of its own; tests wait for events, never for a time."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from edgelearn import types

ROOT = Path(types.__file__).parents[1]
PATIENCE_S = 120.0  # the first sample of a fresh machine compiles the kernels

Event = dict[str, Any]


class Process:
    """A running `edgelearn run`, its events, and its standard input."""

    def __init__(
        self,
        config: Path,
        *,
        program: tuple[str, ...] = ("-m", "edgelearn"),
        env: Mapping[str, str] | None = None,
        out: socket.socket | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *program, "run", str(config)],
            stdin=subprocess.PIPE,
            stdout=out or subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            cwd=config.parent,
        )
        self.events: list[Event] = []
        self.errors = ""
        self._news = threading.Condition()
        self._ended = False
        readers = [self._read_errors] if out else [self._listen, self._read_errors]
        self._threads = [threading.Thread(target=reader) for reader in readers]
        for thread in self._threads:
            thread.start()

    def until(self, wanted: Callable[[Event], bool]) -> Event:
        """Return the first event that is wanted; fail when the process ends or patience does."""
        with self._news:
            done = self._news.wait_for(lambda: self._ended or any(map(wanted, self.events)), PATIENCE_S)
            for event in self.events:
                if wanted(event):
                    return event
        pytest.fail(f"{'the process ended' if done else 'out of patience'}: {self.events[-5:]} {self.errors}")

    def event(self, name: str, **values: Any) -> Event:
        """Return the first event of a name with these values."""
        return self.until(lambda event: {**event, "event": name, **values} == event)

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event["event"] == name]

    def write(self, *lines: Any) -> None:
        """Write lines to standard input: text as it is, everything else as JSON."""
        assert self._process.stdin is not None
        for line in lines:
            self._process.stdin.write(line if isinstance(line, str) else json.dumps(line) + "\n")
        self._process.stdin.flush()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        """Close standard input and wait for the end; return the exit code."""
        assert self._process.stdin is not None
        if not self._process.stdin.closed:
            self._process.stdin.close()
        code = self._process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        return code

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._news:
                    self.events.append(json.loads(line))
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as file:
            self.errors = file.read()


Start = Callable[..., Process]


def ask(path: Path, *lines: Any) -> list[Event]:
    """Send lines to a feedback socket, one after the other, and return the answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(PATIENCE_S)
        client.connect(str(path))
        with client.makefile("rw", encoding="utf-8") as stream:
            answers = []
            for line in lines:
                stream.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
                stream.flush()
                answers.append(json.loads(stream.readline()))
            return answers
