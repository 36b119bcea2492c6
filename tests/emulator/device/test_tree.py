"""What processes use together, read from a /proc made up by hand."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from edgelearn.emulator.device import tree

PAGE = tree._PAGE


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tree, "_PROC", str(tmp_path))
    return tmp_path


def add(proc: Path, pid: int, parent: int, pages: int, *, size: int = 0, pss_kib: int = 0) -> None:
    files: Mapping[str, str] = {
        "stat": f"{pid} (a) name) S {parent} 0 0 0 0 0 0 0 0 0 100 50 25 25 0",
        "statm": f"{size or pid * 100} {pages} 1 1 0 1 0",
        "smaps_rollup": f"Rss: 1 kB\nPss:   {pss_kib} kB\n" if pss_kib else "",
        "status": f"Name: x\nVmHWM:  {pages * PAGE // 1024 + 4} kB\n",
    }
    (proc / str(pid) / "task" / str(pid)).mkdir(parents=True)
    for name, text in files.items():
        (proc / str(pid) / name).write_text(text)
    (proc / str(pid) / "task" / str(pid) / "children").write_text("")
    if parent:
        with (proc / str(parent) / "task" / str(parent) / "children").open("a") as children:
            children.write(f"{pid} ")


def test_one_process_counts_what_is_resident(proc: Path) -> None:
    add(proc, 7, 0, 1000)
    found = tree.usage([7], 0)
    assert (found.rss_bytes, found.high_bytes) == (1000 * PAGE, 1000 * PAGE + 4096)
    assert found.cpu_s == pytest.approx(200 / tree._TICK_HZ)


def test_several_count_their_shares(proc: Path) -> None:
    add(proc, 7, 0, 1000, pss_kib=3000)
    add(proc, 8, 7, 900, pss_kib=1000)
    assert tree.descendants(7) == [8]
    assert tree.usage([7, 8], 0).rss_bytes == 4000 * 1024
    assert tree.usage([7, 8], 10**9).rss_bytes == 1900 * PAGE  # below what is known: an upper bound is enough


def test_a_share_that_a_process_left_to_the_others_counts_once(
    proc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(proc, 7, 0, 1000)
    add(proc, 8, 7, 900)
    shares = iter([500, 500, 400, 300])  # one that ended between the first two handed on what they had shared
    monkeypatch.setattr(tree, "_proportional", lambda _: next(shares))
    assert tree.usage([7, 8], 0).rss_bytes == 700


def test_a_child_that_is_still_its_parent_counts_nothing(proc: Path) -> None:
    add(proc, 7, 0, 1000, size=5000, pss_kib=4000)
    add(proc, 8, 7, 1000, size=5000, pss_kib=4000)
    assert tree.usage([7, 8], 0).rss_bytes == 4000 * 1024


def test_brothers_that_look_alike_both_count(proc: Path) -> None:
    add(proc, 1, 0, 1, pss_kib=4)
    for pid in (7, 8):
        add(proc, pid, 1, 1000, size=5000, pss_kib=4000)
    assert tree.usage([1, 7, 8], 0).rss_bytes == 8004 * 1024


def test_a_process_that_is_gone_counts_nothing(proc: Path) -> None:
    add(proc, 7, 0, 1000, pss_kib=4000)
    assert tree.usage([7, 99], 0).rss_bytes == 1000 * PAGE
    assert tree.usage([99], 0) == (0, 0, 0.0)
    assert tree.descendants(99) == []


def test_shares_that_may_not_be_read_count_in_full(proc: Path) -> None:
    add(proc, 7, 0, 1000, pss_kib=3000)
    add(proc, 8, 7, 900)
    assert tree.usage([7, 8], 0).rss_bytes == 3000 * 1024 + 900 * PAGE
