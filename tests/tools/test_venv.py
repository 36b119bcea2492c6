"""The environments of the tools: made once, installed into when pyproject.toml asks for it."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import _run, _venv

PROJECT = '[project]\nname = "thing"\nversion = "1"\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setattr(_venv, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def calls(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record what would be run; an environment that is 'made' gets a python with pip."""
    made: list[list[str]] = []

    def call(command: list[str], failure: str) -> None:  # noqa: ARG001
        made.append(command)
        if "venv" in command:
            python = checkout / ".venv" / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.symlink_to(sys.executable)

    monkeypatch.setattr(_venv, "_call", call)
    monkeypatch.setattr(_venv, "_has_pip", lambda python: python.exists())
    return made


def test_first_run_makes_and_installs_and_the_second_does_nothing(calls: list[list[str]]) -> None:
    _venv.ensure(".venv", "demo")
    assert [("venv" in call, "install" in call) for call in calls] == [(True, False), (False, True)]
    calls.clear()
    _venv.ensure(".venv", "demo")
    assert calls == []


def test_another_extra_is_added_to_those_installed(checkout: Path, calls: list[list[str]]) -> None:
    _venv.ensure(".venv", "demo")
    _venv.ensure(".venv", "check")
    assert calls[-1][-1] == f"{checkout}[check,demo]"
    calls.clear()
    _venv.ensure(".venv", "demo")
    assert calls == []


def test_changed_dependencies_install_again_and_settings_of_a_linter_do_not(
    checkout: Path, calls: list[list[str]]
) -> None:
    _venv.ensure(".venv", "demo")
    calls.clear()
    (checkout / "pyproject.toml").write_text(PROJECT + "[tool.ruff]\nline-length = 90\n")
    _venv.ensure(".venv", "demo")
    assert calls == []
    (checkout / "pyproject.toml").write_text(PROJECT + 'dependencies = ["numpy"]\n')
    _venv.ensure(".venv", "demo")
    assert len(calls) == 1


def test_an_installation_that_failed_is_tried_again(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = _venv._call

    def fail(command: list[str], failure: str) -> None:
        record(command, failure)
        if "install" in command:
            raise _venv.VenvError(failure)

    monkeypatch.setattr(_venv, "_call", fail)
    for _ in range(2):
        with pytest.raises(_venv.VenvError, match="pip could not install"):
            _venv.ensure(".venv", "demo")
    assert sum("install" in call for call in calls) == 2


def test_a_damaged_stamp_means_nothing_is_installed(tmp_path: Path) -> None:
    (tmp_path / _venv.STAMP).write_text("{")
    assert _venv.installed(tmp_path, "digest") == []
    (tmp_path / _venv.STAMP).write_text(json.dumps({"digest": "digest", "extras": ["demo"]}))
    assert _venv.installed(tmp_path, "digest") == ["demo"]
    assert _venv.installed(tmp_path, "other") == []


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
@pytest.mark.usefixtures("checkout")
def test_a_missing_module_is_named_with_the_package_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    assert _run.run(["demo"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"Python's {missing} module is missing" in captured.err
    assert "apt install python3-venv" in captured.err


def test_a_real_environment_is_made_and_recognised(checkout: Path) -> None:
    _venv._make(checkout / ".venv")
    python = checkout / ".venv" / "bin" / "python"
    assert _venv._has_pip(python)
    program = f"from pathlib import Path; from tools import _venv; _venv.ROOT = Path({str(checkout)!r}); "
    asked = [str(python), "-c", program + "print(_venv.inside('.venv'), _venv.inside('.venv-train'))"]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_half_an_environment_has_no_pip(checkout: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")], check=True)
    assert not _venv._has_pip(checkout / ".venv" / "bin" / "python")
