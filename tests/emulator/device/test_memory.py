"""Memory: 20 % above the cap is stopped and named, 20 % below is not; by a cgroup, and without one.

That it is always so, in 20 runs each, is a figure of the bench group emulator_caps.
"""

import os
import resource
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edgelearn.emulator.device import cgroups, running, tree, watch
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.result import Result
from tests.emulator.device.conftest import skip_without_cgroup
from tests.emulator.device.together import asked, together
from tests.emulator.device.workloads import (
    MB,
    family,
    forked,
    over_its_own_budget,
    parent_of_many,
    spike,
    too_much_at_once,
)
from tools.bench.groups.emulator_caps import fill

CAP = 64 * MB
SPEC = {
    "throttle": 0, "ram_bytes": CAP, "groups": [], "ram_in_group": False, "quota_bytes": 0, "deadline_s": 60,
}  # fmt: skip


def device(**options: Any) -> EdgeDevice:
    return EdgeDevice("pi-zero-2w", ram=CAP, cores=1, **options)


class Held(NamedTuple):
    """By what memory was held, and what became of each run under it."""

    path: str
    runs: dict[str, Result]


@pytest.fixture(scope="module", params=["cgroup", "rlimit"])
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """Have memory held by each in turn; the runs of one go side by side."""
    small = {"ram": CAP, "cores": 1}
    big = tmp_path_factory.mktemp("disk") / "big"
    runs = {
        "above": asked(fill, CAP * 6 // 5, 5.0, device=small),
        "below": asked(fill, CAP * 4 // 5, 0.05, device=small),
        "spike": asked(spike, CAP * 6 // 5, device=small),
        "family": asked(family, 3, 20 * MB, device=small),
        "forked": asked(forked, 3, 25 * MB, device=small),
        "parent": asked(parent_of_many, 36 * MB, device=small),
        "page cache": asked(["dd", "if=/dev/zero", f"of={big}", "bs=1M", "count=100"], device=small),
    }
    if request.param == "cgroup":
        skip_without_cgroup()
        return Held("cgroup", together(runs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cgroups, "claim", lambda *_: None)
        return Held("rlimit", together(runs))


def test_above_is_stopped_and_named(held: Held) -> None:
    path, result = held.path, held.runs["above"]
    assert result.stopped == "memory"
    assert "cap of 64.00 MB" in str(result.why)
    assert path in result.held["ram"].by
    assert "watch" in result.held["ram"].by
    assert CAP * 0.9 < result.peak_rss_bytes < CAP * 1.25
    assert "stopped: memory" in str(result)


def test_below_is_not_stopped_and_its_peak_is_what_it_says_itself(held: Held) -> None:
    path, result = held.path, held.runs["below"]
    assert result.stopped is None, result.why
    assert path in result.held["ram"].by
    assert result.peak_rss_bytes == pytest.approx(result.value, rel=0.05)
    assert result.value == pytest.approx(CAP * 4 // 5, rel=0.05)


def test_a_spike_between_two_looks_is_named(held: Held) -> None:
    assert held.runs["spike"].stopped == "memory"


def test_a_family_is_counted_together(held: Held) -> None:
    assert (held.runs["family"].stopped, held.runs["family"].value) == ("memory", None)


def test_shared_pages_are_counted_once(held: Held) -> None:
    result = held.runs["forked"]
    assert result.value == "not stopped", result.why
    assert result.peak_rss_bytes > 25 * MB


def test_what_a_child_is_before_it_is_a_program_is_not_counted(held: Held) -> None:
    assert held.runs["parent"].value == "not stopped", held.runs["parent"].why


@pytest.mark.usefixtures("no_cgroup")
def test_a_refused_allocation_is_named_without_a_cgroup() -> None:
    result = device().run(too_much_at_once, 10 * CAP)
    assert result.stopped == "memory"
    assert result.error is not None
    assert result.error.type == "MemoryError"


@pytest.mark.usefixtures("no_cgroup")
def test_a_command_that_is_refused_memory_is_named() -> None:
    result = device().run([sys.executable, "-c", f"bytearray({10 * CAP})"])
    assert (result.stopped, result.why) == ("memory", "it was refused: MemoryError")


def test_a_budget_error_is_no_full_memory() -> None:
    assert device().run(over_its_own_budget).stopped == "error"


def test_a_peak_that_only_the_kernel_saw_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ended between two looks: what is left of it is the highest the kernel saw, when it was reaped."""
    highest = {resource.RUSAGE_SELF: 10 * MB, resource.RUSAGE_CHILDREN: CAP + 1}
    monkeypatch.setattr(watch, "_max_rss", highest.__getitem__)
    seen = watch.Watch(SPEC, os.getpid(), 0.0)
    assert (seen.last() or ("",))[0] == "memory"
    highest[resource.RUSAGE_CHILDREN] = 10 * MB + 4096  # a copy of the supervisor, before it was a program
    seen = watch.Watch(SPEC, os.getpid(), 0.0)
    assert (seen.last(), seen.peak_bytes) == (None, 0)


def test_a_peak_of_a_process_that_runs_on_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch.tree, "usage", lambda *_: tree.Usage(10 * MB, CAP + 1, 0.0))
    seen = watch.Watch(SPEC | {"deadline_s": 1e9}, os.getpid(), 0.0).look()
    assert (seen.rss_bytes, (seen.stop or ("",))[0]) == (10 * MB, "memory")


@pytest.mark.usefixtures("a_cgroup")
def test_the_kernels_kill_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = cgroups.claim
    monkeypatch.setattr(cgroups, "claim", lambda name, limit, *more: claim(name, limit / 2, *more))
    result = device().run(fill, CAP * 4 // 5, 5.0)  # below what the watch looks for
    assert result.stopped == "memory"
    assert "the kernel killed" in str(result.why)


def test_page_cache_stops_nobody(held: Held, tmp_path: Path) -> None:
    if _in_memory(tmp_path):
        pytest.skip("the temporary folder is memory itself, not page cache")
    result = held.runs["page cache"]
    assert result.ok, result.why
    assert result.peak_rss_bytes < CAP


@pytest.mark.usefixtures("no_cgroup")
def test_a_watch_that_looks_away_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with nothing that kills, the workload above its cap ends well, so the tests above would fail."""
    orders = running._orders
    monkeypatch.setattr(running, "_orders", lambda *given: orders(*given) | {"ram_bytes": 0})
    result: Result = device().run(fill, CAP * 6 // 5, 0.1)
    assert result.stopped is None
    assert result.peak_rss_bytes > CAP


def _in_memory(folder: Any) -> bool:
    with open("/proc/mounts") as table:  # noqa: PTH123
        mounts = [line.split()[1:3] for line in table]
    best = max((place for place, _ in mounts if str(folder).startswith(place)), key=len)
    return dict(mounts)[best] in ("tmpfs", "ramfs")
