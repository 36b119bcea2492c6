"""python3 -m tools: the list, unknown names, an old Python, and what runs after what."""

import ast
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools import __main__ as entry
from tools import _run, check, test

ROOT = Path(__file__).resolve().parents[2]


def test_without_arguments_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main([]) == 0
    listed = capsys.readouterr().out
    assert all(f"\n  {name} " in listed for name in ("demo", "test", "check", "bench", "train-demo"))


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["dmeo"]) == 2
    captured = capsys.readouterr()
    assert "'dmeo'" in captured.err
    assert captured.out == ""


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    assert entry.main(["demo"]) == 1
    assert "needs Python 3.11 or newer; this is 3.9.6" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_can_read_the_entry(name: str) -> None:
    ast.parse((ROOT / "tools" / name).read_text(), feature_version=(3, 8))


def test_the_entry_needs_the_standard_library_only() -> None:
    program = (
        "import sys; from tools import __main__, _run; "
        "print({'numpy', 'edgelearn', 'click'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_every_command_names_an_extra_of_the_package() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {command.extra for command in _run.COMMANDS.values()} <= set(extras)


def test_a_failed_check_is_named_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def passes(name: str, command: list[str]) -> bool:  # noqa: ARG001
        ran.append(name)
        return name != "ruff check"

    monkeypatch.setattr(check, "_passes", passes)
    assert check.main([]) == 1
    assert ran == list(check.CHECKS)
    assert capsys.readouterr().out.strip() == "check: ruff check failed"


@pytest.mark.parametrize(
    ("codes", "expected", "runs"), [([0, 0], 0, 2), ([5, 0], 0, 2), ([1, 0], 1, 1), ([0, 1], 1, 2)]
)
def test_kernels_run_first_with_the_jit_off_and_both_must_pass(
    codes: list[int], expected: int, runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], str | None, Path]] = []

    def pytest_run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
        cache = Path(environment["NUMBA_CACHE_DIR"])
        assert cache.is_dir()
        assert not list(cache.iterdir())
        assert environment["OPENBLAS_NUM_THREADS"] == "1"
        seen.append((list(argv), environment.get("NUMBA_DISABLE_JIT"), cache))
        return codes[len(seen) - 1]

    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(test, "_pytest", pytest_run)
    assert test.main(["-x"]) == expected
    assert [(argv, jit) for argv, jit, _ in seen] == [(["-x", "-m", "kernels"], "1"), (["-x"], None)][:runs]
    assert not seen[0][2].exists()
