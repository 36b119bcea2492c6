"""Which tests run in which order, and how what they found is counted."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools._venv import ROOT
from tools.arm64 import command, suite, summary
from tools.arm64.needs import Arm64Error


def test_every_test_file_of_the_checkout_is_in_one_folder_and_the_telling_ones_come_first() -> None:
    jit_off, *folders = suite.groups(ROOT / "tests")
    paths = sorted(path for folder in folders for path in folder.paths)
    assert paths == sorted(
        f"tests/{p.relative_to(ROOT / 'tests')}" for p in (ROOT / "tests").rglob("test_*.py")
    )
    assert sorted(jit_off.paths) == paths
    assert tuple(folder.name for folder in folders[: len(suite.FIRST)]) == suite.FIRST


def test_only_takes_folders_and_all_below_them() -> None:
    chosen = suite.groups(ROOT / "tests", ["tests/bridge/", "layer"])
    assert "bridge/protocol" in [group.name for group in chosen]
    assert all(group.name == "layer" or group.name.startswith("bridge/") for group in chosen[1:])


def test_an_unknown_folder_offers_near_names() -> None:
    with pytest.raises(Arm64Error, match="called 'kernel'; there are kernels"):
        suite.groups(ROOT / "tests", ["kernel"])


def test_kernels_run_in_plain_python_before_all_else_and_limits_are_an_hour() -> None:
    jit_off, kernels = suite.groups(ROOT / "tests", ["kernels"])
    script = suite.command(Path("/r"), jit_off, "x.xml", ["-k", "a or b"], None)[-1]
    assert "NUMBA_DISABLE_JIT=1" in script
    assert "-k 'a or b' -m kernels tests/kernels/" in script
    script = suite.command(Path("/r"), kernels, "x.xml", [], None)[-1]
    assert "--timeout=3600" in script
    assert "NUMBA_DISABLE_JIT" not in script


@pytest.mark.parametrize("test", suite.NOT_HERE)
def test_what_is_left_out_exists_and_is_left_out(test: str) -> None:
    path, _, name = test.partition("::")
    assert (ROOT / path).exists()
    assert not name or f"def {name}(" in (ROOT / path).read_text()
    group = suite.groups(ROOT / "tests", ["kernels"])[1]
    assert f"--deselect={test}" in suite.command(Path("/r"), group, "x.xml", [], None)[-1]


TESTS = """\
import pytest

@pytest.fixture
def broken():
    raise OSError

def test_fine(): pass
def test_also_fine(): pass
def test_wrong(): assert False
def test_skipped(): pytest.skip("no board")
def test_error(broken): pass
"""


def test_what_pytest_wrote_is_counted(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    options = ["-p", "no:cacheprovider", f"--junitxml={tmp_path}/it.xml", f"--rootdir={tmp_path}"]
    command = [sys.executable, "-m", "pytest", "-q", *options, str(tmp_path)]
    code = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode
    outcome = summary.read("it", tmp_path / "it.xml", code)
    assert (outcome.passed, outcome.failed, outcome.skipped, outcome.broken) == (2, 2, 1, "")
    assert outcome.failures == ("test_it::test_wrong", "test_it::test_error")
    assert not summary.fine([outcome])


def test_a_run_that_crashed_is_no_success(tmp_path: Path) -> None:
    crashed = summary.read("store", tmp_path / "absent.xml", 139)
    (tmp_path / "cut.xml").write_text('<testsuites><testsuite tests="3" time="1.5"/></testsuites>')
    cut = summary.read("store", tmp_path / "cut.xml", 2)
    assert [summary.fine([one]) for one in (crashed, cut)] == [False, False]
    assert "BROKEN store: pytest ended with code 139" in summary.text([crashed], [], "today")
    assert summary.fine([summary.read("store", tmp_path / "cut.xml", 0)])


def test_the_summary_ends_with_sums_and_versions_also_after_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> Iterator[summary.Outcome]:
        yield summary.Outcome("kernels", 5, 1, 2, 90.0, ("tests.kernels::test_a",))
        yield summary.Outcome("rules", 2, 0, 1, 90.0)
        raise KeyboardInterrupt

    monkeypatch.setattr(suite, "run", stopped)
    monkeypatch.setattr(command, "_about", lambda *_: "a day, versions")
    chosen = [suite.Group(name, ()) for name in ("kernels", "rules", "store")]
    with pytest.raises(KeyboardInterrupt):
        command._test(Path("/r"), "qemu", chosen, [])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "7 passed, 1 failed, 3 skipped in 3 minutes; a day, versions"
    assert lines[-3:-1] == ["FAILED tests.kernels::test_a", "NOT RUN, go on with --only store"]


def test_a_root_that_does_not_run_is_named(namespace: Path) -> None:
    with pytest.raises(Arm64Error, match="remove /r and run this again"):
        command._about(Path("/r"), "qemu")
    assert "platform" in namespace.read_text()
