"""After a test that fails, hangs or is interrupted: no process, no group, no terminal, no thread, no folder."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edgelearn.emulator.device import cgroups, tree
from tests.emulator.device.processes import alive, gone, noted
from tests.emulator.plugin.projects import made

pytest_plugins = ("pytester",)

TESTS = """
import threading, time, pytest, work

@pytest.fixture
def all_open(edge_device, serial_wire, board, power_cut):
    serial_wire(board(), name="with-a-board")
    wire = serial_wire(name="bare")
    wire.far
    return edge_device()

def test_fails_with_all_open(all_open, tmp_path):
    def bored(look):
        if (tmp_path / "self").exists():
            raise RuntimeError
    with pytest.raises(RuntimeError):
        all_open.run(work.hang, str(tmp_path), deadline_s=200, watch=bored)
    assert 0

@pytest.fixture
def half_open(all_open):
    raise RuntimeError

def test_fails_in_setup(half_open):
    pass

@pytest.mark.timeout(200)
def test_hangs_on_the_device(all_open):
    all_open.run(work.hang, NOTES, deadline_s=200)
"""
# "boards" is the one watchdog of all boards, a daemon that sleeps and ends by itself
CONFTEST = """
import json, os, threading
from pathlib import Path

def opened():
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            pass
    return [name for name in found if name.startswith("/dev/pt")]

def pytest_sessionstart():
    global before
    before = len(opened())

def pytest_unconfigure():
    threads = [t.name for t in threading.enumerate() if t is not threading.main_thread() and t.name != "boards"]
    Path("left.json").write_text(json.dumps([threads, len(opened()) - before]))
"""


@pytest.fixture
def notes(pytester: pytest.Pytester) -> Path:
    folder = pytester.mkdir("notes")
    made(pytester, f"NOTES = {str(folder)!r}\n{TESTS}", conftest=CONFTEST)
    return folder


@pytest.fixture
def scratch(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = pytester.mkdir("scratch")
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def started(pytester: pytest.Pytester, *words: str) -> "subprocess.Popen[bytes]":
    """Start the project's tests; pass ``words`` to pytest."""
    base = f"--basetemp={pytester.path / 'base'}"
    return pytester.popen(
        [sys.executable, "-m", "pytest", base, "-p", "no:cacheprovider", *words], stdin=subprocess.DEVNULL
    )


def nothing_is_left(pid: int, pytester: pytest.Pytester, scratch: Path) -> None:
    """Assert it of the pytest that was ``pid``."""
    groups = [path for path in Path("/sys/fs/cgroup").rglob(f"{cgroups.PREFIX}{pid}-*") if path.is_dir()]
    assert (groups, list(scratch.iterdir())) == ([], [])
    assert (pytester.path / "left.json").read_text() == "[[], 0]"


@pytest.mark.parametrize("how", ["timeout", "interrupt"])
def test_tests_that_fail_and_hang_leave_nothing(
    pytester: pytest.Pytester, notes: Path, scratch: Path, how: str
) -> None:
    pytest.importorskip("unicorn")
    with started(pytester, *(["-k", "hangs"] if how == "interrupt" else [])) as run:
        pids = noted(notes, 2)
        below = tree.descendants(run.pid)
        assert set(alive(pids)) == set(pids)  # or nothing would be shown
        run.send_signal(
            signal.SIGALRM if how == "timeout" else signal.SIGINT
        )  # SIGALRM is how pytest-timeout does it
        out, _ = run.communicate(timeout=120)
    assert (b"2 failed, 1 error" if how == "timeout" else b"KeyboardInterrupt") in out
    failed = {
        int(file.read_text()) for file in (pytester.path / "base").glob("test_fails*/*") if file.is_file()
    }
    assert len(failed) == (2 if how == "timeout" else 0)
    assert gone([*pids, *below, *failed])
    nothing_is_left(run.pid, pytester, scratch)


@pytest.mark.usefixtures("scratch")
def test_a_pytest_that_is_killed_takes_the_device_with_it(pytester: pytest.Pytester, notes: Path) -> None:
    pytest.importorskip("unicorn")
    with started(pytester, "-k", "hangs") as run:
        pids = noted(notes, 2)
        below = tree.descendants(run.pid)
        run.send_signal(signal.SIGKILL)
    assert gone([*pids, *below])


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, pytest.ExitCode.INTERRUPTED), (signal.SIGTERM, 143)]
)
def test_a_suite_on_a_profile_that_is_ended_leaves_nothing(
    pytester: pytest.Pytester, notes: Path, scratch: Path, number: signal.Signals, code: int
) -> None:
    made(pytester, f"import work\ndef test_hangs(): work.hang({str(notes)!r})\n")
    with started(pytester, "--edge-profile=pi-4b") as run:
        pids = noted(notes, 2)
        below = tree.descendants(run.pid)
        run.send_signal(number)
        _, err = run.communicate(timeout=120)
    assert (run.returncode, err) == (code, b"")
    assert gone([*pids, *below])
    assert list(scratch.iterdir()) == []
