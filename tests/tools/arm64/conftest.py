"""Fakes of what needs root, and a wait without a hurry."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Programs = Callable[[str, str], None]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Return programs(name, script): a fake that is found before the machine's."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def fake(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return fake


@pytest.fixture
def namespace(programs: Programs, tmp_path: Path) -> Path:
    """Fake all that needs root: mounts and chroot write what they do into the file returned."""
    log = tmp_path / "log"
    programs("setpriv", 'shift 2; exec "$@"')
    programs("unshare", 'while [ "$1" != sh ]; do shift; done; exec "$@"')
    programs("mount", f'echo mount "$@" >> {log}')
    programs("chroot", f'echo chroot "$@" >> {log}; exit 7')
    return log


@pytest.fixture
def wait() -> Callable[[Callable[[], bool]], None]:
    """Return wait(held): until it holds; the deadline is for a machine that is busy."""

    def waiting(held: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not held():
            assert time.monotonic() < end, "waited a minute in vain"
            time.sleep(0.01)

    return waiting
