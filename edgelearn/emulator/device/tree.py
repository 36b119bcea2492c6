"""A process and all that came of it, as /proc shows them.

>>> pids = descendants(os.getpid()); usage(pids).rss_bytes

Rule 1: the caller is a subreaper, so a process that loses its parent becomes the caller's child and stays in the tree.
Rule 2: processes end while they are read; one that is gone counts nothing. Rule 3: memory of one process is its
resident set (what it allocated and touched, and pages of files it maps, its libraries among them); of several the
proportional set, which counts a shared page once. Page cache of files that are only read or written is not in it.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK_HZ = os.sysconf("SC_CLK_TCK")
_PROC = "/proc"


class Usage(NamedTuple):
    """What the processes hold now; ``high_bytes`` is the highest that any one of them ever held."""

    rss_bytes: int
    high_bytes: int
    cpu_s: float


def descendants(root: int) -> list[int]:
    """Return the processes below ``root``, zombies among them."""
    found = _children(root)
    for pid in found:
        found += _children(pid)
    return found


def usage(pids: Sequence[int], known_bytes: int) -> Usage:
    """Return what ``pids`` use together; shared pages are sorted out only where they matter: above ``known_bytes``."""
    stats = {pid: _read(f"{pid}/stat").rpartition(")")[2].split() for pid in pids}  # a name may hold anything
    parents = {pid: int(fields[1]) for pid, fields in stats.items() if fields}
    total = sum(_resident(parents).values())
    if len(parents) > 1 and total > known_bytes:
        # twice: a process that ends between two files leaves its share to the others
        total = min(sum(_proportional(pid) for pid in _resident(parents)) for _ in range(2))
    cpu_ticks = sum(
        int(ticks) for fields in stats.values() for ticks in fields[11:15]
    )  # and of those waited for
    return Usage(total, max(map(_high, pids), default=0), cpu_ticks / _TICK_HZ)


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Send a signal to each that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end(root: int) -> int:
    """Kill everything below ``root``, until nothing is left; return how many processes there were."""
    ended = set[int]()
    while pids := descendants(root):
        ended.update(pids)
        send(pids, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.001)
    return len(ended)


def end_marked(mark: str) -> None:
    """Kill every process that has ``mark`` in its environment: orphans whose subreaper was killed are in no tree."""
    while pids := [
        int(place.name) for place in Path(_PROC).iterdir()
        if place.name.isdigit() and mark in _read(f"{place.name}/environ")
    ]:  # fmt: skip
        send(pids, signal.SIGKILL)
        time.sleep(0.001)


def _children(pid: int) -> list[int]:
    found = list[int]()
    with suppress(OSError):
        for thread in os.listdir(f"{_PROC}/{pid}/task"):  # noqa: PTH208 -- a hundred times a second
            found += map(int, _read(f"{pid}/task/{thread}/children").split())
    return found


def _resident(parents: Mapping[int, int]) -> dict[int, int]:
    """Return the resident bytes of each process, but of those that still share all memory with their parent.

    Between vfork and exec both show the same pages as theirs alone, in the proportional set too.
    """
    texts = {pid: _read(f"{pid}/statm") for pid in parents}
    return {
        pid: int(text.split()[1]) * _PAGE
        for pid, text in texts.items()
        if text and texts.get(parents[pid]) != text
    }


def _proportional(pid: int) -> int:
    return _kib(f"{pid}/smaps_rollup", "Pss:") or _resident({pid: 0}).get(pid, 0)


def _high(pid: int) -> int:
    return _kib(f"{pid}/status", "VmHWM:")


def _kib(name: str, key: str) -> int:
    _, found, rest = _read(name).partition(key)
    return int(rest.split(None, 1)[0]) * 1024 if found else 0


def _read(name: str) -> str:
    try:
        return Path(_PROC, name).read_text(errors="replace")
    except OSError:
        return ""
