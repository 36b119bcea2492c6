"""Saves of people's programs: what is right on every disk passes, what only some disks forgive does not."""

import sys

import pytest

from edgelearn.emulator.native import compiler
from edgelearn.emulator.power import power_cut
from tests.emulator.power import projects


@pytest.mark.parametrize(
    ("save", "load"), projects.RIGHT, ids=lambda function: getattr(function, "__name__", "")
)
def test_right_saves_pass(save: projects.Save, load: projects.Load) -> None:
    report = power_cut(save, load)
    report.check()
    assert report.exhaustive
    assert report.states > 50


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or compiler() is None,
    reason="a recorder that sees inside SQLite needs Linux and a C compiler",
)
@pytest.mark.parametrize("save", projects.DATABASES, ids=lambda save: save.__name__)
def test_sqlite_that_syncs_passes_in_each_of_its_modes(save: projects.Save) -> None:
    report = power_cut(save, projects.load_database, limit=800)
    report.check()
    assert report.states > 200


def test_marks_at_both_ends_are_no_checksum() -> None:
    report = power_cut(projects.footers, projects.load_footers)
    assert report.corrupt > 0
    assert " and " in str(report.failures[0])  # the first bytes and the last ones arrived


def test_a_name_that_overtakes_another_is_caught_where_no_order_is_kept() -> None:
    report = power_cut(projects.pointed_at_once, projects.load_pointed)
    assert report.corrupt > 0
    assert any("its name is lost" in line for line in report.failures[0].ops)
    power_cut(projects.pointed_at_once, projects.load_pointed, model="ext4").check()


def test_nothing_at_all_is_lost_where_something_was_acknowledged() -> None:
    report = power_cut(projects.forgets, projects.load_value)
    assert (report.corrupt, report.lost > 0) == (0, True)
    assert all("returned None, and 1 was acknowledged" in failure.words for failure in report.failures)
