"""Starting the workload: what it is told before it becomes the program it is to be.

Rule 1: it dies with its supervisor (PR_SET_PDEATHSIG), and its orphans become the supervisor's children (subreaper).
Rule 2: it gains no privileges by a setuid program, so that the supervisor may always end it.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from edgelearn.emulator.device.cgroups import Group

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 36, 38
LINUX = sys.platform == "linux"


def become_subreaper() -> None:
    """Have orphans of our descendants become our children."""
    if LINUX:
        _prctl(_SET_CHILD_SUBREAPER, 1)


def started(spec: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Start the workload of ``spec`` (see `launch.spec`) in a session of its own; raises OSError."""
    supervisor = os.getpid()
    groups = [Group(Path(path), version) for path, version in spec["groups"]]

    def before() -> None:
        if LINUX:
            _prctl(_SET_PDEATHSIG, signal.SIGKILL)
            _prctl(_SET_NO_NEW_PRIVS, 1)
        if os.getppid() != supervisor:
            os._exit(1)
        for number in (
            signal.SIGINT,
            signal.SIGTERM,
        ):  # the supervisor ignores them, and a program would inherit that
            signal.signal(number, signal.SIG_DFL)
        for group in groups:
            group.attach(os.getpid())
        if spec["cpus"]:
            os.sched_setaffinity(0, spec["cpus"])
        if spec["data_bytes"]:
            resource.setrlimit(resource.RLIMIT_DATA, (spec["data_bytes"], spec["data_bytes"]))

    with Path(spec["stdout"]).open("wb") as out, Path(spec["stderr"]).open("wb") as err:
        return subprocess.Popen(
            spec["argv"], env=spec["env"], cwd=spec["folder"], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True, preexec_fn=before,  # noqa: PLW1509 -- the supervisor has one thread
        )  # fmt: skip


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option})")
