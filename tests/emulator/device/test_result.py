"""A result: readable, JSON, judged; what is predicted is never printed as measured."""

import dataclasses
import json
import sys
from typing import Any

import pytest

from edgelearn.emulator.device.held import Look
from edgelearn.emulator.device.latency import Latency
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.profiles.budget import Budget
from edgelearn.emulator.profiles.prediction import predict
from tests.emulator.device.together import asked, together
from tests.emulator.device.workloads import fail, same, sleeps

ALL = Budget(
    ram="200MB", writes_per_day="1GB", card_years=1, cpu_s=1000, p50_ms=1000, p99_ms=1000, max_ms=1000
)
HASH = [sys.executable, "-c", "print(hash('edge'))"]
LOOKS = list[Look]()


@pytest.fixture(scope="module")
def runs() -> dict[str, Result]:
    """Return what became of each run."""
    return together(
        {
            "all": asked(sleeps, [0.001] * 5, budget=ALL, covers_s=86400),
            "no samples": asked(["true"], budget=Budget(p99_ms=20, ram="1GB")),
            "fails": asked(fail, "why", budget=Budget(ram="1GB")),
            "watched": asked(sleeps, [0.01] * 30, watch=LOOKS.append),
            "small": asked(["sleep", "0.2"]),
            "python": asked(same, 1),
            "wrote": asked(["sh", "-c", "printf x > a"]),
            **{f"seed {n}": asked(HASH, device={"seed": seed}) for n, seed in enumerate((1, 1, 2))},
        }
    )


@pytest.fixture
def result(runs: dict[str, Result]) -> Result:
    return runs["all"]


def judged(result: Result, **limits: Any) -> Result:
    return dataclasses.replace(result, budget=Budget(**limits))


def test_what_was_measured_and_what_is_predicted_are_told_apart(result: Result) -> None:
    here, _, predicted = str(result).partition("  predicted for")
    assert "measured on this machine" in here
    assert here.splitlines()[1] == "  budget: held"  # first of all what was asked
    assert all(word in here for word in ("memory", "CPU", "samples", "written"))
    assert ", not measured" in predicted.splitlines()[0]
    assert all(word in predicted for word in ("p99", "card", "to"))
    assert "affinity" in predicted.partition("  caps")[2]
    assert "how       predicted, not measured: " in predicted
    table, _, rest = str(result).partition("  measured on")
    assert max(map(len, rest.splitlines())) <= 120, table


def test_what_a_day_is_reckoned_from_is_said_where_nobody_said_it(runs: dict[str, Result]) -> None:
    guessed = runs["wrote"]
    assert guessed.covers_s is None
    assert [note for note in guessed.notes if f"these {guessed.wall_s:.3g} s went on for ever" in note]
    for name in ("all", "no samples"):  # told, and nothing written
        assert not [note for note in runs[name].notes if "covers_s" in note]


def test_a_day_that_nobody_spoke_of_is_a_range_from_this_run_alone_to_without_a_pause(
    runs: dict[str, Result],
) -> None:
    most = runs["wrote"].writes_per_day_bytes
    for covers_s, holds in ((None, None), (runs["wrote"].wall_s, False)):
        guessed = dataclasses.replace(runs["wrote"], covers_s=covers_s)
        lines = judged(guessed, writes_per_day=int(most / 2), card_years=999_999).verdict
        assert lines is not None
        assert [line.holds for line in lines.lines] == [holds, holds]
    held = judged(runs["wrote"], writes_per_day=int(most * 2)).verdict
    assert held is not None
    assert held.lines[0].holds


def test_threads_share_their_processor_time_at_best(result: Result) -> None:
    """A sample of 10 ms that four threads worked 40 ms on: from as if all ran at once, to one after the other."""
    shared = Latency(1, 10.0, 10.0, 10.0, 40.0, 40.0, 40.0)
    said = dataclasses.replace(result, latency=shared).predicted_latency["p99_ms"]
    assert said.low_s == pytest.approx(predict(result.profile, cpu_s=0.01).low_s)
    assert said.high_s == pytest.approx(predict(result.profile, cpu_s=0.04).high_s)


def test_it_is_json(result: Result) -> None:
    found = json.loads(json.dumps(result.as_dict()))
    assert found["peak_rss_bytes"] == result.peak_rss_bytes
    assert found["predicted"]["p99_ms"]["basis"] == "predicted"
    assert found["held"]["ram"]["by"] == result.held["ram"].by
    assert found["verdict"]["ok"] is True
    assert len(found["trace"]) == len(result.trace) > 0


def test_each_limit_is_judged_by_what_it_is_about(result: Result) -> None:
    assert result.verdict is not None
    basis = {line.name: line.basis for line in result.verdict.lines}
    assert basis == {
        "ram": "measured", "writes_per_day": "counted", "card_years": "predicted", "cpu_s": "predicted",
        "p50_ms": "predicted", "p99_ms": "predicted", "max_ms": "predicted",
    }  # fmt: skip
    assert result.verdict.ok
    result.raise_for_budget()


@pytest.mark.parametrize("limits", [{"ram": "1MB"}, {"cpu_s": 1e-6}, {"p99_ms": 1e-6}])
def test_a_broken_budget_raises_with_the_whole_result(result: Result, limits: dict[str, Any]) -> None:
    broken = judged(result, **limits)
    with pytest.raises(AssertionError, match="BROKEN"):
        broken.raise_for_budget()


def test_what_was_not_measured_is_open_never_held(runs: dict[str, Result]) -> None:
    found = runs["no samples"]
    assert found.verdict is not None
    assert {line.name: line.holds for line in found.verdict.lines} == {"p99_ms": None, "ram": True}


def test_a_limit_inside_a_prediction_is_open(result: Result) -> None:
    said = result.predicted_cpu
    found = judged(result, cpu_s=(said.low_s + said.high_s) / 2).verdict
    assert found is not None
    assert found.lines[0].holds is None


def test_a_run_that_was_stopped_is_no_success_whatever_its_budget(runs: dict[str, Result]) -> None:
    found = runs["fails"]
    assert found.verdict is not None
    assert found.verdict.ok
    with pytest.raises(AssertionError, match="why"):
        found.raise_for_budget()


def test_a_run_can_be_watched(runs: dict[str, Result]) -> None:
    found = runs["watched"]
    assert found.trace == LOOKS
    assert [look.t_s for look in LOOKS] == sorted(look.t_s for look in LOOKS)
    assert 0 < max(look.rss_bytes for look in LOOKS) <= found.peak_rss_bytes


def test_the_peak_of_a_small_program_is_its_own_and_not_its_supervisors(runs: dict[str, Result]) -> None:
    small, python = runs["small"], runs["python"]
    assert 0 < small.peak_rss_bytes < 5_000_000 < python.peak_rss_bytes < 40_000_000


def test_the_seed_is_that_of_pythons_hashes(runs: dict[str, Result]) -> None:
    first, again, other = (runs[f"seed {n}"].stdout for n in range(3))
    assert first == again != other
