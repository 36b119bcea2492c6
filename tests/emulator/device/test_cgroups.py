"""Control groups: which is chosen, what is written into it; version 2 by a file tree made up by hand."""

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from edgelearn.emulator.device import cgroups
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.errors import ConfigError
from tests.emulator.device.workloads import same

V2_FILES = ("memory.max", "memory.oom.group", "memory.swap.max", "cpu.max", "cgroup.procs", "memory.events")
V1_FILES = ("memory.limit_in_bytes", "memory.swappiness", "memory.oom_control", "cgroup.procs")


class Kernel:
    """A mounted hierarchy as files; a folder made in it is filled with what a group has, as the kernel does."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.proc = root / "fs", root / "proc"
        self.files: tuple[str, ...] = V2_FILES
        self.made: list[Path] = []
        self.refuses = ""  # "mkdir": to make a group, "attach": to let a process in
        self.written: dict[str, str] = {}
        self.own = self.root / "user" / "session"
        self.own.mkdir(parents=True)
        self.proc.mkdir()
        (self.proc / "cgroup").write_text("1:name=systemd:/\n0::/user/session\n")
        self.mount("cgroup2 cgroup2 rw")
        mkdir = Path.mkdir

        def make(path: Path, *args: Any, **options: Any) -> None:
            ours = path.name.startswith(cgroups.PREFIX)
            if ours and self.refuses == "mkdir":
                raise PermissionError(errno.EACCES, "as for anybody but root", str(path))
            mkdir(path, *args, **options)
            if ours:
                self.made.append(path)
                for name in self.files:
                    (path / name).write_text("")
                if self.refuses == "attach":  # what cannot be written, not even by root
                    (path / "cgroup.procs").unlink()
                    mkdir(path / "cgroup.procs")

        def remove(path: Path) -> None:
            self.written |= {file.name: file.read_text() for file in path.iterdir() if file.is_file()}
            shutil.rmtree(path)

        monkeypatch.setattr(Path, "mkdir", make)
        monkeypatch.setattr(Path, "rmdir", remove)
        monkeypatch.setattr(cgroups, "_PROC", self.proc)

    def mount(self, kind: str) -> None:
        (self.proc / "mountinfo").write_text(f"36 25 0:32 / {self.root} rw,nosuid - {kind}\n")

    def hands_down(self, group: Path, controllers: str) -> None:
        (group / "cgroup.subtree_control").write_text(controllers)


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return Kernel(tmp_path, monkeypatch)


def test_version_2_takes_the_nearest_group_that_hands_the_controller_down(kernel: Kernel) -> None:
    kernel.hands_down(kernel.own, "pids\n")
    kernel.hands_down(kernel.own.parent, "cpu memory\n")
    group = cgroups.claim("memory", 64_000_000)
    assert group is not None
    assert (group.version, group.path.parent) == (2, kernel.own.parent)
    assert (group.path / "memory.max").read_text() == "64000000"
    assert (group.path / "memory.swap.max").read_text() == "0"
    assert (group.path / "memory.oom.group").read_text() == "1"
    (group.path / "memory.events").write_text("low 0\nmax 3\noom 1\noom_kill 2\n")
    assert group.oom_kills() == 2
    (group.path / "cgroup.procs").write_text("")
    group.remove()
    assert not group.path.exists()


def test_without_a_controller_handed_down_there_is_none(kernel: Kernel) -> None:
    kernel.hands_down(kernel.root, "pids hugetlb\n")
    assert cgroups.claim("memory", 64_000_000) is None
    assert kernel.made == []


@pytest.mark.parametrize("refused", ["mkdir", "attach"])
def test_a_user_without_a_delegated_group_gets_none_and_leaves_none(kernel: Kernel, refused: str) -> None:
    """As on a hosted runner: version 2, whose root hands the controllers down, but to root's groups only."""
    kernel.hands_down(kernel.root, "cpu memory\n")
    kernel.refuses = refused
    assert cgroups.claim("memory", 64_000_000) is None
    assert cgroups.claim("cpu", 0.5) is None
    assert [path.exists() for path in kernel.made] == [False, False][: len(kernel.made)]
    assert len(kernel.made) == (2 if refused == "attach" else 0)


def test_such_a_user_runs_under_the_watch_and_is_told(kernel: Kernel) -> None:
    kernel.hands_down(kernel.root, "cpu memory\n")
    kernel.refuses = "mkdir"
    result = EdgeDevice("pi-zero-2w", ram="64MB").run(same, 1)
    assert (result.ok, result.value, result.held["ram"].by) == (True, [1], "rlimit + watch")
    assert "no cgroup can be made here" in str(result)
    with pytest.raises(ConfigError, match="cpu cap cannot be held here: no cgroup"):
        EdgeDevice("pi-zero-2w", cpu=0.5).run(same, 1)


def test_a_limit_that_is_refused_leaves_no_group(kernel: Kernel) -> None:
    kernel.hands_down(kernel.root, "memory\n")
    kernel.files = ("cgroup.procs",)
    assert cgroups.claim("memory", 64_000_000) is None
    assert [path.exists() for path in kernel.made] == [False]


def test_cpu_and_memory_share_one_group_of_version_2(kernel: Kernel) -> None:
    kernel.hands_down(kernel.root, "cpu memory\n")
    memory = cgroups.claim("memory", 64_000_000)
    assert memory is not None
    assert cgroups.claim("cpu", 0.25, memory) is memory
    assert (memory.path / "cpu.max").read_text() == "25000 100000"
    (memory.path / "cgroup.procs").write_text("")
    memory.remove()


def test_version_1_is_used_at_the_top_of_its_mount(kernel: Kernel) -> None:
    kernel.mount("cgroup cgroup rw,memory")
    kernel.files = V1_FILES
    group = cgroups.claim("memory", 64_000_000)
    assert group is not None
    assert (group.version, group.path.parent) == (1, kernel.root)
    assert (group.path / "memory.limit_in_bytes").read_text() == "64000000"
    assert (group.path / "memory.swappiness").read_text() == "0"  # no memsw here: no swap for it at all
    (group.path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    assert group.oom_kills() == 1
    (group.path / "cgroup.procs").write_text("")
    group.remove()


def test_mounts_are_read_version_2_first() -> None:
    table = (
        "32 31 0:29 / /cg/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
        "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
        "41 31 0:38 / /cg/unified rw,relatime - cgroup2 cgroup2 rw\n"
    )
    assert cgroups.mounts(table) == [
        cgroups.Mount(2, Path("/cg/unified"), frozenset()),
        cgroups.Mount(1, Path("/cg/cpu"), frozenset({"rw", "cpu", "cpuacct"})),
    ]


def test_a_run_in_a_group_of_version_2_says_so(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel.hands_down(kernel.root, "cpu memory\n")
    # what stands in for the kernel forgets nobody: the numbers left in cgroup.procs are not to be killed
    monkeypatch.setattr(cgroups.Group, "_pids", lambda _: [])
    result = EdgeDevice("pi-zero-2w", ram="64MB", cpu=0.5).run(same, 1)
    assert (result.ok, result.value) == (True, [1])
    assert (result.held["ram"].by, result.held["cpu"].by) == ("cgroup v2 + watch", "cgroup v2")
