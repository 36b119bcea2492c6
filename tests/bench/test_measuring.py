"""Systems side by side: one that dies is named, and whoever ends a run ends all of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgelearn.bench import machine
from edgelearn.bench import systems as registry
from edgelearn.bench.figure import Figure, Measured
from edgelearn.bench.measuring import one_by_one, side_by_side
from edgelearn.bench.run import VARIABLE, Run
from edgelearn.errors import EdgelearnError

PROC = Path("/proc")


class Fatal:
    """What ends the process that unpickles it."""

    def __init__(self, call, *arguments) -> None:
        self.how = (call, arguments)

    def __reduce__(self):
        return self.how


@pytest.mark.parametrize(
    ("fatal", "said"),
    [
        (Fatal(os._exit, 3), "r_stdp broke off \\(exit code 3"),
        (Fatal(signal.raise_signal, signal.SIGKILL), "r_stdp broke off \\(killed by signal 9\\)"),
    ],
)
def test_a_process_that_dies_is_told_with_its_system(fatal, said):
    with pytest.raises(EdgelearnError, match=said):
        list(side_by_side(["r_stdp"], Run(pictures=fatal), 2))


def test_what_a_system_cannot_use_is_told_by_its_process_without_a_traceback(monkeypatch, tmp_path, capfd):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(EdgelearnError, match=r"^krotov_hopfield: .*mnist\.npz is missing"):
        list(side_by_side(["krotov_hopfield"], Run(quick=True), 2))
    assert "Traceback" not in capfd.readouterr().err


def test_the_commit_is_that_of_the_code_that_was_loaded_though_another_is_made_meanwhile(monkeypatch):
    now = ["before"]

    class Made:
        """A system made up here."""

        FIGURES = (Figure("a.b", "", "a figure"),)

        @staticmethod
        def measure(_):
            now[0] = "after"
            yield Measured("a.b", 0.5)

    monkeypatch.setattr(machine, "commit", lambda _: now[0])
    monkeypatch.setattr(registry, "load", lambda _: Made)
    found = list(one_by_one(["a", "b"], Run()))
    assert [made.system for made in found if made.figure is None] == ["a", "b"]
    assert {made.commit for made in found} == {"before"}


@pytest.mark.skipif(not PROC.exists(), reason="reads /proc")
@pytest.mark.parametrize(
    ("jobs", "number", "all_of_them", "code"),
    [
        ("1", signal.SIGINT, True, 130),
        ("2", signal.SIGINT, True, 130),  # as Ctrl-C does
        ("2", signal.SIGINT, False, 130),
        ("2", signal.SIGKILL, False, -9),
    ],
)
def test_a_run_that_is_stopped_leaves_nothing_running_and_no_results(
    jobs, number, all_of_them, code, tmp_path
):
    command = [
        sys.executable, "-m", "edgelearn", "bench", "systems", "--only", "e_prop", "--only", "r_stdp",
        "--jobs", jobs, "--seeds", "50",
    ]  # fmt: skip
    run = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True)
    for _ in range(int(jobs)):
        assert ":" in run.stderr.readline()  # the title of a system that starts
    until(lambda: len(running(run.pid)) >= (4 if jobs == "2" else 1))
    (os.killpg if all_of_them else os.kill)(run.pid, number)
    said = run.communicate()[1]
    assert run.returncode == code
    assert number == signal.SIGKILL or said.endswith("\nAborted!\n")
    assert number == signal.SIGKILL or "Traceback" not in said
    until(lambda: not running(run.pid))
    assert not (tmp_path / "edgelearn-bench" / "results.json").exists()


def running(group: int) -> list[str]:
    """Return the processes of a group, but those that ended and nobody asked about."""
    found = []
    for stat in PROC.glob("[0-9]*/stat"):
        try:
            state, _, owner = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # gone meanwhile
            continue
        if int(owner) == group and state != "Z":
            found.append(stat.parent.name)
    return found


def until(holds) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it did not come to that within a minute")
