import math

import pytest

from tools.bench import table
from tools.bench.figure import Figure, Goal, Measured, record

FIGURE = Figure("group.what", "x", "something", Goal(">=", 500), "a peer", noise=0.05)


@pytest.mark.parametrize(
    ("goal", "kept", "missed"),
    [
        (Goal(">=", 500), 500.0, 499.9),
        (Goal("<=", 1.25), 1.25, 1.2501),
        (Goal("|.|<=", 0.002), -0.002, -0.0021),
    ],
)
def test_a_goal_holds_up_to_its_bound_and_not_beyond(goal: Goal, kept: float, missed: float) -> None:
    assert goal.holds(kept)
    assert not goal.holds(missed)
    assert not goal.holds(math.nan)


def test_whether_it_holds_follows_from_the_value() -> None:
    assert record(FIGURE, Measured("group.what", 600))["holds"] is True
    assert record(FIGURE, Measured("group.what", 400))["holds"] is False
    assert record(FIGURE._replace(goal=None), Measured("group.what", 400))["holds"] is None


def test_a_noisy_control_is_said_not_hidden() -> None:
    assert record(FIGURE, Measured("group.what", 600, control=0.96))["reliable"] is True
    noisy = record(FIGURE, Measured("group.what", 600, control=0.94))
    assert noisy["reliable"] is False
    assert noisy["value"] == 600


def test_a_figure_that_was_not_measured_neither_holds_nor_fails() -> None:
    said = record(FIGURE, None, "needs data")
    assert (said["value"], said["holds"], said["note"]) == (None, None, "needs data")
    assert (said["goal"], said["peer"], said["unit"]) == (">= 500", "a peer", "x")


@pytest.mark.parametrize(
    ("value", "text"), [(14.0, "14"), (0.67213, "0.6721"), (1014.66, "1015"), (math.nan, "nan")]
)
def test_numbers_have_the_digits_a_reader_needs(value: float, text: str) -> None:
    assert table.number(value) == text
