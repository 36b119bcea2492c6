"""The process between us and the workload: it starts it, watches it, and ends it with everything that came of it.

Its input is one line of JSON, then nothing: when that pipe ends (we are gone, even by SIGKILL), it ends the run.
Its output is a line of JSON a look, and a last one, ``{"end": …}``. It imports nothing but the standard library and its
neighbours, and always cleans up: processes first, then groups, then the folder of the run if nobody else is left to.
"""

import json
import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgelearn.emulator.device import tree
from edgelearn.emulator.device.cgroups import Group
from edgelearn.emulator.device.start import become_subreaper, started
from edgelearn.emulator.device.watch import Watch, cpu_of_ended_s
from edgelearn.emulator.probe import CHUNK_BYTES, RECORD

LOOK_S = 0.01
TELL_S = 0.05
_OUT = 1


def main() -> None:
    """Run what the first line of the input says."""
    spec = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.set_blocking(_OUT, False)  # a reader that is slow must not keep us from watching
    become_subreaper()
    try:
        end = _run(spec)
    finally:
        tree.end(os.getpid())
        for path, version in spec["groups"]:
            Group(Path(path), version).remove()
    if end["stopped"] == "orphan":
        shutil.rmtree(spec["scratch"], ignore_errors=True)
        return
    os.set_blocking(_OUT, True)
    _tell({"end": end})


def _run(spec: dict[str, Any]) -> dict[str, Any]:
    begin_s, io_bytes = time.monotonic(), _io_bytes()
    watch = Watch(spec, os.getpid(), begin_s)
    try:
        child = started(spec)
    except OSError as error:
        return {"stopped": "error", "why": f"it could not be started: {error}", "exit_code": None}
    stop, told_bytes, code = None, 0, None
    tell_s = 0.0
    while code is None and stop is None:
        seen = watch.look()
        stop = seen.stop or (("orphan", "") if _orphaned(LOOK_S) else None)
        if seen.t_s >= tell_s:
            tell_s = seen.t_s + TELL_S
            told_bytes += _tell({"look": [seen.t_s, seen.rss_bytes, seen.cpu_s, _samples(spec["samples"])]})
        code = _reaped(child.pid)
    child.returncode = -1  # reaped here: its object has nothing left to wait for
    wall_s = time.monotonic() - begin_s
    left = tree.end(os.getpid())
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # where there is no /proc to find them by
    stop = stop or watch.last()
    return {
        "stopped": stop[0] if stop else None, "why": stop[1] if stop else None, "exit_code": code, "wall_s": wall_s,
        "left": left if code is not None else 0, "peak_bytes": watch.peak_bytes, "cpu_s": cpu_of_ended_s(),
        "written_bytes": max(0, _io_bytes() - io_bytes - told_bytes),
    }  # fmt: skip


def _reaped(first: int) -> int | None:
    """Take leave of all that ended; return the exit code of the first process if it is among them."""
    code = None
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == first:
                code = os.waitstatus_to_exitcode(ended[1])
    return code


def _orphaned(wait_s: float) -> bool:
    # nothing more is ever written there: what can be read is the end
    return bool(select.select([sys.stdin], [], [], wait_s)[0])


def _tell(message: dict[str, Any]) -> int:
    """Write one line, whole or, where nobody reads and the pipe is full, not at all; return its length."""
    line = json.dumps(message).encode() + b"\n"
    with suppress(BrokenPipeError, BlockingIOError):
        return os.write(_OUT, line)
    return 0


def _samples(folder: str) -> int:
    """Return how many samples are on the tapes (`probe`): the last chunk of each is filled up to its zeros."""
    total = 0
    for file in Path(folder).iterdir():
        before = max(0, file.stat().st_size - CHUNK_BYTES)
        with file.open("rb") as tape:
            tape.seek(before)
            total += -(-(before + len(tape.read().rstrip(b"\0"))) // RECORD.size)
    return total


def _io_bytes() -> int:
    """Return the bytes that this process, and those it took leave of, gave to write calls; 0 where nobody counts."""
    with suppress(OSError):
        for line in Path("/proc/self/io").read_text().splitlines():
            if line.startswith("wchar:"):
                return int(line.split()[1])
    return 0
