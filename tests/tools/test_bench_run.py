import json
from pathlib import Path

import numpy as np
import pytest

from edgelearn import readouts
from edgelearn.kernels import slda
from tools import bench
from tools.bench import data, groups, hot
from tools.bench.figure import Figure, Goal, Group
from tools.bench.results import Results
from tools.bench.run import Runner

HERE: dict[str, str | int] = {"cpu": "this one", "cores": 2}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results.json", HERE)


def test_every_figure_has_one_name_and_every_set_is_public() -> None:
    names = [figure.name for group in groups.every().values() for figure in group.figures]
    assert len(names) == len(set(names))
    assert {name for group in groups.every().values() for name in group.sets} <= set(data.SETS)


def test_a_figure_is_chosen_with_its_group() -> None:
    assert [group.name for group in groups.chosen(["order.camera_ncm", "imports"])] == ["imports", "order"]
    assert groups.chosen([]) == list(groups.every().values())


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--only", "camra"]) == 2
    assert "camra" in capsys.readouterr().err


def test_the_list_names_goals(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--list", "--only", "peers_slda"]) == 0
    assert ">= 500" in capsys.readouterr().out


def test_without_data_a_figure_says_which_set_it_needs_and_where_it_is_published(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(data.VARIABLE, raising=False)
    runner, gas = Runner(), groups.every()["gas"]
    assert runner.run(gas, results, fresh=False)
    shown = runner.shown([gas], results, [])
    assert [figure["name"] for figure in shown] == [figure.name for figure in gas.figures]
    assert all(figure["value"] is None and "archive.ics.uci.edu" in figure["note"] for figure in shown)


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of a module that says 2.0 for the group's only figure, or breaks."""
    (tmp_path / "quick_worker.py").write_text(
        "import json, os, sys\n"
        "assert sys.argv[1] == 'quick' and os.environ['OMP_NUM_THREADS'] == '1'\n"
        "said = dict.fromkeys(('control', 'spread', 'note'))\n"
        "print(json.dumps({'name': 'quick.one', 'value': 2.0, 'detail': {}, 'versions': {}, **said}))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "quick_worker"


def _quick(name: str = "quick") -> Group:
    return Group(name, (Figure("quick.one", "x", "something", Goal("<=", 1.3)),), lambda: iter(()))


def test_a_fresh_figure_that_cannot_be_made_is_not_shown_as_it_was(results: Results, worker: str) -> None:
    runner = Runner(worker)
    assert runner.run(_quick(), results, fresh=False)
    assert not runner.run(_quick("broken"), results, fresh=True)
    assert runner.shown([_quick("broken")], results, [])[0]["value"] is None


def test_figures_are_measured_kept_and_not_measured_twice(
    results: Results, tmp_path: Path, worker: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Runner(worker).run(_quick(), results, fresh=False)
    kept = Results(tmp_path / "results.json", HERE)
    assert (kept.figures["quick.one"]["value"], kept.figures["quick.one"]["holds"]) == (2.0, False)
    kept.figures["quick.one"]["value"] = 7.0
    kept.figures["quick.one"]["commit"] = "an older one"
    runner = Runner(worker)
    assert runner.run(_quick(), kept, fresh=False)
    assert "an older one; --fresh" in capsys.readouterr().err
    assert runner.shown([_quick()], kept, ["quick.one"])[0]["value"] == 7.0
    assert runner.run(_quick(), kept, fresh=True)
    assert runner.shown([_quick()], kept, [])[0]["value"] == 2.0


def test_a_measurement_that_breaks_is_said(results: Results, worker: str) -> None:
    runner = Runner(worker)
    assert not runner.run(_quick("broken"), results, fresh=False)
    said = runner.shown([_quick("broken")], results, [])[0]
    assert said["value"] is None
    assert "broke" in said["note"]


def test_another_machine_starts_with_nothing(results: Results, tmp_path: Path) -> None:
    results.put({"name": "a", "value": 1})
    assert Results(tmp_path / "results.json", HERE).figures == {"a": {"name": "a", "value": 1}}
    assert Results(tmp_path / "results.json", {**HERE, "cores": 4}).figures == {}
    assert json.loads((tmp_path / "results.json").read_text())["machine"] == HERE


def test_the_bare_kernel_calls_learn_what_the_readout_learns() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 7)).astype(np.float32), np.arange(60) % 3
    whole, bare = (readouts.make("slda", prior=1.0) for _ in range(2))
    whole.learn_many(x, y)
    bare.learn_many(x[:20], y[:20])
    calls = hot.learning(bare, (slda.scores, slda.learn), x[20], int(y[20]))
    assert [function for function, _ in calls] == [slda.scores.dispatcher, slda.learn.dispatcher]
    step = hot.over(calls, x[21:], y[21:])
    for _ in range(39):
        step()
    assert np.array_equal(bare.state()["means"], whole.state()["means"])
    assert np.array_equal(bare.state()["precision"], whole.state()["precision"])
