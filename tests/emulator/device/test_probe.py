"""Samples of work: free where nobody listens, counted and timed on a device."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edgelearn.emulator import probe
from edgelearn.emulator.device import latency
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.probe import sample


def test_where_nobody_listens_it_is_one_object_that_does_nothing() -> None:
    assert sample() is sample()
    with pytest.raises(ZeroDivisionError), sample():
        _ = 1 / 0


def sleeps(times_s: list[float]) -> None:
    for time_s in times_s:
        with sample():
            time.sleep(time_s)


def test_percentiles_are_those_of_the_work() -> None:
    result = EdgeDevice("pi-zero-2w").run(sleeps, [0.005] * 60 + [0.2])
    found = result.latency
    assert found is not None
    assert found.count == 61
    assert 5 <= found.p50_ms <= found.p99_ms <= found.max_ms
    assert found.p99_ms >= 200  # of 61 samples, the slowest
    assert found.cpu_p50_ms < 5  # it slept
    assert result.predicted_latency["p50_ms"].low_s < result.predicted_latency["p50_ms"].high_s


def many(count: int) -> None:
    """Mark samples in threads, a fork, and another program; some fail, some are nested."""

    def mark() -> None:
        for _ in range(count):
            with sample():
                pass

    threads = [threading.Thread(target=mark) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sample():
        pid = os.fork()
        if pid == 0:
            mark()
            os._exit(0)
        os.waitpid(pid, 0)
    code = "from edgelearn.emulator.probe import sample\nfor _ in range(10):\n    with sample(): pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    try:
        with sample(), sample():
            raise ValueError
    except ValueError:
        pass


def test_threads_forks_and_programs_count_together_and_failures_do_not() -> None:
    result = EdgeDevice("pi-zero-2w").run(many, 3000, env={"PYTHONPATH": str(Path(__file__).parents[3])})
    assert result.ok, result.stderr
    assert result.latency is not None
    assert result.latency.count == 4 * 3000 + 1 + 10


def test_samples_survive_a_kill_and_are_counted_live() -> None:
    seen = list[int]()
    result = EdgeDevice("pi-zero-2w").run(
        sleeps, [0.0] * 1500 + [60.0], deadline_s=1.5, watch=lambda look: seen.append(look.samples)
    )
    assert result.stopped == "deadline"
    assert result.latency is not None
    assert result.latency.count == 1500 == max(seen)


def test_a_run_without_samples_has_no_latency() -> None:
    result = EdgeDevice("pi-zero-2w").run(["true"])
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
