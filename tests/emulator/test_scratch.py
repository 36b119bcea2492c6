"""Folders of a process: gone with it, and where it was killed, gone with the next."""

import subprocess
import sys
from pathlib import Path

import pytest

from edgelearn.emulator.scratch import Scratch

KILLED = """
import os, signal, sys
from pathlib import Path
from edgelearn.emulator.scratch import Scratch
folder = Scratch("made-", Path(sys.argv[1]))
(folder.path / "file").write_text("half")
os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_fresh_and_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    with Scratch("made-", tmp_path) as one, Scratch("made-", tmp_path) as other:
        assert one.path != other.path
        (one.path / "folder").mkdir()
        assert len(names(tmp_path)) == 2  # the second did not take the first for one that was left
    one.close()
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / "made by hand").mkdir()
    (tmp_path / "made-link").symlink_to(tmp_path / "made by hand")
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == -9
    assert len(names(tmp_path)) == 3
    with Scratch("made-", tmp_path) as fresh:
        assert names(tmp_path) == sorted(["made by hand", "made-link", fresh.path.name])


@pytest.mark.skipif(sys.platform == "win32", reason="no such locks")
def test_one_that_is_swept_before_it_is_held_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    real, gone = fcntl.flock, list[str]()

    def swept(descriptor: int, how: int) -> None:
        if not gone:
            gone.extend(names(tmp_path))
            (tmp_path / gone[0]).rmdir()
        real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", swept)
    with Scratch("made-", tmp_path) as folder:
        assert folder.path.is_dir()
        assert gone
        assert folder.path.name not in gone
