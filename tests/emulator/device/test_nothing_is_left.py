"""After a run that fails, hangs or is killed: no process, no cgroup, no temporary file."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from edgelearn.emulator.device import cgroups, launch, supervisor, tree
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.errors import EdgelearnError
from tests.emulator.device import workloads
from tests.emulator.device.processes import PATIENCE_S, alive, gone, noted

DEADLINE_S = 5.0  # a slow machine has started the whole tree by then
HOST = """
import sys, tempfile
from pathlib import Path
sys.path.insert(0, {root!r})
tempfile.tempdir = {scratch!r}
from edgelearn.emulator.device.edge import EdgeDevice
from tests.emulator.device.workloads import hang_with_daemons
EdgeDevice("pi-zero-2w", cores=1, cpu=0.9, weaker=True).run(hang_with_daemons, Path({notes!r}), deadline_s=300)
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


def groups_of(pid: int) -> list[Path]:
    return [path for path in Path("/sys/fs/cgroup").rglob(f"{cgroups.PREFIX}{pid}-*") if path.is_dir()]


def test_a_hanging_tree_is_ended_at_its_deadline(notes: Path, scratch: Path, path: str) -> None:
    result = EdgeDevice("pi-zero-2w").run(workloads.hang_with_daemons, notes, deadline_s=DEADLINE_S)
    assert result.stopped == "deadline"
    assert f"after {DEADLINE_S:g} s" in str(result.why)
    assert alive(noted(notes, 3)) == [], path
    assert (groups_of(os.getpid()), list(scratch.iterdir())) == ([], [])


def test_a_daemon_does_not_outlive_the_workload(notes: Path, scratch: Path) -> None:
    result = EdgeDevice("pi-zero-2w").run(workloads.leave_a_daemon, notes)
    assert (result.ok, result.value) == (True, "returned")
    assert any("still ran" in note for note in result.notes)
    assert alive(noted(notes, 1)) == []
    assert list(scratch.iterdir()) == []


def test_a_failing_run_leaves_nothing(scratch: Path) -> None:
    assert EdgeDevice("pi-zero-2w").run(workloads.fail, "why").stopped == "error"
    assert (groups_of(os.getpid()), list(scratch.iterdir())) == ([], [])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_host_takes_everything_with_it(notes: Path, scratch: Path, number: signal.Signals) -> None:
    root = str(Path(__file__).parents[3])
    code = HOST.format(root=root, scratch=str(scratch), notes=str(notes))
    with subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as host:
        pids = noted(notes, 3)
        below = tree.descendants(host.pid)
        assert set(alive(pids)) == set(pids)
        host.send_signal(number)
    assert gone([*pids, *below])
    assert (groups_of(host.pid), list(scratch.iterdir())) == ([], [])


def test_a_killed_supervisor_takes_the_workload_with_it(notes: Path, path: str) -> None:
    seen = list[int]()

    def kill_the_supervisor(_: object) -> None:
        if not seen and (notes / "first").exists():
            seen.extend(noted(notes, 3))
            (supervisor,) = [pid for pid in tree.descendants(os.getpid()) if _is_supervisor(pid)]
            os.kill(supervisor, signal.SIGKILL)

    with pytest.raises(EdgelearnError, match="supervisor"):
        EdgeDevice("pi-zero-2w").run(workloads.hang_with_daemons, notes, watch=kill_the_supervisor)
    assert len(seen) == 3
    assert gone(seen), path
    assert groups_of(os.getpid()) == []


def test_a_supervisor_that_misses_its_deadline_is_killed_with_the_workload(
    notes: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_GRACE_S", 0.5)
    going_on = list[threading.Timer]()  # so that this test fails, and does not hang, where nobody kills it

    def stop_the_supervisor(_: object) -> None:
        if (notes / "first").exists() and not going_on:
            (supervisor,) = [pid for pid in tree.descendants(os.getpid()) if _is_supervisor(pid)]
            going_on.append(threading.Timer(PATIENCE_S, os.kill, (supervisor, signal.SIGCONT)))
            going_on[0].start()
            os.kill(supervisor, signal.SIGSTOP)

    with pytest.raises(EdgelearnError, match="supervisor"):
        EdgeDevice("pi-zero-2w").run(
            workloads.hang_with_daemons, notes, deadline_s=DEADLINE_S, watch=stop_the_supervisor
        )
    going_on[0].cancel()
    assert gone(noted(notes, 3))
    assert list(scratch.iterdir()) == []


def test_an_error_of_the_watcher_ends_the_run(notes: Path, scratch: Path) -> None:
    def bored(_: object) -> None:
        if len(list(notes.glob("*"))) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        EdgeDevice("pi-zero-2w").run(workloads.hang_with_daemons, notes, watch=bored)
    assert gone(noted(notes, 3))
    assert list(scratch.iterdir()) == []


def test_a_watcher_that_is_slow_does_not_keep_the_caps_from_holding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "json", SimpleNamespace(dumps=lambda _: "x" * 3000))
    read, write = os.pipe()
    monkeypatch.setattr(supervisor, "_OUT", write)
    os.set_blocking(write, False)
    told = [supervisor._tell({}) for _ in range(100)]  # more than a pipe takes, and nobody reads
    assert told[0] == 3001
    assert told[-1] == 0
    os.close(read)
    assert supervisor._tell({}) == 0
    os.close(write)


@pytest.mark.usefixtures("a_cgroup")
def test_a_group_that_a_killed_run_left_is_removed_by_the_next() -> None:
    group = cgroups.claim("memory", 64_000_000)
    assert group is not None
    assert group.lock is not None
    with subprocess.Popen(["sleep", "600"]) as left:
        group.attach(left.pid)
        cgroups.sweep(group.path.parent, group.version)
        assert group.path.exists()  # it is locked: a run has it
        os.close(group.lock)  # as the kernel does for who is killed
        group.lock = None
        following = cgroups.claim("memory", 64_000_000)
        assert following is not None
        following.remove()
        assert left.wait(PATIENCE_S) == -signal.SIGKILL
    assert not group.path.exists()


def _is_supervisor(pid: int) -> bool:
    return b"import main; main()" in Path(f"/proc/{pid}/cmdline").read_bytes()
