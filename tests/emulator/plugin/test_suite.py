"""A whole suite on a profile: its caps, what it says when they stop it, its exit code, its default profile."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from edgelearn.emulator.plugin import suite
from tests.emulator.plugin.projects import made, table_of

pytest_plugins = ("pytester",)

EATS = """
import time

def test_before(): pass

def test_eats():
    held = []
    while True:
        held.append(bytearray(b"x") * 20_000_000)
"""


def test_a_hungry_test_is_stopped_and_named_even_in_a_worker(pytester: pytest.Pytester) -> None:
    made(pytester, EATS)
    done = pytester.runpytest_subprocess("--edge-profile=pi-zero-2w", "-n", "1")
    assert done.ret == 137
    assert "305.8 MB allowed" in done.stderr.str()
    *_, stopped, named = done.errlines
    assert stopped.startswith("edgelearn: the suite was stopped: memory (")
    assert named == "edgelearn: stopped in test_it.py::test_eats"


def test_a_suite_that_hangs_is_ended_and_named(pytester: pytest.Pytester) -> None:
    made(pytester, "import time\ndef test_hangs():\n    print('alive', flush=True)\n    time.sleep(600)\n")
    done = pytester.runpytest_subprocess(
        "--edge-profile=pi-4b", "--edge-deadline=15", "-s", "-p", "no:terminal"
    )
    assert done.ret == 124
    assert done.outlines == ["alive"]
    assert done.errlines[-1] == "edgelearn: stopped in test_it.py::test_hangs"


def test_inside_the_option_is_the_default_profile(pytester: pytest.Pytester) -> None:
    made(
        pytester,
        """
        import os, work

        def test_default(edge_device):
            assert edge_device().run(work.samples, 1).profile.name == "pi-4b"

        def test_given(edge_device):
            assert edge_device("pi-5").run(work.samples, 1).profile.name == "pi-5"

        def test_fails(sensor):
            assert 0
        """,
    )
    done = pytester.runpytest_subprocess("--edge-profile=pi-4b")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.assert_outcomes(passed=2, failed=1)
    assert "pi-4b" in table_of(done.outlines)["test_default"]
    done.stdout.fnmatch_lines(["seed * pytest test_it.py::test_fails --edge-seed * --edge-profile pi-4b"])
    assert done.stderr.str().count("the suite ran on pi-4b") == 1
    assert "stopped" not in done.stderr.str()


def test_the_profile_of_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nedge_profile = pi-5\n")
    made(pytester, "def test_it(edge_device):\n    assert edge_device().profile.name == 'pi-5'\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pi-zero-w2", "did you mean 'pi-zero-2w'"),
        ("rp2040", "rp2040 runs no Linux"),
        ("none.toml", "none.toml"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(pytester: pytest.Pytester, name: str, sentence: str) -> None:
    made(pytester, "def test_it(): pass\n")
    done = pytester.runpytest_inprocess(f"--edge-profile={name}")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in done.stderr.str()
    assert "passed" not in done.stdout.str()


def test_an_ini_file_with_an_unknown_profile_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nedge_profile = pi-6\n")
    done = pytester.runpytest_inprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert "there is no profile 'pi-6'" in done.stderr.str()


@pytest.mark.parametrize("deadline", ["0", "inf", "soon"])
def test_a_deadline_that_is_none_is_refused(pytester: pytest.Pytester, deadline: str) -> None:
    done = pytester.runpytest_inprocess(f"--edge-deadline={deadline}")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--edge-deadline: invalid*"])


@pytest.mark.parametrize(("started", "safe"), [("/bin/pytest", True), ("/lib/pytest/__main__.py", False)])
def test_the_path_is_that_of_the_command(monkeypatch: pytest.MonkeyPatch, started: str, safe: bool) -> None:
    monkeypatch.setattr(sys, "argv", [started, "-x"])
    config: Any = SimpleNamespace(invocation_params=SimpleNamespace(args=("-x",)))
    assert ("-P" in suite._command(config)) is safe
