"""Starts processes, and leaves none behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.run.running import Process, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that writes run.toml and starts a process on it."""
    started: list[Process] = []

    def begin(config: str, **options: Any) -> Process:
        path = tmp_path / "run.toml"
        path.write_text(config)
        started.append(Process(path, **options))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
