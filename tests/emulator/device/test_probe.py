"""Samples of work: free where nobody listens, counted and timed on a device."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgelearn.emulator import probe
from edgelearn.emulator.device import latency
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.probe import sample
from tests.emulator.device.together import asked, together
from tests.emulator.device.workloads import marks, sleeps


def test_where_nobody_listens_it_is_one_object_that_does_nothing() -> None:
    assert sample() is sample()
    with pytest.raises(ZeroDivisionError), sample():
        _ = 1 / 0


@pytest.fixture(scope="module")
def runs() -> dict[str, Result]:
    """Return what became of each run."""
    return together(
        {
            "sleeps": asked(sleeps, [0.005] * 60 + [0.2]),
            "marks": asked(marks, 3000, env={"PYTHONPATH": str(Path(__file__).parents[3])}),
            "none": asked(["true"]),
        }
    )


def test_percentiles_are_those_of_the_work(runs: dict[str, Result]) -> None:
    result = runs["sleeps"]
    found = result.latency
    assert found is not None
    assert found.count == 61
    assert 5 <= found.p50_ms <= found.p99_ms <= found.max_ms
    assert found.p99_ms >= 200  # of 61 samples, the slowest
    assert found.cpu_p50_ms < 5  # it slept
    assert result.predicted_latency["p50_ms"].low_s < result.predicted_latency["p50_ms"].high_s


def test_threads_forks_and_programs_count_together_and_failures_do_not(runs: dict[str, Result]) -> None:
    result = runs["marks"]
    assert result.ok, result.stderr
    assert result.latency is not None
    assert result.latency.count == 4 * 3000 + 2 + 10


def test_samples_survive_a_kill_and_are_counted_live() -> None:
    """By itself: all but the last sample must end before the deadline."""
    seen = list[int]()
    run = asked(sleeps, [0.0] * 1500 + [60.0], deadline_s=6.0, watch=lambda look: seen.append(look.samples))
    result = run()
    assert result.stopped == "deadline"
    assert result.latency is not None
    assert result.latency.count == 1500 == max(seen)


def test_a_run_without_samples_has_no_latency(runs: dict[str, Result]) -> None:
    result = runs["none"]
    assert (result.latency, result.predicted_latency) == (None, {})


@pytest.mark.parametrize(("share", "rank"), [(0.5, 50), (0.99, 99), (0.991, 100), (0.001, 1), (1.0, 100)])
def test_a_percentile_is_a_sample_that_was_seen(share: float, rank: int) -> None:
    assert latency.rank(range(1, 101), share) == rank


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    code = "from edgelearn.emulator.probe import sample\nwith sample(): pass\nprint('fine')"
    env = os.environ | {probe.VARIABLE: str(tmp_path / "gone"), "PYTHONPATH": str(Path(__file__).parents[3])}
    assert (
        subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        ).stdout
        == "fine\n"
    )
