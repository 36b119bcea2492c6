"""Mounts lie in a namespace, so that the kernel undoes them whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.arm64 import cpu, inside, suite

Programs = Callable[[str, str], None]
Wait = Callable[[Callable[[], bool]], None]


def test_every_mount_lies_in_a_namespace_that_is_killed_with_its_parent(tmp_path: Path) -> None:
    planned = inside.inside(tmp_path, ["true"])
    start, script = planned[:-1], planned[-1]
    assert start[:4] == ["setpriv", "--pdeathsig", "KILL", "unshare"]
    assert {"--mount", "--pid", "--fork", "--kill-child"} <= set(start)
    assert start[start.index("--propagation") + 1] == "private"
    mounts = [line for line in script.splitlines() if line.startswith("mount ")]
    assert len(mounts) == 4
    assert all(str(tmp_path) in line.split()[-1] for line in mounts)
    assert not any("mount" in part for part in start if part != "--mount")


def test_the_data_sets_are_read_only_inside() -> None:
    group = suite.Group("kernels", ("tests/kernels/test_order.py",))
    planned = suite.command(Path("/r"), group, "kernels.xml", ["-x"], Path("/sets of data"))
    assert "mount --bind -o ro '/sets of data' /r/data" in planned[-1]
    assert "EDGELEARN_DATA=/data" in planned[-1]
    assert "EDGELEARN_DATA" not in suite.command(Path("/r"), group, "kernels.xml", [], None)[-1]


def test_the_exit_code_of_the_program_comes_out_and_mounts_go_first(namespace: Path) -> None:
    done = subprocess.run(inside.inside(Path("/r"), ["program", "an argument"]), check=False)
    lines = namespace.read_text().splitlines()
    assert done.returncode == 7
    assert [line.split()[0] for line in lines] == ["mount"] * 4 + ["chroot"]
    assert lines[-1].endswith("program an argument")
    assert f"QEMU_CPU={cpu.NAME}" in lines[-1]


def test_a_mount_that_fails_ends_it_before_the_program(namespace: Path, programs: Programs) -> None:
    programs("mount", "exit 32")
    assert subprocess.run(inside.inside(Path("/r"), ["program"]), check=False).returncode == 32
    assert not namespace.exists()


def may_make_namespaces() -> bool:
    """Say whether this process may: root, and not in a container that forbids it."""
    if shutil.which("setpriv") is None or os.geteuid() != 0:
        return False
    return subprocess.run([*inside.NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """Return a folder to mount on; a mount that escaped is undone, so that a failed test leaves none."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    yield folder
    if folder.is_mount():
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(not may_make_namespaces(), reason="needs root and namespaces")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_and_no_mount_is_left_whatever_ends_the_caller(
    ending: signal.Signals, mounted: Path, wait: Wait
) -> None:
    mark = mounted.parent / "mark"
    mounts = [inside.Mount(("-t", "tmpfs", "tmpfs"), str(mounted).lstrip("/"))]
    program = f"cat /proc/mounts > {mark}.now; mv {mark}.now {mark}; exec sleep 120"
    planned = inside.inside(Path("/"), ["sh", "-c", program], mounts)
    caller = f"import subprocess, sys; sys.exit(subprocess.run({planned!r}).returncode)"
    command = [sys.executable, "-c", caller]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        wait(mark.is_file)
        children = descendants(process.pid)
        os.killpg(process.pid, ending)  # as a terminal does it
    assert str(mounted) in mark.read_text()
    assert len(children) >= 3  # unshare, the shell that is process 1, the program
    wait(lambda: not any(alive(child) for child in children))
    assert not mounted.is_mount()


def descendants(pid: int) -> list[int]:
    own = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return own + [below for child in own for below in descendants(child)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
