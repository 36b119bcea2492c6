"""Control groups of the kernel: version 2 where it has the controller, version 1 where not.

>>> group = claim("memory"); group.limit_memory(64_000_000); group.attach(pid); group.oom_kills(); group.remove()

Rule 1: what is claimed was seen to work: its limit was taken and a process was let in. Rule 2: a group is locked as
long as its run lives, by a descriptor that the supervisor shares; a group without a lock is left over from a killed
run, and the next claim removes it with all that is in it. Rule 3: version 2 is looked for in our own group and above
it, since only a group without processes of its own may hand controllers down; version 1 at the top of its mount.
"""

import errno
import fcntl
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PREFIX = "edgelearn-"
PERIOD_US = 100_000
_PROC = Path("/proc/self")
_ENTER = 'echo $$ > "$0/cgroup.procs"'
_REMOVE_S = 5.0  # the kernel takes a moment to forget processes that were killed


class Mount(NamedTuple):
    """Where a hierarchy is mounted, and under which name the kernel knows its controllers."""

    version: int
    path: Path
    controllers: frozenset[str]  # of version 1; version 2 says so in each group


class Group:
    """One group of ours. ``version`` is 1 or 2; ``lock`` the descriptor that keeps it, or None in the supervisor."""

    def __init__(self, path: Path, version: int, lock: int | None = None) -> None:
        self.path, self.version, self.lock = path, version, lock

    def limit_memory(self, limit_bytes: int) -> None:
        """Cap memory and swap together; raises OSError where that is not allowed."""
        if self.version == 2:
            self._write("memory.max", limit_bytes)
            self._write("memory.oom.group", 1)
            with suppress(FileNotFoundError):  # a kernel without swap
                self._write("memory.swap.max", 0)
            return
        self._write("memory.limit_in_bytes", limit_bytes)
        try:
            self._write("memory.memsw.limit_in_bytes", limit_bytes)
        except OSError:  # swap is not accounted: none for this group then
            self._write("memory.swappiness", 0)

    def limit_cpu(self, cores: float) -> None:
        """Cap the rate of CPU time, in cores' worth; raises OSError where that is not allowed."""
        quota_us = max(1000, round(cores * PERIOD_US))
        if self.version == 2:
            self._write("cpu.max", f"{quota_us} {PERIOD_US}")
        else:
            self._write("cpu.cfs_period_us", PERIOD_US)
            self._write("cpu.cfs_quota_us", quota_us)

    def attach(self, pid: int) -> None:
        """Let a process in; its children follow."""
        self._write("cgroup.procs", pid)

    def oom_kills(self) -> int:
        """Return how many processes the kernel has killed for want of memory."""
        text = (self.path / ("memory.events" if self.version == 2 else "memory.oom_control")).read_text()
        return {word: int(n) for word, n in map(str.split, text.splitlines())}.get("oom_kill", 0)

    def remove(self) -> None:
        """Kill what is inside and remove the group."""
        end = time.monotonic() + _REMOVE_S
        while self.path.exists():
            for pid in self._pids():
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            try:
                self.path.rmdir()
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > end:
                    break
            time.sleep(0.005)
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def _pids(self) -> list[int]:
        with suppress(OSError):
            return [pid for pid in map(int, (self.path / "cgroup.procs").read_text().split()) if pid > 0]
        return []

    def _write(self, name: str, value: object) -> None:
        with (self.path / name).open("r+") as file:  # never made by us: the kernel offers it or not
            file.write(str(value))


def claim(controller: str, limit: float, beside: Group | None = None) -> Group | None:
    """Return a group of ours whose ``controller`` (memory in bytes, cpu in cores) is limited; None where none can be.

    ``beside`` is a group that the same processes are in: of version 2 they can be in one group only.
    """
    for version, parent in _parents(controller):
        with suppress(OSError):
            shared = beside is not None and beside.version == version == 2
            group = beside if shared and beside is not None else _created(parent, version)
            try:
                if controller == "memory":
                    group.limit_memory(int(limit))
                else:
                    group.limit_cpu(limit)
                subprocess.run(
                    ["/bin/sh", "-c", _ENTER, str(group.path)], check=True, stderr=subprocess.DEVNULL
                )
            except (OSError, subprocess.CalledProcessError):
                if not shared:
                    group.remove()
                continue
            return group
    return None


def sweep(parent: Path, version: int) -> None:
    """Remove the groups that killed runs left in ``parent``."""
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                Group(path, version).remove()
            finally:
                os.close(lock)


def mounts(table: str) -> list[Mount]:
    """Return the hierarchies in the text of /proc/self/mountinfo, version 2 first."""
    found = list[Mount]()
    for line in table.splitlines():
        place, _, kind = line.partition(" - ")
        path, (fstype, _, options) = Path(place.split()[4]), (kind.split() + [""] * 3)[:3]
        if fstype == "cgroup2":
            found.insert(0, Mount(2, path, frozenset()))
        elif fstype == "cgroup":
            found.append(Mount(1, path, frozenset(options.split(","))))
    return found


def _parents(controller: str) -> list[tuple[int, Path]]:
    """Return the version and the group of each place where a group of ours may be made, the best first."""
    found = list[tuple[int, Path]]()
    try:
        table, own = (_PROC / "mountinfo").read_text(), (_PROC / "cgroup").read_text()
    except OSError:
        return []
    for mount in mounts(table):
        if mount.version == 1:
            found += [(1, mount.path)] if controller in mount.controllers else []
            continue
        name = next((line[3:] for line in own.splitlines() if line.startswith("0::")), "/")
        place = mount.path / name.lstrip("/")
        for parent in (place, *place.parents):
            if parent.is_relative_to(mount.path) and _handed_down(parent, controller):
                found.append((2, parent))
    return found


def _handed_down(parent: Path, controller: str) -> bool:
    with suppress(OSError):
        return controller in (parent / "cgroup.subtree_control").read_text().split()
    return False


def _created(parent: Path, version: int) -> Group:
    guard = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)  # nobody sweeps between making a group and locking it
        sweep(parent, version)
        path = parent / f"{PREFIX}{os.getpid()}-{time.monotonic_ns():x}"
        path.mkdir()
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return Group(path, version, lock)
    finally:
        os.close(guard)
