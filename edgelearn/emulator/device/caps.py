"""Which caps hold on this system, by what, and how far each can be trusted; a cap that cannot be held is refused.

>>> plan = planned(Asked(ram_bytes=64_000_000, cores=1, cpu=None, quota_bytes=None, clock=None, weaker=False))
>>> plan.held["ram"].by
'cgroup v1 + watch'

| cap     | held by, the first that works                | weaker, only when asked for by ``weaker=True``        |
|---------|----------------------------------------------|-------------------------------------------------------|
| ram     | cgroup v2, cgroup v1, RLIMIT_DATA; + a watch | looked at when the process has ended (not Linux)      |
| cores   | affinity and thread counts                   | thread counts (not Linux)                             |
| cpu     | cgroup v2, cgroup v1                         | stopped and continued by signals                      |
| storage | a preloaded library                          | the folder is measured ten times a second             |
| clock   | a preloaded library                          | Python's time.time and time.time_ns, of functions only |

Rule 1: without ``weaker`` what is in the right column is a ConfigError that says what is missing.
Rule 2: writes are counted in any case, and `Plan.held` says how: counting holds nothing back. Rule 3: a user without a
group of their own, as in most containers and on hosted runners, has all of the middle column but the cpu rate, memory
by RLIMIT_DATA and the watch.
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from edgelearn.emulator import native
from edgelearn.emulator.device import cgroups
from edgelearn.emulator.device.held import Held
from edgelearn.emulator.device.skew import Skew
from edgelearn.errors import ConfigError

THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
PLATFORM = sys.platform
_DATA_SLACK_BYTES = 64 * 2**20
_WATCH = "a watch kills it within some 10 ms of a resident set over the cap; what rises and falls faster is named later"


class Asked(NamedTuple):
    """The caps of one run; None for none."""

    ram_bytes: int
    cores: int
    cpu: float | None
    quota_bytes: int | None
    clock: Skew | None
    weaker: bool


@dataclass
class Plan:
    """What holds the caps. ``libraries`` are to be preloaded; ``groups`` are ours until `release`."""

    held: dict[str, Held] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    groups: list[cgroups.Group] = field(default_factory=list)
    ram_in_group: bool = False
    data_bytes: int = 0
    cpus: list[int] = field(default_factory=list)
    cores: int = 1
    throttle: float = 0.0
    card_library: Path | None = None
    clock_library: Path | None = None

    def release(self) -> None:
        """Remove the groups, with whatever is in them."""
        for group in self.groups:
            group.remove()

    def spec(self) -> dict[str, Any]:
        """Return the part of the supervisor's orders that is decided here."""
        return {
            "groups": [[str(group.path), group.version] for group in self.groups],
            "ram_in_group": self.ram_in_group, "data_bytes": self.data_bytes, "cpus": self.cpus,
            "throttle": self.throttle,
        }  # fmt: skip


def planned(asked: Asked, *, function: bool) -> Plan:
    """Return what will hold; ``function``: the work is one. Raises ConfigError for a cap that nothing holds."""
    plan = Plan()
    _storage(plan, asked)
    if asked.clock is not None:
        _clock(plan, asked.weaker, function)
    _cores(plan, asked)
    try:
        _ram(plan, asked)
        if asked.cpu is not None:
            _cpu(plan, asked.cpu, asked.weaker)
    except BaseException:
        plan.release()
        raise
    return plan


def _ram(plan: Plan, asked: Asked) -> None:
    if not _watchable():
        plan.held["ram"] = _weaker(
            "ram", asked.weaker, "this system has no /proc that lists a process's children", "looked at afterwards",
            "nothing stops it: the largest process's peak is read when it has ended; over the cap counts as stopped",
        )  # fmt: skip
        return
    group = cgroups.claim("memory", asked.ram_bytes)
    if group is None:
        plan.data_bytes = 2 * asked.ram_bytes + _DATA_SLACK_BYTES
        by, trust = "rlimit + watch", (
            f"no cgroup can be made here; {_WATCH}; RLIMIT_DATA, a process each, only refuses twice the cap at once"
        )  # fmt: skip
    else:
        plan.groups.insert(0, group)
        plan.ram_in_group = True
        by, trust = f"cgroup v{group.version} + watch", (
            f"the kernel holds what it charges, which leaves out libraries that others loaded first; {_WATCH}"
        )  # fmt: skip
    plan.held["ram"] = Held(by, trust)


