"""python3 -m tools new-rule NAME: three files that work as they are, and nothing overwritten."""

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from edgelearn import rules
from tools import new_rule

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "edgelearn/rules/slow_hebb.py",
    "tests/rules/test_slow_hebb.py",
    "tests/vectors/rules/slow_hebb.json",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    assert new_rule.main(["slow_hebb", "--root", str(tmp_path)]) == 0
    return tmp_path


def test_it_writes_three_files_and_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new_rule.main(["slow_hebb", "--root", str(tmp_path)]) == 0
    written = [p for p in tmp_path.rglob("*.*") if p.parent.name != "__pycache__"]
    assert sorted(str(p.relative_to(tmp_path)) for p in written) == sorted(FILES)
    said = capsys.readouterr().out
    assert all(f"wrote {file}\n" in said for file in FILES)
    assert "python3 -m tools test tests/rules -k slow_hebb" in said
    assert "replace the second test of tests/rules/test_slow_hebb.py" in said
    assert len(json.loads((tmp_path / FILES[2]).read_text())["cases"]) == 5


def test_what_it_writes_passes_its_own_test_and_that_of_every_rule(tree: Path) -> None:
    """The generated rule joins the folder of rules, in another process, and the tests run on it as they stand."""
    program = (
        "import sys, pytest, edgelearn.rules; "
        f"edgelearn.rules.__path__.append({str(tree / 'edgelearn' / 'rules')!r}); "
        "from pathlib import Path; from tests import golden; "
        f"golden.VECTORS = Path({str(tree / 'tests' / 'vectors')!r}); "
        "quiet = ['-W', 'ignore::pytest.PytestAssertRewriteWarning']; "  # edgelearn is imported, and a plugin
        f"sys.exit(pytest.main([*quiet, '-p', 'no:cacheprovider', '-k', 'slow_hebb', 'tests/rules', "
        f"{str(tree / 'tests' / 'rules')!r}]))"
    )
    environment = {**os.environ, "EDGELEARN_WRITE_VECTORS": ""}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "....." in done.stdout  # two tests of its own and three of every rule, at least


def test_what_it_writes_is_in_the_style_of_the_house(tree: Path) -> None:
    for command, file in product((["check"], ["format", "--check"]), FILES[:2]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(file), "-"],
            input=(tree / file).read_text(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if "No module named ruff" in done.stderr:
            pytest.skip("ruff comes with the extra 'check'")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["", "2fast", "Hebb", "slow-hebb", "class", "a.b", "../up", "a" * 41])
def test_a_bad_name_writes_nothing(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new_rule.main([name, "--root", str(tmp_path)]) == 2
    assert "a rule's name" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", [*rules.names(), "base"])
def test_a_rule_that_exists_stays(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = ROOT / "edgelearn" / "rules" / f"{name}.py"
    before = path.read_bytes()
    assert new_rule.main([name]) == 2
    assert f"{name}.py exists" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_test_that_exists_stays(tmp_path: Path) -> None:
    path = tmp_path / "tests" / "rules" / "test_mine.py"
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    assert new_rule.main(["mine", "--root", str(tmp_path)]) == 2
    assert path.read_text() == "mine"
    assert not (tmp_path / "edgelearn").exists()
