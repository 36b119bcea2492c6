"""One run: plan its caps, give the supervisor its orders, gather what came of it.

>>> done(device, train, (X, y), Order(None, 60.0, None, {}, None), scratch)
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelearn.emulator import probe
from edgelearn.emulator.device import skew
from edgelearn.emulator.device.card import Counts, Written
from edgelearn.emulator.device.held import Look
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.profiles.budget import Budget
from edgelearn.errors import ConfigError, UnsupportedError

if TYPE_CHECKING:
    from edgelearn.emulator.device.caps import Plan
    from edgelearn.emulator.device.edge import EdgeDevice


@dataclass(frozen=True)
class Order:
    """What `EdgeDevice.run` was told besides the work; raises ConfigError, or UnsupportedError where nothing runs."""

    budget: Budget | None
    deadline_s: float
    covers_s: float | None
    env: dict[str, str]
    watch: Callable[[Look], object] | None

    def __post_init__(self) -> None:
        if os.name != "posix":
            raise UnsupportedError(
                "EdgeDevice runs on Linux, with weaker caps on other POSIX systems; use WSL here"
            )
        if not 0 < self.deadline_s < float("inf"):
            raise ConfigError(f"a deadline is a number of seconds above 0, not {self.deadline_s!r}")
        if self.covers_s is not None and not 0 < self.covers_s < float("inf"):
            raise ConfigError(f"covers_s is a number of seconds above 0, not {self.covers_s!r}")
        if self.budget is not None and not isinstance(self.budget, Budget):
            raise ConfigError(f"a budget is a Budget, such as Budget(ram='350MB'), not {self.budget!r}")


def done(device: "EdgeDevice", work: object, args: tuple[object, ...], order: Order, scratch: Path) -> Result:
    """Run ``work`` to its end; all that is temporary is below ``scratch``, or ended when this returns."""
    from edgelearn.emulator.device import caps, ending, launch  # not on systems without fork
    from edgelearn.emulator.device.work import command_line

    start_s = time.monotonic()
    clock = device.clock
    asked = caps.Asked(device.ram_bytes, device.cores, device.cpu, device.quota_bytes, clock, device.weaker)
    plan = caps.planned(asked, function=callable(work))
    try:
        in_python = clock.for_python(start_s) if clock is not None and plan.clock_library is None else None
        argv = command_line(work, args, scratch, in_python)
        folder, counts = _places(device, scratch)
        variables = _environment(plan, device, order, scratch) | counts.variables(folder)
        if clock is not None:
            variables[skew.VARIABLE] = clock.variable(start_s)
        spec = (
            _orders(device, order, scratch)
            | plan.spec()
            | {"argv": argv, "env": variables, "folder": str(folder)}
        )
        locks = [group.lock for group in plan.groups if group.lock is not None]
        end, trace = launch.supervised(spec, locks, order.watch)
    finally:
        plan.release()
    written = counts.read() if plan.card_library else Written(end["written_bytes"], None, None, 0)
    return ending.result(
        device, order, ending.Gathered(end, trace, written, plan, scratch, folder, callable(work))
    )


def _places(device: "EdgeDevice", scratch: Path) -> tuple[Path, Counts]:
    from edgelearn.emulator.device.watch import folder_bytes

    folder = (device.folder or scratch / "card").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (scratch / "tmp").mkdir()
    (scratch / "samples").mkdir()
    used_bytes = folder_bytes(str(folder))
    return folder, Counts(scratch / "counts", quota_bytes=device.quota_bytes or 0, used_bytes=used_bytes)


def _orders(device: "EdgeDevice", order: Order, scratch: Path) -> dict[str, Any]:
    return {name: str(scratch / name) for name in ("stdout", "stderr", "samples")} | {
        "scratch": str(scratch), "deadline_s": order.deadline_s, "ram_bytes": device.ram_bytes,
        "quota_bytes": device.quota_bytes or 0,
    }  # fmt: skip


def _environment(plan: "Plan", device: "EdgeDevice", order: Order, scratch: Path) -> dict[str, str]:
    from edgelearn.emulator.device.caps import THREADS

    found = dict(os.environ) | dict.fromkeys(THREADS, str(plan.cores))
    found |= {"PYTHONHASHSEED": str(device.seed % 2**32), "TMPDIR": str(scratch / "tmp")}
    found |= order.env
    found[probe.VARIABLE] = str(scratch / "samples")
    libraries = [str(library) for library in (plan.card_library, plan.clock_library) if library is not None]
    if libraries:
        found["LD_PRELOAD"] = " ".join([*libraries, *found.get("LD_PRELOAD", "").split()])
    return found