def _cpu(plan: Plan, cores: float, weaker: bool) -> None:
    group = (
        cgroups.claim("cpu", cores, plan.groups[0] if plan.groups else None) if PLATFORM == "linux" else None
    )
    if group is None:
        why = "no cgroup with a cpu controller can be made here"
        plan.held["cpu"] = _weaker(
            "cpu", weaker and _watchable(), why, "SIGSTOP and SIGCONT",
            "right over a second, in bursts of some 10 ms; a stopped process answers nothing, also not to a timer",
        )  # fmt: skip
        plan.throttle = cores
        return
    if group not in plan.groups:
        plan.groups.append(group)
    plan.held["cpu"] = Held(
        f"cgroup v{group.version}", "exact over each 100 ms; within them it runs in one burst"
    )


def _cores(plan: Plan, asked: Asked) -> None:
    if PLATFORM != "linux":
        plan.cores = min(asked.cores, os.cpu_count() or 1)
        plan.held["cores"] = _weaker(
            "cores", asked.weaker, "this system binds no process to cores", "thread counts",
            "only libraries that read OMP_NUM_THREADS and its like keep to it",
        )  # fmt: skip
        return
    there = sorted(os.sched_getaffinity(0))
    plan.cores = min(asked.cores, len(there))
    plan.cpus = there[: plan.cores]
    if plan.cores < asked.cores:
        plan.notes.append(
            f"this machine gives {plan.cores} of the {asked.cores} cores asked for; it ran on {plan.cores}"
        )
    plan.held["cores"] = Held(
        "affinity",
        f"bound to {plan.cores} of this machine's, not the board's: time is predicted, never measured",
    )


def _storage(plan: Plan, asked: Asked) -> None:
    plan.card_library, missing = _library("card.c")
    if plan.card_library is not None:
        trust = (
            "write calls of libc below the folder, SQLite's too; not mmap, io_uring, fprintf, static programs"
        )
        plan.held["writes"] = Held("preload", trust)
        if asked.quota_bytes is not None:
            plan.held["storage"] = Held(
                "preload + folder size", f"ENOSPC as a full card gives; it sees {trust}"
            )
        return
    plan.held["writes"] = Held(
        "/proc io", f"bytes of all write calls, also to pipes and outside the folder: {missing}"
    )
    if asked.quota_bytes is not None:
        plan.held["storage"] = _weaker(
            "storage", asked.weaker, missing, "folder size",
            "measured some ten times a second and the run ended when over; the program sees no ENOSPC",
        )  # fmt: skip


def _clock(plan: Plan, weaker: bool, function: bool) -> None:
    plan.clock_library, missing = _library("skew.c")
    if plan.clock_library is not None:
        plan.held["clock"] = Held(
            "preload", "every program with libc; not the times of files, nor waits until an instant"
        )
    else:
        trust = "time.time and time.time_ns of the function's Python; datetime and other programs see the true time"
        plan.held["clock"] = _weaker("clock", weaker and function, missing, "time.time", trust)


def _library(name: str) -> tuple[Path | None, str]:
    if PLATFORM != "linux":
        return None, "a library is preloaded on Linux only"
    try:
        return native.built(Path(__file__).with_name(name), flags=("-ldl",)), ""
    except native.NativeError as error:
        return None, str(error)


def _weaker(cap: str, allowed: bool, why: str, by: str, trust: str) -> Held:
    if not allowed:
        raise ConfigError(
            f"the {cap} cap cannot be held here: {why}; leave it out where it may be, or run with weaker=True "
            f"(by {by}: {trust})"
        )
    return Held(by, f"weaker, as asked for: {trust}; {why}")


def _watchable() -> bool:
    return PLATFORM == "linux" and Path(f"/proc/self/task/{os.getpid()}/children").exists()
