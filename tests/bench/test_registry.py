"""What every measured system declares fits together."""

import inspect
import json
import re
from pathlib import Path

import pytest

from edgelearn.bench.row import Row, figure
from edgelearn.bench.systems import load, names
from edgelearn.errors import ConfigError

RESULTS = Path(__file__).parents[2] / "tools" / "bench" / "systems.json"


def named(row: Row) -> set[str]:
    """Return every figure that a row names."""
    cells = (row.ours, row.frozen, row.ablation, row.backprop, row.shuffled, row.by_class)
    found = {figure(cell) for cell in cells}
    found |= (
        {f"{row.cost}.{what}" for what in ("memory", "memory_bp", "macs", "macs_bp")} if row.cost else set()
    )
    return found - {None}


@pytest.mark.parametrize("name", names())
def test_a_module_says_what_it_is_and_its_rows_name_what_it_declares(name):
    module = load(name)
    title = (module.__doc__ or "").splitlines()[0]
    declared = [figure.name for figure in module.FIGURES]
    assert title.endswith(".")
    assert isinstance(module.DATA, tuple)
    assert inspect.isgeneratorfunction(module.measure)
    assert len(set(declared)) == len(declared)
    assert all(re.fullmatch(rf"{name}(\.\w+)+", figure) for figure in declared)
    assert all(figure.what for figure in module.FIGURES)
    assert module.ROWS
    for row in module.ROWS:
        assert named(row) <= set(declared), row.system
        assert (row.shuffled is None) == (row.by_class is None)
        assert all((row.system, row.source, row.neuron, row.rule, row.signal, row.data, row.published))
        assert re.search(r"[.]$", row.meaning), row.system


@pytest.mark.parametrize("name", names())
def test_a_quick_form_declares_goals_of_its_own_or_those_of_the_full_run(name):
    figures = load(name).FIGURES
    quick = [figure for figure in figures if ".quick_" in figure.name or figure.name.endswith(".quick")]
    assert all(figure.goal for figure in quick)
    assert len(quick) >= 1


def test_all_figures_of_all_systems_have_names_of_their_own():
    every = [figure.name for name in names() for figure in load(name).FIGURES]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("name", names())
def test_what_is_kept_of_a_full_run_of_three_seeds_is_what_is_declared(name):
    entry = json.loads(RESULTS.read_text(encoding="utf-8"))["systems"][name]
    kept = entry["figures"]
    assert entry["seeds"] >= 3
    declared = {figure.name: figure for figure in load(name).FIGURES}
    assert kept.keys() <= declared.keys()
    assert all(".quick_" in figure for figure in declared.keys() - kept.keys())
    goals = {figure: None if declared[figure].goal is None else str(declared[figure].goal) for figure in kept}
    assert goals == {figure: found["goal"] for figure, found in kept.items()}


@pytest.mark.parametrize(
    ("asked", "said"),
    [("lsl", "did you mean lpl or lls"), ("TESS", "did you mean tess"), ("hebb", "deep_hebbian or softhebb")],
)
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(asked, said):
    with pytest.raises(ConfigError, match=said):
        load(asked)


def test_a_name_that_is_like_none_is_answered_with_all():
    with pytest.raises(ConfigError, match=f"there are {', '.join(names())}"):
        load("xylophone")
