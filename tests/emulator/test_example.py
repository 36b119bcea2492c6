"""The project of a stranger in ``examples/edge_ci`` is green as it stands, and red where its watcher is broken."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

EXAMPLE = Path(__file__).parents[2] / "examples" / "edge_ci"
DEADLINE_S = 570.0
TESTS = 11


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the example, far from this checkout."""
    return shutil.copytree(EXAMPLE, tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__"))


def pytest_in(project: Path, *words: str) -> tuple[int, str]:
    """Return the exit code and the output of the project's own pytest."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=DEADLINE_S
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(600)
def test_it_is_green_and_tells_what_happened(project: Path) -> None:
    code, said = pytest_in(project, "--junitxml=report.xml")
    assert code == 0, said
    assert f"{TESTS} passed" in said
    found = re.findall(r"^tests/\S+::(test_\w+)(.*(?:\n    .*)?)", said, re.MULTILINE)
    row = dict(found)  # with what stands below it
    assert re.search(r"[1-9]\d* states, 0 corrupt, 0 lost", row["test_stored_is_stored"])
    assert re.search(r"[1-9]\d* corrupt, [1-9]\d* lost", row["test_a_rename_alone_is_caught"])
    assert re.search(r"[1-9]\d* flipped.* 2 unplugged; cortex-m4f", row["test_whole_or_counted_missing"])
    assert re.search(r"pi-zero-2w .* held", row["test_six_lessons_an_hour"])
    assert 'name="edgelearn.writes_per_day"' in (project / "report.xml").read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "tests"),
    [
        ("        self.learner.save()\n", "", "tests/test_power.py::test_stored_is_stored"),
        ("samples or 0", "0", "tests/test_unplug.py::test_whole_or_counted_missing"),
        ("label=state", "label='load'", "tests/test_watching.py::test_a_fault_is_noticed_and_learned"),
    ],
    ids=["nothing is saved", "what is missing is not counted", "people are not believed"],
)
def test_a_broken_watcher_is_caught(project: Path, right: str, wrong: str, tests: str) -> None:
    source = project / "watcher" / "watch.py"
    text = source.read_text()
    assert right in text
    source.write_text(text.replace(right, wrong))
    code, said = pytest_in(project, tests)
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "seed " in said


def test_its_conftest_takes_three_lines() -> None:
    module = ast.parse((EXAMPLE / "tests" / "conftest.py").read_text())
    (fixture,) = (part for part in module.body if isinstance(part, ast.FunctionDef))
    text, *code = fixture.body
    assert isinstance(text, ast.Expr)
    assert len(fixture.decorator_list) + 1 + len(code) == 3


def test_its_network_is_what_its_script_writes() -> None:
    script = EXAMPLE / "watcher" / "make_network.py"
    spec = importlib.util.spec_from_file_location("make_network", script)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    fresh, kept = made.network().graph, onnx.load(script.with_name("features.onnx")).graph
    assert [node.SerializeToString() for node in fresh.node] == [
        node.SerializeToString() for node in kept.node
    ]
    for ours, theirs in zip(fresh.initializer, kept.initializer, strict=True):
        np.testing.assert_allclose(numpy_helper.to_array(ours), numpy_helper.to_array(theirs), atol=1e-7)
