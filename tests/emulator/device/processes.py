"""Whether processes that noted their number in a folder are still there."""

import time
from pathlib import Path

PATIENCE_S = 30.0


def noted(notes: Path, count: int) -> list[int]:
    """Wait until ``count`` processes have noted their number; return the numbers."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        files = [file for file in notes.iterdir() if file.suffix != ".part"]
        if len(files) >= count:
            return [int(file.read_text()) for file in files]
        time.sleep(0.01)
    raise AssertionError(f"{count} processes were to start; {sorted(notes.iterdir())} did")


def alive(pids: list[int]) -> list[int]:
    """Return those that run; a zombie that its reaper has not seen yet does not."""
    return [pid for pid in pids if _state(pid) not in ("", "Z", "X")]


def gone(pids: list[int]) -> bool:
    """Say whether all end within some time."""
    end = time.monotonic() + PATIENCE_S
    while alive(pids) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pids)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
