"""SIGKILL at random instants of a save: what the kernel had taken survives, so only half-done work shows.

>>> kills(save, load, n=20, seed=1).check()
"""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from edgelearn.emulator.power.child import Home, begin, home, scratch, started
from edgelearn.emulator.power.judge import ask, before, judge
from edgelearn.emulator.power.log import Op, PowerError, read
from edgelearn.emulator.power.plain import from_text
from edgelearn.emulator.power.report import Report
from edgelearn.errors import ConfigError

_POLL_S = 0.0005


def kills(
    save: Callable[[Path], Iterator[object]],
    load: Callable[[Path], Any],
    *,
    n: int = 20,
    seed: int = 0,
    folder: Path | None = None,
    deadline_s: float = 60.0,
) -> Report:
    """Kill a process that runs ``save``, ``n`` times, and run ``load`` on each folder it left; return the report.

    The seed draws the acknowledgement after which each kill falls and how long after it; how far the process gets
    in that time is up to the machine. ``save`` must yield the same values each time. Raises ConfigError, PowerError.
    """
    if not isinstance(n, int) or n < 1:
        raise ConfigError(f"there is at least one kill, not {n!r}")
    found, rng = home(save), random.Random(seed)
    report = Report(f"kills in {save.__qualname__}", seed=seed, cuts=n, exhaustive=False)
    report.total = report.states = n
    with scratch() as place:
        values = [before(load, begin(folder, place / "before"))]
        start_s = time.monotonic()
        values += _run(found, folder, place / "whole", None, 0.0, deadline_s)
        one_s = (time.monotonic() - start_s) / len(values)
        for number in range(1, n + 1):
            after, wait_s = rng.randrange(len(values)), rng.uniform(0.0, one_s)
            left = place / f"left{number}"
            seen = _run(found, folder, left, after, wait_s, deadline_s)
            if seen != values[1 : len(seen) + 1]:
                raise PowerError(
                    f"{found.qualname} yields other values in each run; draw them from a fixed seed"
                )
            verdict = judge(ask(load, left, values), len(seen), values)
            if verdict is not None:
                report.add(
                    number, verdict, f"killed {wait_s * 1e3:.1f} ms after {after} acknowledgements", tuple
                )
    return report


def _run(
    found: Home, start: Path | None, folder: Path, after: int | None, wait_s: float, deadline_s: float
) -> list[object]:
    """Run the save on a fresh folder, to its end or killed after so many acknowledgements; return what it yielded."""
    log = folder.with_name(folder.name + ".log")
    log.touch()
    with started(found, "save", begin(start, folder), log) as child:
        if after is None:
            child.finish(found, deadline_s)
        else:
            until = time.monotonic() + deadline_s
            while child.process.poll() is None and len(_acks(log)) <= after and time.monotonic() < until:
                time.sleep(_POLL_S)
            time.sleep(wait_s)
            child.end()
    return [from_text(op.data.decode()) for op in _acks(log) if op.data]


def _acks(log: Path) -> list[Op]:
    """Return the marks so far: one when the save begins, one a value; a mark is one write, so none is half there."""
    return [op for op in read(log) if op.kind == "ack"]
