"""What the supervisor looks at a hundred times a second, and what makes it end the run.

>>> watch = Watch(spec, os.getpid(), time.monotonic()); watch.look()

Rule 1: memory over the cap is seen in three ways: the sum over the tree now, the highest that any one process ever held
(the kernel keeps it, so a peak between two looks is seen too), and the kernel's own kill in the group.
"""

import os
import resource
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from edgelearn.emulator.device import tree
from edgelearn.emulator.device.cgroups import Group
from edgelearn.emulator.device.throttle import Throttle

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
_SLACK_BYTES = 1 << 20
CARD_EVERY_S = 0.1


class Seen(NamedTuple):
    """One look: ``stop`` is the cap that was overstepped and the sentence that says how, or None."""

    t_s: float
    rss_bytes: int
    cpu_s: float
    stop: tuple[str, str] | None


class Watch:
    """``spec`` as `launch` writes it; ``root`` the process whose descendants are watched."""

    def __init__(self, spec: dict[str, Any], root: int, start_s: float) -> None:
        self._spec, self._root, self._start_s = spec, root, start_s
        self._own_bytes = _max_rss(resource.RUSAGE_SELF)
        self._throttle = Throttle(spec["throttle"]) if spec["throttle"] else None
        self._running = True
        self._card_s = 0.0
        self.peak_bytes = 0

    def look(self) -> Seen:
        """Measure once."""
        t_s = time.monotonic() - self._start_s
        pids = tree.descendants(self._root)
        used = tree.usage(pids, self.peak_bytes)
        self.peak_bytes = max(self.peak_bytes, used.rss_bytes, used.high_bytes)
        cpu_s = used.cpu_s + cpu_of_ended_s()
        if self._throttle is not None:
            self._hold_or_let(pids, self._throttle.may_run(t_s, cpu_s))
        return Seen(t_s, used.rss_bytes, cpu_s, self._stop(t_s))

    def last(self) -> tuple[str, str] | None:
        """Take what the kernel says of the processes that ended; return the memory stop that only this shows."""
        ended = _max_rss(resource.RUSAGE_CHILDREN)
        if (
            ended > self._own_bytes + _SLACK_BYTES
        ):  # until it becomes its program, a process is a copy of this one
            self.peak_bytes = max(self.peak_bytes, ended)
        return self._memory()

    def _stop(self, t_s: float) -> tuple[str, str] | None:
        deadline_s = self._spec["deadline_s"]
        if t_s > deadline_s:
            return "deadline", f"it still ran after {deadline_s:g} s"
        return self._memory() or self._card(t_s)

    def _memory(self) -> tuple[str, str] | None:
        cap = self._spec["ram_bytes"]
        for path, version in self._spec["groups"][:1] if self._spec["ram_in_group"] else ():
            with suppress(OSError):
                if Group(Path(path), version).oom_kills():
                    return "memory", f"the kernel killed a process at the cap of {_size(cap)}"
        if cap and self.peak_bytes > cap:
            return "memory", f"{_size(self.peak_bytes)} resident, over the cap of {_size(cap)}"
        return None

    def _card(self, t_s: float) -> tuple[str, str] | None:
        quota = self._spec["quota_bytes"]
        if not quota or t_s < self._card_s:
            return None
        size, begin_s = folder_bytes(self._spec["folder"]), time.monotonic()
        self._card_s = t_s + max(CARD_EVERY_S, 10 * (time.monotonic() - begin_s))
        return (
            ("storage", f"{_size(size)} of files, over the {_size(quota)} of its card")
            if size > quota
            else None
        )

    def _hold_or_let(self, pids: list[int], run: bool) -> None:
        if run != self._running or not run:  # while held, what was just born is held too
            tree.send(pids, signal.SIGCONT if run else signal.SIGSTOP)
        self._running = run


def cpu_of_ended_s() -> float:
    """Return the CPU seconds of all descendants that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def folder_bytes(folder: str) -> int:
    """Return the size of the files in a folder and below."""
    total, folders = 0, [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
    return total


def _max_rss(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * _RSS_UNIT


def _size(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size >= 1e6 else f"{size / 1e3:.2f} kB"
