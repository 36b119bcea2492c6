import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgelearn.cli import _check_machine as machine
from edgelearn.cli import _check_packages as packages
from edgelearn.cli import main
from edgelearn.cli._checks import Probe, probe
from edgelearn.run import prepare


def test_everything_is_fine_here(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["doctor", "--json", "--folder", str(tmp_path)])
    report = json.loads(done.stdout)
    failed = [check for check in report["checks"] if check["status"] == "fail"]
    assert (done.exit_code, report["ok"], failed) == (0, True, [])
    names = {check["name"] for check in report["checks"]}
    assert {"python", "numpy", "numba", "inference", "compilation", "processor", "disk", "write"} <= names
    assert all(set(check) == {"name", "status", "detail", "next"} for check in report["checks"])


def test_a_failure_says_what_to_do_and_exits_with_1(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["doctor", "--folder", str(tmp_path / "absent")])
    assert done.exit_code == 1
    assert "fail disk" in done.stdout
    assert f"-> mkdir -p {tmp_path / 'absent'}" in done.stdout


def test_a_program_that_is_killed_leaves_us_alive() -> None:
    tried = probe("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    assert tried.killer == signal.SIGILL
    check = packages.check_inference(tried)
    assert check.status == "fail"
    assert "SIGILL" in check.detail
    assert "older onnxruntime" in check.next


def test_a_program_that_fails_is_quoted() -> None:
    check = packages.check_inference(probe("raise ValueError('no such thing')"))
    assert (check.status, "no such thing" in check.detail) == ("fail", True)


@pytest.mark.parametrize(
    ("tried", "status", "advice"),
    [
        (
            Probe("", "RuntimeError: cannot cache function 'f': no locator available"),
            "fail",
            "NUMBA_CACHE_DIR",
        ),
        (Probe("", "ImportError: libLLVM"), "fail", "numba llvmlite"),
        (Probe("off"), "warn", "NUMBA_DISABLE_JIT"),
        (Probe("a function in 0.1 s"), "ok", ""),
    ],
)
def test_compilation(tried: Probe, status: str, advice: str) -> None:
    check = packages.check_compilation(tried)
    assert check.status == status
    assert advice in check.next


def test_packages_that_are_absent_or_old() -> None:
    absent = packages.check_package(packages.Requirement("no-such-package-here", "1.0", ""))
    assert (absent.status, absent.next) == ("fail", "pip install 'no-such-package-here>=1.0'")
    assert packages.check_package(packages.Requirement("numpy", "99", "")).status == "fail"
    assert packages.check_package(packages.Requirement("numpy", "1.9", "")).status == "ok"  # 2.x, not by text
    assert packages.check_python((3, 10, 9)).status == "fail"


def test_requirements_are_those_of_the_project() -> None:
    found = {(requirement.name.lower(), requirement.extra) for requirement in packages.requirements()}
    assert {("numpy", ""), ("onnxruntime", ""), ("onnx", "cut"), ("pillow", "images")} <= found


def test_an_extra_that_is_absent_is_fine_and_says_how_to_get_it() -> None:
    (check, *_) = packages.check_extras([packages.Requirement("no-such-package-here", "1", "cut")])
    assert (check.name, check.status, check.next) == ("extra cut", "ok", "pip install 'edgelearn[cut]'")


def test_the_machine(tmp_path: Path) -> None:
    assert machine.check_processor("armv7l", wide=False).status == "fail"
    assert machine.check_memory(200 * 1000**2).status == "warn"
    assert machine.check_space(tmp_path, 5 * 1000**2).status == "fail"
    assert machine.check_space(tmp_path, 50 * 1000**2).status == "warn"
    assert machine.check_fsync(tmp_path, 2.0).status == "warn"
    assert "64 KiB are durable" in machine.check_fsync(tmp_path, 0.001).detail


def test_warm_says_what_was_compiled_and_where_it_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran: list[str] = []
    parts = [(name, lambda name=name: ran.append(name)) for name in ("rule one", "readout two")]
    monkeypatch.setattr(prepare, "everything", lambda: iter(parts))
    done = CliRunner().invoke(main, ["doctor", "--warm", "--folder", str(tmp_path)])
    assert (done.exit_code, ran) == (0, ["rule one", "readout two"])
    assert "readout two                  loaded in 0.00 s" in done.stdout
    assert "kernels are kept in" in done.stdout or "NUMBA_DISABLE_JIT" in done.stdout


def test_where_a_check_failed_nothing_is_warmed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(prepare, "everything", lambda: pytest.fail("warmed"))
    done = CliRunner().invoke(main, ["doctor", "--warm", "--folder", str(tmp_path / "absent")])
    assert done.exit_code == 1


def test_every_rule_neuron_signal_and_readout_is_warmed() -> None:
    names = {name for name, _ in prepare.everything()}
    assert {"rule oja", "neuron lif", "signal reward", "layer conv", "readout slda"} <= names


COMPILES = """
from edgelearn.cli._common import say_when_compiling
from edgelearn.run.prepare import everything
with say_when_compiling():
    for name, make_ready in everything():
        if name in ("rule hebb", "signal reward"):
            make_ready()
"""


def test_a_first_compilation_is_said_once_and_the_next_start_is_silent(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "NUMBA_DISABLE_JIT"}
    for times in (1, 0):
        done = subprocess.run(
            [sys.executable, "-c", COMPILES],
            env={**environment, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr.count("compiling kernels, once") == times
