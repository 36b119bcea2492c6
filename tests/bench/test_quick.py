"""The quick form of every system still tells learning from its frozen twin, and from what must fail."""

import os
from pathlib import Path

import pytest

from edgelearn.bench.run import VARIABLE, Run
from edgelearn.bench.systems import load, names
from edgelearn.cli._bench_table import missing

AGAINST = {  # of each quick form, its goal against the frozen twin, and one against an ablation
    "deep_hebbian": ("quick_gap", "quick_no_competition"),
    "diehl_cook": ("quick_gap", "quick_no_theta"),
    "e_prop": ("quick_over_frozen", "quick_over_no_slow"),
    "forward_forward": ("quick_frozen", "quick_only_real"),
    "grlu": ("quick_over_frozen", "quick_stale"),
    "krotov_hopfield": ("quick_gap", "quick_no_competition"),
    "lls": ("quick_frozen_layers", "quick_shuffled_layers"),
    "lpl": ("quick_over_frozen", "quick_no_hebb"),
    "predictive_coding": ("quick_over_frozen", "quick_reversed"),
    "r_stdp": ("quick_chosen", "quick_no_trace"),
    "reward_head": ("quick_gain", "quick_over_broadcast"),
    "s_tllr": ("quick_over_frozen", "quick_over_no_trace"),
    "softhebb": ("dense_100_gap", "dense_100_uniform"),
    "tess": ("quick_over_frozen", "quick_over_shuffled"),
    "two_systems": ("quick_gain", "quick_sgd"),
}


@pytest.mark.data
@pytest.mark.parametrize("name", names())
def test_every_goal_of_the_quick_form_holds(name: str) -> None:
    module = load(name)
    if lacking := missing(module, Path(os.environ.get(VARIABLE, "."))):
        pytest.skip(f"needs {', '.join(lacking)}: set {VARIABLE}")
    declared = {figure.name: figure for figure in module.FIGURES}
    found = list(module.measure(Run(quick=True, seeds=1)))
    missed = [
        (m.name, m.value, str(goal))
        for m in found
        if (goal := declared[m.name].goal) is not None and not goal.holds(m.value)
    ]
    judged = {m.name for m in found if declared[m.name].goal is not None}
    assert not missed
    wanted = {f"{name}.{goal}" for goal in AGAINST[name]}
    assert wanted <= judged, "a quick form needs a goal against the frozen twin and one against an ablation"
