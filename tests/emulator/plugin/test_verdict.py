"""The verdict on a test is the worst of its runs, line by line."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from edgelearn.emulator.plugin.use import Use
from edgelearn.emulator.plugin.verdict import verdict_of
from edgelearn.emulator.profiles.budget import Budget
from edgelearn.emulator.profiles.verdict import Measured

BUDGET = Budget(ram="10MB", card_years=5, stack="1KB")
FULL, HALF = Measured(12e6, unit="bytes"), Measured(5e6, unit="bytes")
AROUND = Measured(low=8e6, high=12e6, unit="bytes", basis="predicted")


def used(*found: dict[str, Measured]) -> Use:
    """Return a test's use: a run each of which this was found."""
    runs = [SimpleNamespace(verdict=BUDGET.judge(one)) for one in found]
    return Use(0, "pi-4b", BUDGET, cast("list[Any]", runs))


@pytest.mark.parametrize(
    ("found", "holds", "high"),
    [
        ([FULL, HALF], False, 12e6),
        ([HALF, FULL], False, 12e6),
        ([HALF, AROUND], None, 12e6),
        ([AROUND, FULL, HALF], False, 12e6),
        ([HALF, Measured(6e6, unit="bytes")], True, 6e6),
    ],
)
def test_the_worst_run_counts(found: list[Measured], holds: bool | None, high: float) -> None:
    verdict = verdict_of(used(*({"ram": one} for one in found)))
    assert verdict is not None
    (line,) = [line for line in verdict.lines if line.name == "ram"]
    assert (line.holds, line.high) == (holds, high)


def test_of_what_must_not_be_less_the_least_counts() -> None:
    years = [Measured(value, unit="years") for value in (9.0, 6.0, 7.0)]
    verdict = verdict_of(used(*({"card_years": one} for one in years)))
    assert verdict is not None
    assert [line.low for line in verdict.lines if line.name == "card_years"] == [6.0]


def test_a_line_that_one_run_measured_is_not_open_for_the_others() -> None:
    verdict = verdict_of(used({"ram": HALF}, {"card_years": Measured(9.0, unit="years")}))
    assert verdict is not None
    assert {line.name: line.holds for line in verdict.lines} == {
        "ram": True,
        "card_years": True,
        "stack": None,
    }


def test_without_a_budget_there_is_no_verdict() -> None:
    assert verdict_of(Use(0, "pi-4b")) is None
