"""Figures over seeds and shares of right answers."""

import numpy as np
import pytest

from edgelearn.bench.figure import Figure
from edgelearn.bench.means import means, over_seeds, share


def test_a_figure_is_the_mean_over_seeds_with_its_deviation_and_every_value():
    found = over_seeds("a.b", np.array([1.0, 2.0, 6.0], np.float32), eta=0.5)
    assert (found.name, found.value) == ("a.b", 3.0)
    assert found.spread == pytest.approx(np.sqrt(14 / 3))
    assert found.detail == {"seeds": [1.0, 2.0, 6.0], "eta": 0.5}
    assert {type(value) for value in found.detail["seeds"]} == {float}  # which JSON can hold


def test_one_seed_has_no_deviation():
    assert over_seeds("a.b", [0.7]).spread is None


def test_rows_of_seeds_become_figures_and_their_means_come_back():
    found = []

    def measure():
        found.append((yield from means("a", [{"b": 1, "c": 0.0}, {"b": 3, "c": 0.5}])))

    assert [(m.name, m.value) for m in measure()] == [("a.b", 2.0), ("a.c", 0.25)]
    assert found == [{"b": 2.0, "c": 0.25}]


def test_only_what_is_declared_becomes_a_figure():
    rows = [{"b": 1.0, "helper": 9.0}]
    assert [m.name for m in means("a", rows, [Figure("a.b", "", ""), Figure("a.c", "", "")])] == ["a.b"]


@pytest.mark.parametrize("said", [[1, 2, 2, 0], np.array([1, 2, 2, 0]), (1, 2, 2, 0)])
def test_a_share_counts_what_is_right(said):
    assert share(said, np.array([1, 2, 0, 0])) == 0.75


def test_seeds_that_agree_have_no_deviation_at_all():
    assert over_seeds("a.b", [0.1, 0.1, 0.1]).spread == 0.0  # sums in floating point would leave some 1e-17
