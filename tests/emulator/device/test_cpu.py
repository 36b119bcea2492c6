"""Cores by affinity and thread counts; the rate by a cgroup, or by signals where that was asked for."""

import os
import signal
from pathlib import Path

import pytest

from edgelearn.emulator.device import caps, cgroups
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.throttle import Throttle
from edgelearn.errors import ConfigError
from tests.emulator.device.workloads import spin, surroundings


def test_cores_are_those_of_the_board_or_of_this_machine_whichever_are_fewer() -> None:
    here = len(os.sched_getaffinity(0))
    result = EdgeDevice("pi-zero-2w").run(surroundings, "OPENBLAS_NUM_THREADS")
    assert result.value["cpus"] == min(4, here)
    assert result.value["variable"] == str(min(4, here))
    assert any("4 cores" in note for note in result.notes) == (here < 4)


def test_thread_counts_are_set_unless_the_caller_sets_them() -> None:
    names = " ".join(f"${name}" for name in caps.THREADS)
    result = EdgeDevice("pi-zero-2w", cores=1).run(
        ["sh", "-c", f"echo {names}"], env={"MKL_NUM_THREADS": "3"}
    )
    expected = ["3" if name == "MKL_NUM_THREADS" else "1" for name in caps.THREADS]
    assert result.stdout.split() == expected


def test_a_rate_is_written_into_the_group() -> None:
    group = cgroups.claim("cpu", 0.25)
    if group is None:
        pytest.skip("no cgroup with a cpu controller can be made here")
    name = "cpu.max" if group.version == 2 else "cpu.cfs_quota_us"
    try:
        assert (group.path / name).read_text().split()[0] == "25000"
    finally:
        group.remove()
    assert EdgeDevice("pi-zero-2w", cpu=0.25).run(spin, 0.1).held["cpu"].by == f"cgroup v{group.version}"


@pytest.mark.usefixtures("no_cgroup")
def test_a_rate_is_refused_where_no_group_can_be_made() -> None:
    with pytest.raises(ConfigError, match=r"the cpu cap cannot be held here: no cgroup .* weaker=True"):
        EdgeDevice("pi-zero-2w", cpu=0.25).run(spin, 0.1)


@pytest.mark.usefixtures("no_cgroup")
def test_a_weaker_rate_holds_on_the_whole_and_says_so() -> None:
    result = EdgeDevice("pi-zero-2w", cpu=0.25, weaker=True).run(spin, 1.2)
    assert result.ok
    assert result.held["cpu"].by == "SIGSTOP and SIGCONT"
    assert result.held["cpu"].trust.startswith("weaker, as asked for")
    assert (
        result.cpu_s < 0.5 * result.wall_s
    )  # without it: all of it, on any machine that is idle enough to matter


@pytest.mark.parametrize("cores", [0.25, 1.0, 2.0])
def test_a_throttle_gives_what_the_rate_allows(cores: float) -> None:
    throttle, cpu_s = Throttle(cores), 0.0
    for tick in range(1, 2001):
        if throttle.may_run(tick * 0.01, cpu_s):
            cpu_s += 0.01 * 4  # it takes four cores whenever it may
    assert cpu_s == pytest.approx(cores * 20, rel=0.02)


def test_idle_time_is_not_saved_up_for_a_burst() -> None:
    throttle, cpu_s = Throttle(0.25), 0.0
    assert throttle.may_run(60.0, cpu_s)  # a minute of sleep
    for tick in range(1, 101):
        if throttle.may_run(60.0 + tick * 0.01, cpu_s):
            cpu_s += 0.01
    assert cpu_s < 0.25 + 0.05


def test_work_starts_on_the_card_as_if_nobody_had_started_it(tmp_path: Path) -> None:
    result = EdgeDevice("pi-zero-2w", folder=tmp_path / "card").run(surroundings, "HOME")
    assert result.value["cwd"] == tmp_path / "card"
    assert result.value["sigterm"] is True
    assert (result.value["no privileges"], result.value["dies by"]) == (True, signal.SIGKILL)
    assert result.value["numpy"] is False
