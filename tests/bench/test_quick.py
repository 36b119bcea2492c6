"""The quick form of every system still tells learning from its frozen twin, and from what must fail."""

import os
from pathlib import Path

import pytest

from edgelearn.bench.run import VARIABLE, Run
from edgelearn.bench.systems import load, names
from edgelearn.cli._bench_table import missing


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
    assert len(set(module.QUICK)) == 2
    assert set(module.QUICK) <= judged, (
        "a quick form needs a goal against the frozen twin and one against an ablation"
    )
