"""edgelearn bench systems: figures as they are made, what is kept, the table, what is missing; of made-up systems."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edgelearn.bench import machine, overview_picture
from edgelearn.bench import systems as registry
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.row import Row
from edgelearn.bench.run import VARIABLE
from edgelearn.bench.table import HEADS, LEGEND
from edgelearn.cli import main
from edgelearn.errors import ConfigError

ROW = Row(
    "Made up", "Nobody 2026", "relu", "hebb", "goodness", "no data", "0.9", "made_up.learned", "made_up.frozen",
    ("no rule", "made_up.ablation"), None, "made_up.random", "made_up.by_class", "made_up", "It says nothing.",
)  # fmt: skip
FIGURES = (
    Figure("made_up.learned", "", "learned", Goal(">=", 0.5)),
    Figure("made_up.frozen", "ms", "control: frozen"),
    *(
        Figure(f"made_up.{name}", "", name)
        for name in ("ablation", "random", "by_class", "memory", "quick_gap")
    ),
)


def _system(value: float, data: tuple[str, ...] = ()) -> ModuleType:
    module = ModuleType("made_up", "A system made up here.\n\nMore words.")
    module.DATA, module.FIGURES, module.ROWS, module.runs = data, FIGURES, (ROW,), 0

    def measure(run):
        module.runs += 1
        yield Measured("made_up.learned", value, spread=0.01, detail={"seeds": run.seeds, "quick": run.quick})
        yield Measured("made_up.frozen", 0.1, note="as expected")
        for name, number in (("ablation", 0.2), ("random", 0.6), ("by_class", 0.3), ("memory", 2048.0)):
            yield Measured(f"made_up.{name}", number)
        if (path := run.picture("made_up")) is not None:
            path.write_text("drawn")

    module.measure = measure
    return module


@pytest.fixture
def systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, ModuleType]:
    """Return the registry that the command sees, in a folder of its own."""
    made = {"good": _system(0.7), "bad": _system(0.3), "hungry": _system(0.7, ("no_such_set",))}

    def load(name: str) -> ModuleType:
        if name not in made:
            raise ConfigError(f"no system is called {name!r}")
        return made[name]

    monkeypatch.setattr(registry, "names", lambda: list(made))
    monkeypatch.setattr(registry, "load", load)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return made


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", "systems", *arguments])


@pytest.mark.usefixtures("systems")
def test_figures_are_printed_one_a_line_with_their_goals_and_drawn(tmp_path: Path) -> None:
    done = _run("--only", "good")
    learned, frozen, *_ = done.stdout.splitlines()
    assert done.exit_code == 0
    assert all(word in learned for word in ("ok", "made_up.learned", "0.7 ± 0.01", ">= 0.5"))
    assert all(word in frozen for word in ("made_up.frozen", "0.1 ms", "control: frozen", "(as expected)"))
    assert (tmp_path / "edgelearn-bench" / "made_up.png").read_text() == "drawn"
    assert (tmp_path / "edgelearn-bench" / "systems.png").stat().st_size > 1000


@pytest.mark.usefixtures("systems")
def test_the_table_has_ours_its_controls_what_is_forgotten_and_what_it_means() -> None:
    said = _run("--only", "good", "--markdown").stdout
    heads, _, row, _, _, _, meaning = said.splitlines()
    assert [cell.strip() for cell in heads.strip("|").split("|")] == list(HEADS)
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "**[Made up](edgelearn/)**<br>Nobody 2026<br>relu · hebb · goodness", "no data<br>0.9",
        "**0.700**<br>± 0.010", "0.100 ms", "no rule:<br>0.200", "-",
        "0.600<br>0.300<br>taught before freezing", "2.0 KiB", "-", "< 1",
    ]  # fmt: skip
    assert meaning == "- **Made up**, no data: It says nothing."


@pytest.mark.usefixtures("systems")
def test_a_goal_that_does_not_hold_exits_with_1_and_is_told_in_the_table(tmp_path: Path) -> None:
    done = _run(
        "--only", "good", "--only", "bad", "--json", "--seeds", "2", "--pictures", str(tmp_path / "here")
    )
    said = json.loads(done.stdout)
    held = [figure["holds"] for figure in said["figures"] if figure["goal"]]
    assert (done.exit_code, held) == (1, [True, False])
    assert said["figures"][0]["detail"] == {"seeds": 2, "quick": False}
    assert said["rows"][0]["values"]["ours"] == 0.7
    assert (tmp_path / "here" / "made_up.png").exists()
    assert (
        "**0.300**<br>± 0.010<br>misses its goal"
        in _run("--only", "bad", "--seeds", "2", "--markdown").stdout
    )


def test_what_is_kept_is_not_measured_again_unless_asked_for_or_with_other_seeds(
    systems: dict[str, ModuleType],
) -> None:
    counts = []
    for arguments in ((), (), ("--fresh",), ("--seeds", "5"), ("--quick",)):
        done = _run("--only", "good", "--results", "kept.json", *arguments)
        counts.append(systems["good"].runs)
    assert counts == [1, 1, 2, 3, 4]
    assert done.exit_code == 0
    kept = json.loads(Path("kept.json").read_text())["systems"]["good"]
    assert (kept["seeds"], kept["figures"]["made_up.learned"]["value"]) == (5, 0.7)  # a quick run is not kept
    assert {"commit", "date", "machine", "versions", "cpu_s"} <= set(kept)


def test_what_was_kept_without_a_figure_that_is_declared_now_is_measured_again(
    systems: dict[str, ModuleType],
) -> None:
    _run("--only", "good", "--results", "kept.json")
    kept = json.loads(Path("kept.json").read_text())
    kept["systems"]["good"]["figures"] = {}
    Path("kept.json").write_text(json.dumps(kept))
    assert _run("--only", "good", "--results", "kept.json").exit_code == 0
    assert systems["good"].runs == 2


def test_a_commit_made_meanwhile_is_not_that_of_what_was_measured(
    systems: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, now = systems["good"].measure, ["before"]

    def slow(run):
        now[0] = "after"
        yield from measure(run)

    monkeypatch.setattr(machine, "commit", lambda _: now[0])
    monkeypatch.setattr(systems["good"], "measure", slow)
    _run("--only", "good")
    assert (
        json.loads(Path("edgelearn-bench/results.json").read_text())["systems"]["good"]["commit"] == "before"
    )


def test_a_run_that_broke_off_goes_on_with_the_systems_that_are_missing(
    systems: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_):
        yield Measured("made_up.learned", 0.7)
        raise RuntimeError("the power went")

    whole = systems["bad"].measure
    monkeypatch.setattr(systems["bad"], "measure", broken)
    assert isinstance(_run("--only", "good", "--only", "bad").exception, RuntimeError)
    monkeypatch.setattr(systems["bad"], "measure", whole)
    assert set(json.loads(Path("edgelearn-bench/results.json").read_text())["systems"]) == {"good"}
    assert _run("--only", "good", "--only", "bad").exit_code == 1  # its goal, which was measured now
    assert (systems["good"].runs, systems["bad"].runs) == (1, 1)


@pytest.mark.usefixtures("systems")
@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"format": 0, "systems": {}}',
        '{"format": 1, "systems": {"a": {}}}',
        '{"format": 1, "systems": {"a": 5}}',
        '{"format": 1, "systems": []}',
    ],
)
def test_a_file_that_holds_no_results_is_refused_and_left_alone(content: str) -> None:
    Path("kept.json").write_text(content)
    done = _run("--only", "good", "--results", "kept.json")
    assert (done.exit_code, Path("kept.json").read_text()) == (1, content)
    assert "kept.json is no file of results" in done.stderr


@pytest.mark.usefixtures("systems")
def test_a_quick_run_prints_its_figures_and_writes_nothing_that_was_not_asked_for(tmp_path: Path) -> None:
    done = _run("--only", "good", "--quick")
    assert "made_up.learned" in done.stdout
    assert not done.stdout.count("Nobody 2026")
    assert "the table is of full runs" in done.stderr
    assert list(tmp_path.iterdir()) == []
    _run("--only", "good", "--quick", "--pictures", "here")
    assert [path.name for path in tmp_path.rglob("*")] == ["here", "made_up.png"]
    assert json.loads(_run("--only", "good", "--quick", "--json").stdout)["rows"] == []
    assert _run("--only", "good", "--quick", "--markdown").exit_code == 2


@pytest.mark.usefixtures("systems")
def test_a_quick_run_does_not_look_at_the_results_it_keeps_nothing_in() -> None:
    Path("kept.json").write_text("torn")
    assert _run("--only", "good", "--quick", "--results", "kept.json").exit_code == 0
    assert Path("kept.json").read_text() == "torn"


def test_ctrl_c_has_an_exit_code_of_its_own_and_loses_nothing_that_was_kept(
    systems: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(systems["bad"], "measure", stopped)
    done = _run("--only", "good", "--only", "bad")
    assert (done.exit_code, done.stderr.endswith("\nAborted!\n")) == (130, True)
    assert set(json.loads(Path("edgelearn-bench/results.json").read_text())["systems"]) == {"good"}


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 and no more"])
def test_a_damaged_file_of_data_is_named_before_any_work(
    content: bytes, systems: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems["hungry"], "DATA", ("outdoor_objects",))
    Path("outdoor_objects.npz").write_bytes(content)
    done = _run("--only", "good", "--only", "hungry", "--quick")
    assert (done.exit_code, systems["good"].runs, done.stdout) == (1, 0, "")
    assert "outdoor_objects.npz cannot be read" in done.stderr
    np.savez("outdoor_objects.npz", x=np.zeros(3), y=np.zeros(3))
    assert _run("--only", "hungry", "--quick").exit_code == 0


@pytest.mark.usefixtures("systems")
def test_what_is_kept_alone_is_drawn_into_a_new_folder(tmp_path: Path) -> None:
    _run("--only", "good")
    assert _run("--only", "good", "--pictures", "deep/er").exit_code == 0
    assert [path.name for path in (tmp_path / "deep" / "er").iterdir()] == ["systems.png"]


@pytest.mark.usefixtures("systems")
def test_pictures_of_systems_that_are_kept_are_said_to_need_fresh() -> None:
    assert "no pictures of" not in _run("--only", "good", "--pictures", "here").stderr
    assert "no pictures of good: they are drawn when a system is measured (--fresh" in (
        _run("--only", "good", "--only", "bad", "--pictures", "here").stderr
    )
    assert "no pictures of" not in _run("--only", "good").stderr


@pytest.mark.usefixtures("systems")
def test_the_picture_of_all_is_of_all_that_is_kept_whatever_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = []
    monkeypatch.setattr(
        overview_picture, "draw", lambda _, lines: drawn.append([line.name for line in lines])
    )
    _run("--only", "good")
    _run("--only", "bad")
    kept = json.loads(Path("edgelearn-bench/results.json").read_text())
    kept["systems"]["of_another_version"] = kept["systems"]["good"]
    Path("edgelearn-bench/results.json").write_text(json.dumps(kept))
    _run("--only", "bad", "--fresh")
    assert drawn == [["good"], ["good", "bad"], ["good", "bad"]]


def test_no_picture_of_all_is_drawn_where_it_would_be_empty(
    systems: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems["good"], "ROWS", (ROW._replace(cost=None),))
    assert _run("--only", "good").exit_code == 0
    assert sorted(path.name for path in Path("edgelearn-bench").iterdir()) == ["made_up.png", "results.json"]


def test_a_place_where_nothing_can_be_kept_is_told_before_any_work(systems: dict[str, ModuleType]) -> None:
    Path("file").touch()
    done = _run("--only", "good", "--results", "file/kept.json")
    assert (done.exit_code, systems["good"].runs) == (1, 0)
    assert "file/kept.json cannot be written" in done.stderr


@pytest.mark.usefixtures("systems")
def test_the_table_of_a_terminal_says_what_misses_and_no_line_is_wider_than_asked() -> None:
    said = _run("--only", "bad").stdout
    assert "misses" in said
    assert LEGEND in said
    drawn = [line for line in said.splitlines() if line.startswith(" ")]
    assert len(drawn) > 6
    assert max(map(len, drawn)) <= 190


@pytest.mark.usefixtures("systems")
def test_an_unknown_system_exits_with_2() -> None:
    done = _run("--only", "godo")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no system is called 'godo'" in done.stderr


@pytest.mark.usefixtures("systems")
def test_a_missing_file_is_named_before_any_work_with_who_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run()
    assert (done.exit_code, done.stdout) == (2, "")
    assert all(word in done.stderr for word in ("hungry needs no_such_set.npz", VARIABLE, "good, bad"))
    monkeypatch.setenv(VARIABLE, "")
    assert "is not set" in _run("--only", "hungry").stderr
    monkeypatch.delenv(VARIABLE)
    assert "is not set" in _run("--only", "hungry").stderr


@pytest.mark.usefixtures("systems")
def test_list_names_every_figure_its_goal_and_its_files() -> None:
    said = _run("--list").stdout
    assert "hungry: needs no_such_set.npz" in said
    listed = json.loads(_run("--list", "--json").stdout)["systems"]
    assert [one["name"] for one in listed] == ["good", "bad", "hungry"]
    assert listed[0]["figures"][0]["goal"] == ">= 0.5"


@pytest.mark.data
def test_two_at_a_time_give_the_figures_of_one_by_one(tmp_path: Path) -> None:
    found = []
    for jobs in ("1", "2"):
        command = [
            sys.executable, "-m", "edgelearn", "bench", "systems", "--quick", "--jobs", jobs, "--json",
            "--only", "forward_forward", "--only", "r_stdp", "--pictures", str(tmp_path),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        figures = json.loads(done.stdout)["figures"]
        found.append([(figure["name"], figure["value"]) for figure in figures])
    assert found[0] == found[1]
    assert len(found[0]) > 4
