"""Budgets: what holds, what is broken, what is open; exact at the limit; and a judge that never fails is caught."""

import json
import math
from collections.abc import Callable

import pytest

from edgelearn.emulator.profiles import budget as module
from edgelearn.emulator.profiles.budget import LIMITS, Budget
from edgelearn.emulator.profiles.verdict import Measured
from edgelearn.errors import ConfigError, InputError
from tests.emulator.profiles.mutating import mutated

MIB = 2**20

# limit name, limit, low, high, what it says: True held, False broken, None open
TRUTH = [
    ("ram", "100MB", 99e6, 99e6, True),
    ("ram", "100MB", 100e6, 100e6, True),  # at the limit
    ("ram", "100MB", 100_000_001, 100_000_001, False),
    ("ram", "100MiB", 100 * MIB, 100 * MIB, True),
    ("p99_ms", 20, 12, 20, True),
    ("p99_ms", 20, 12, 20.5, None),
    ("p99_ms", 20, 20, 31, None),  # the low end just holds
    ("p99_ms", 20, 20.5, 31, False),
    ("cpu_s", 2, 0, 0, True),
    ("card_years", 5, 5, 90, True),  # a least: at the limit
    ("card_years", 5, 4.9, 90, None),
    ("card_years", 5, 1, 5, None),
    ("card_years", 5, 1, 4.9, False),
    ("card_years", 5, math.inf, math.inf, True),
]


def check_judge(make: Callable[..., Budget]) -> None:
    """Fail unless a budget says of every row of the table what it has to."""
    for name, limit, low, high, holds in TRUTH:
        found = Measured(low=low, high=high, unit=LIMITS[name].unit, basis="predicted")
        verdict = make(**{name: limit}).judge({name: found})
        (line,) = verdict.lines
        assert line.holds is holds, (name, limit, low, high, line.holds)
        assert verdict.ok is (holds is not False), (name, limit, low, high)
        assert bool(line.why) is (holds is None)
    (line,) = make(ram="1MB").judge({}).lines
    assert line.holds is None
    assert line.why == "nothing was measured"


def test_every_row_of_the_table() -> None:
    check_judge(Budget)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("holds = True if good else False if bad else None", "holds = True"),  # never fails
        ("holds = True if good else False if bad else None", "holds = good"),  # open counts as broken
        ("holds = True if good else False if bad else None", "holds = not bad"),  # open counts as held
        ("found.high <= limit", "found.high < limit"),
        ("found.high <= limit", "found.low <= limit"),  # believes the better end
        ("found.low >= limit", "found.high >= limit"),
        ("found.high < limit", "found.low < limit"),  # breaks a least too early
        ("if least:", "if False:"),  # a least taken for a most
    ],
)
def test_a_wrong_judge_is_caught(old: str, new: str) -> None:
    twin = mutated(module, old, new)
    with pytest.raises(AssertionError):
        check_judge(twin.Budget)


def test_one_broken_line_breaks_the_budget_and_open_ones_do_not() -> None:
    budget = Budget(ram="350MB", p99_ms=20, writes_per_day="50MB", card_years=5)
    found = {
        "ram": Measured(361e6, unit="bytes"),
        "p99_ms": Measured(low=12, high=31, unit="ms", basis="predicted"),
        "card_years": Measured(low=6, high=90, unit="years", basis="predicted"),
        "stack": Measured(7, unit="bytes"),  # nobody asked
    }
    verdict = budget.judge(found)
    assert not verdict.ok
    assert [line.name for line in verdict.lines] == ["ram", "p99_ms", "writes_per_day", "card_years"]
    assert [line.name for line in verdict.broken] == ["ram"]
    assert [line.name for line in verdict.open] == ["p99_ms", "writes_per_day"]
    held = budget.judge({**found, "ram": Measured(349e6, unit="bytes")})
    assert held.ok
    assert len(held.open) == 2


