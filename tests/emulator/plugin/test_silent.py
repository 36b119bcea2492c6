"""A project that does not use the plugin does not notice it: no import, no hook a test, no line."""

import re
import runpy
import subprocess
import sys

import pytest

from edgelearn.emulator import plugin

pytest_plugins = ("pytester",)

HEAVY = (
    "numpy",
    "numba",
    "unicorn",
    "matplotlib",
    "click",
    "rich",
    "onnxruntime",
    "serial",
    "edgelearn.learner",
)
STRICT = "[pytest]\nfilterwarnings = error\naddopts = --strict-markers --strict-config -p no:cacheprovider\n"
HOOKS = """
def pytest_sessionfinish(session):
    for name in ("call", "setup", "teardown", "makereport", "logreport", "protocol", "logstart"):
        for found in getattr(session.config.hook, f"pytest_runtest_{name}").get_hookimpls():
            if "edgelearn" in found.function.__module__:
                print("HOOK", name)
    print("FINISHED")
"""
IDLE = "def test_one(): pass\n"
UNTOUCHED = f"""
import sys

def test_one():
    assert [n for n in {HEAVY!r} if n in sys.modules] == []
    mine = {{n for n in sys.modules if n.startswith("edgelearn.emulator.")}}
    assert {{n.split(".")[2] for n in mine}} <= {{"plugin"}}
    assert "edgelearn.emulator.plugin.judging" not in mine
"""
NEW_IN_PYTEST = ("RaisesExc", "RaisesGroup", "SubtestReport", "Subtests", "TerminalReporter")  # since 8.0
USING = "def test_one(virtual_clock, power_cut): pass\n"


def test_importing_it_imports_nothing_heavy() -> None:
    code = f"import sys, edgelearn.emulator.plugin; print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_it_loads_in_an_older_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEW_IN_PYTEST:
        monkeypatch.delattr(pytest, name, raising=False)
    assert "pytest_addoption" in runpy.run_path(str(plugin.__file__))


def test_a_strict_project_that_does_not_use_it_imports_none_and_says_the_same(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini(STRICT)
    pytester.makepyfile(UNTOUCHED)
    said = [without_times(pytester.runpytest_subprocess(*more)) for more in ((), ("-p", "no:edgelearn"))]
    assert said[0] == said[1]
    assert "1 passed" in said[0]


@pytest.mark.parametrize(("tests", "hooks"), [(IDLE, 0), (USING, 2)])
def test_hooks_are_there_once_a_test_uses_it(pytester: pytest.Pytester, tests: str, hooks: int) -> None:
    pytester.makeconftest(HOOKS)
    pytester.makepyfile(tests)
    done = pytester.runpytest_inprocess("-s")
    done.stdout.fnmatch_lines(["*FINISHED*"])
    assert sum("HOOK" in line for line in done.outlines) == hooks


def test_without_it_its_fixtures_are_unknown(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USING)
    done = pytester.runpytest_inprocess("-p", "no:edgelearn")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*fixture 'virtual_clock' not found*"])


def test_it_has_six_fixtures(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_inprocess("--fixtures")
    mine = [line.split()[0] for line in done.outlines if "emulator/plugin/fixtures.py" in line]
    assert sorted(mine) == ["board", "edge_device", "power_cut", "sensor", "serial_wire", "virtual_clock"]


def without_times(done: pytest.RunResult) -> str:
    """Return the output but for times and the line that lists plugins."""
    lines = [line for line in done.outlines if not line.startswith("plugins:")]
    return re.sub(r"in [0-9.]+s|=+", "", "\n".join(lines)) + done.stderr.str()
