"""The caps of an emulated device: who is stopped and who is not, by each way that this machine has to hold memory."""

import os
import time
import timeit
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tools.bench.figure import Figure, Goal, Group, Measured

RUNS, CAP_BYTES = 20, 64_000_000
PATHS = ("cgroup", "rlimit")
_STEP_BYTES = 1 << 20
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def fill(total_bytes: int, hold_s: float) -> int:
    """Grow this process, its start counted, to ``total_bytes`` resident; stay; return the peak that the kernel saw."""
    blocks = []
    while (missing := total_bytes - resident_bytes()) >= _PAGE_BYTES:
        blocks.append(b"\1" * min(missing, _STEP_BYTES))
    time.sleep(hold_s)
    return peak_bytes()


def resident_bytes() -> int:
    """Return what this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES


def peak_bytes() -> int:
    """Return the most that this process ever held."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


def measure() -> Iterator[Measured]:
    from edgelearn.emulator.device import cgroups

    for path in PATHS:
        if path == "cgroup":
            above, below = _runs()
        else:
            with mock.patch.object(cgroups, "claim", return_value=None):
                above, below = _runs()
        by = above[0].held["ram"].by
        named = [run for run in above if run.stopped == "memory" and run.peak_rss_bytes > 0]
        seen = f"{by}; peaks {_range(above)} of {CAP_BYTES / 1e6:g} MB"
        yield Measured(f"emulator_caps.{path}_above", len(named), note=seen)
        stopped = sum(run.stopped is not None for run in below)
        yield Measured(f"emulator_caps.{path}_below", stopped, note=f"{by}; peaks {_range(below)}")
    yield Measured(
        "emulator_caps.sample_us", _sample_us(), note="the best of 5 times 20,000 samples, emulated"
    )


def _runs() -> tuple[list[Any], list[Any]]:
    from edgelearn.emulator.device.edge import EdgeDevice

    device = EdgeDevice("pi-zero-2w", ram=CAP_BYTES, cores=1)
    above = [device.run(fill, CAP_BYTES * 6 // 5, 0.5) for _ in range(RUNS)]
    return above, [device.run(fill, CAP_BYTES * 4 // 5, 0.1) for _ in range(RUNS)]


def _range(runs: list[Any]) -> str:
    peaks = [run.peak_rss_bytes / 1e6 for run in runs]
    return f"{min(peaks):.1f} to {max(peaks):.1f} MB"


def one_sample_us() -> float:
    """Return what marking a sample costs in this process."""
    from edgelearn.emulator.probe import sample

    def empty() -> None:
        with sample():
            pass

    return min(timeit.repeat(empty, number=20_000, repeat=5)) / 20_000 * 1e6


def _sample_us() -> float:
    from edgelearn.emulator.device.edge import EdgeDevice

    return float(EdgeDevice("pi-zero-2w", cores=1).run(one_sample_us).value)


_HELD = {"cgroup": "the cgroup that this machine has", "rlimit": "RLIMIT_DATA and the watch"}


def _figures(path: str) -> tuple[Figure, Figure]:
    above = f"of {RUNS} workloads 20 % above their memory cap, stopped and named; held by {_HELD[path]}"
    below = f"of {RUNS} workloads 20 % below it, stopped; held by {_HELD[path]}"
    return (
        Figure(f"emulator_caps.{path}_above", "runs", above, Goal(">=", RUNS)),
        Figure(f"emulator_caps.{path}_below", "runs", below, Goal("<=", 0)),
    )


GROUP = Group(
    "emulator_caps",
    (
        *(figure for path in PATHS for figure in _figures(path)),
        Figure(
            "emulator_caps.sample_us", "µs", "to mark one sample of work on an emulated device", Goal("<=", 5)
        ),
    ),
    measure,
)
