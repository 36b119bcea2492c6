"""The folder of the root: steps done once, begun anew after a failure, and nobody else's files touched."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tools._venv import ROOT
from tools.arm64 import checkout, command, cpu, debian, inside, root
from tools.arm64.needs import Arm64Error

Programs = Callable[[str, str], None]


def quiet(text: str) -> None:
    """Say nothing."""


def test_a_step_is_done_once_and_again_when_its_key_changes(tmp_path: Path) -> None:
    done: list[str] = []
    folder = tmp_path / "root"
    root.claim(folder)
    for key in ("a", "a", "b"):
        root.do(folder, root.Step("system", key, lambda key=key: done.append(key)), quiet)
        root.claim(folder)
    assert done == ["a", "b"]


def test_an_interrupted_step_is_done_again(tmp_path: Path) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    done: list[str] = []
    folder = tmp_path / "root"
    root.claim(folder)
    root.do(folder, root.Step("system", "1", lambda: done.append("first")), quiet)
    with pytest.raises(KeyboardInterrupt):
        root.do(folder, root.Step("system", "2", interrupted), quiet)
    root.do(folder, root.Step("system", "1", lambda: done.append("again")), quiet)
    assert done == ["first", "again"]


def test_a_folder_of_somebody_else_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for taken in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(Arm64Error, match="holds something else"):
            root.claim(taken)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_emptied_no_step_is_done_and_links_are_not_followed(tmp_path: Path) -> None:
    outside, folder, done = tmp_path / "outside", tmp_path / "root", []
    outside.mkdir()
    (outside / "kept").touch()
    root.claim(folder)
    packages_step = root.Step("packages", "1", lambda: done.append("packages"))
    root.do(folder, packages_step, quiet)
    (folder / "bin").symlink_to(outside)
    (folder / "usr" / "lib").mkdir(parents=True)
    root.empty(folder)
    root.do(folder, packages_step, quiet)
    assert [path.name for path in folder.iterdir()] == [root.RECORD]
    assert (outside / "kept").exists()
    assert done == ["packages", "packages"]


def test_a_system_that_fails_is_begun_anew_next_time(
    tmp_path: Path, programs: Programs, namespace: Path
) -> None:
    folder = tmp_path / "root"
    programs("debootstrap", "exit 0")
    root.claim(folder)
    for _ in range(2):
        (folder / "half").touch()
        with pytest.raises(Arm64Error, match="second stage of debootstrap failed"):
            root.do(folder, debian.step(folder), quiet)
        assert not (folder / "half").exists()
    mounted = [line for line in namespace.read_text().splitlines() if line.startswith("mount")]
    assert mounted == [f"mount -t proc proc {folder}/proc"] * 2  # never /dev, where debootstrap makes files


def test_the_checkout_is_copied_without_what_git_ignores_and_without_the_root(tmp_path: Path) -> None:
    source = tmp_path / "checkout"
    for path in (".git/HEAD", ".venv/lib/x.py", "tests/__pycache__/x.pyc", "tests/test_x.py", "here/copy/x"):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_text("x")
    (source / ".gitignore").write_text(".venv/\n__pycache__/\n")
    for _ in range(2):
        checkout.copy(source, source / "here" / "copy", without=source / "here")
        (source / "here" / "copy" / "written by a test").touch()
    shutil.rmtree(source / "here" / "copy" / "tests")
    assert (source / "tests" / "test_x.py").exists()
    assert {path.name for path in (source / "here" / "copy").iterdir()} == {".gitignore", "written by a test"}


def test_the_root_in_the_checkout_is_ignored_by_git() -> None:
    default = command._parser().parse_args([]).root
    assert f"{default.relative_to(ROOT)}/" in (ROOT / ".gitignore").read_text().split()


def test_the_processor_that_programs_see_is_the_emulated_one(tmp_path: Path) -> None:
    cpu.write(tmp_path)
    shown = (tmp_path / cpu.FILE).read_text()
    assert shown.count("CPU part\t: 0xd03\n") == os.cpu_count()  # Cortex-A53
    assert f"{tmp_path}/{cpu.FILE} {tmp_path}/proc/cpuinfo" in inside.inside(tmp_path, ["true"])[-1]