def test_the_table_says_everything() -> None:
    budget = Budget(ram="350MB", p99_ms=20, writes_per_day="50MB", cpu_s=2)
    found = {
        "ram": Measured(361e6, unit="bytes"),
        "p99_ms": Measured(low=12, high=31, unit="ms", basis="predicted"),
        "cpu_s": Measured(1.25, unit="s"),
    }
    rows = [" ".join(row.split()) for row in str(budget.judge(found)).splitlines()]
    assert rows == [
        "budget: broken (1 of 4 lines broken, 2 open)",
        "ram at most 350 MB 361 MB measured BROKEN",
        "p99_ms at most 20 ms 12 ms to 31 ms predicted open: the limit lies inside the predicted range",
        "writes_per_day at most 50 MB/day not measured open: nothing was measured",
        "cpu_s at most 2 s 1.25 s measured held",
    ]
    assert str(Budget().judge({})) == "budget: held"
    assert "at least 5 years" in str(Budget(card_years=5).judge({}))


def test_json() -> None:
    budget = Budget(ram="1MB", card_years=5)
    verdict = budget.judge({"card_years": Measured(math.inf, unit="years", basis="counted")})
    read = json.loads(json.dumps(verdict.as_dict(), allow_nan=False))
    assert read["ok"] is True
    assert [line["holds"] for line in read["lines"]] == [None, True]
    assert read["lines"][1]["basis"] == "counted"


@pytest.mark.parametrize(
    ("limits", "value"),
    [
        ({"ram": "350MB"}, 350e6), ({"ram": "350MiB"}, 350 * MIB), ({"ram": 4096}, 4096), ({"flash": "64KB"}, 64e3),
        ({"stack": "2KB"}, 2000), ({"writes_per_day": "50MB"}, 50e6), ({"p99_ms": 20}, 20), ({"p99_ms": "20ms"}, 20),
        ({"p50_ms": "0.5s"}, 500), ({"max_ms": "250us"}, 0.25), ({"cpu_s": "500ms"}, 0.5), ({"cpu_s": "2"}, 2),
        ({"card_years": 7.5}, 7.5), ({"instructions": 1_000_000}, 1e6),
    ],
)  # fmt: skip
def test_limits_as_people_write_them(limits: dict[str, float | str], value: float) -> None:
    (limit,) = Budget(**limits).limits.values()
    assert limit == pytest.approx(value)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"rma": "350MB"}, "a budget has no 'rma'; did you mean ram"),
        ({"colour": 7}, r"a budget has no 'colour'; there are ram, p50_ms, .*stack"),
        (
            {"ram": "350 megs"},
            r"budget ram \(peak resident memory\): a size is written like .* not '350 megs'",
        ),
        ({"ram": 0}, "whole number above 0, not 0"),
        ({"ram": None}, "not None"),
        ({"p99_ms": "20 min"}, "a time is written like 20, '20ms' or '0.5s', not '20 min'"),
        ({"p99_ms": "soon"}, "not 'soon'"),
        ({"p99_ms": -1}, "above 0, not -1"),
        ({"p99_ms": True}, "above 0, not True"),
        ({"cpu_s": float("nan")}, "above 0, not nan"),
        ({"card_years": "5 years"}, "'5 years' is not a number of years"),
        ({"instructions": []}, "is not a number of instructions"),
        ({"instructions": float("inf")}, "above 0, not inf"),
    ],
)
def test_a_limit_that_makes_no_sense_is_named(limits: dict[str, float | str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Budget(**limits)


def test_a_measurement_that_makes_no_sense_is_named() -> None:
    for wrong in (
        {}, {"value": -1}, {"value": float("nan")}, {"low": 3, "high": 2}, {"low": 3},
        {"value": 1, "low": 0, "high": 2},
    ):  # fmt: skip
        with pytest.raises(InputError, match="a measurement"):
            Measured(unit="s", **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="p99_ms is judged in ms; it was measured in 's'"):
        Budget(p99_ms=20).judge({"p99_ms": Measured(0.02, unit="s")})
