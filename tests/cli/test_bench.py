"""edgelearn bench systems: figures as they are made, exit codes, and what is missing, with systems made up here."""

import json
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.run import VARIABLE
from edgelearn.cli import bench, main
from edgelearn.errors import ConfigError


def _system(value: float, data: tuple[str, ...] = ()) -> ModuleType:
    module = ModuleType("made_up", "A system made up here.\n\nMore words.")
    module.DATA = data
    module.FIGURES = (
        Figure("made_up.learned", "", "learned", Goal(">=", 0.5)),
        Figure("made_up.frozen", "ms", "control: frozen"),
    )

    def measure(run):
        yield Measured("made_up.learned", value, spread=0.01, detail={"seeds": run.seeds, "quick": run.quick})
        yield Measured("made_up.frozen", 0.1, note="as expected")
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

    monkeypatch.setattr(bench, "names", lambda: list(made))
    monkeypatch.setattr(bench, "load", load)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return made


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", "systems", *arguments])


@pytest.mark.usefixtures("systems")
def test_figures_are_printed_one_a_line_with_their_goals_and_drawn(tmp_path: Path) -> None:
    done = _run("good")
    learned, frozen, pictures = done.stdout.splitlines()
    assert done.exit_code == 0
    assert all(word in learned for word in ("ok", "made_up.learned", "0.7 ± 0.01", ">= 0.5"))
    assert all(word in frozen for word in ("made_up.frozen", "0.1 ms", "control: frozen", "(as expected)"))
    assert pictures == "pictures: edgelearn-bench"
    assert (tmp_path / "edgelearn-bench" / "made_up.png").read_text() == "drawn"


@pytest.mark.usefixtures("systems")
def test_a_goal_that_does_not_hold_exits_with_1(tmp_path: Path) -> None:
    done = _run("good", "bad", "--json", "--quick", "--seeds", "2", "--pictures", str(tmp_path / "here"))
    said = json.loads(done.stdout)
    assert (done.exit_code, [figure["holds"] for figure in said["figures"]]) == (1, [True, None, False, None])
    assert said["figures"][0]["detail"] == {"seeds": 2, "quick": True}
    assert (tmp_path / "here" / "made_up.png").exists()


@pytest.mark.usefixtures("systems")
def test_an_unknown_system_exits_with_2() -> None:
    done = _run("godo")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no system is called 'godo'" in done.stderr


@pytest.mark.usefixtures("systems")
def test_a_missing_file_is_named_before_any_work_with_who_can_run(monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run()
    assert (done.exit_code, done.stdout) == (2, "")
    assert all(word in done.stderr for word in ("hungry needs no_such_set.npz", VARIABLE, "good, bad"))
    monkeypatch.delenv(VARIABLE)
    assert "is not set" in _run("hungry").stderr


@pytest.mark.usefixtures("systems")
def test_the_list_needs_no_data() -> None:
    done = _run("--list")
    assert done.exit_code == 0
    assert "hungry: needs no_such_set.npz" in done.stdout
    said = json.loads(_run("--list", "--json", "good").stdout)
    assert [figure["name"] for figure in said["systems"][0]["figures"]] == [
        "made_up.learned",
        "made_up.frozen",
    ]
