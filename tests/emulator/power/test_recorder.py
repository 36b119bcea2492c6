"""Both recorders: the log, replayed, is the folder; and what a recorder cannot see is said, never passed over."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgelearn.emulator import native
from edgelearn.emulator.native import NativeError, compiler
from edgelearn.emulator.power import PowerError, kills, power_cut
from edgelearn.emulator.power.log import Op, encode, read
from edgelearn.emulator.power.recording import record
from edgelearn.errors import ConfigError
from tests.emulator.power import calls, saves

NATIVE = pytest.mark.skipif(
    not sys.platform.startswith("linux") or compiler() is None, reason="no Linux, or no C compiler"
)


@NATIVE
@pytest.mark.parametrize("save", calls.SEEN, ids=lambda save: save.__name__)
def test_the_native_recorder_sees(save: Callable[[Path], object]) -> None:
    recorded = record(save, "save", None, recorder="native")
    assert recorded.misses == ()
    assert any(op.kind == "create" for op in recorded.ops)
    assert recorded.values == [1]


@pytest.mark.parametrize("save", calls.SEEN_BY_PYTHON, ids=lambda save: save.__name__)
def test_the_python_recorder_sees(save: Callable[[Path], object]) -> None:
    recorded = record(save, "save", None, recorder="python")
    assert recorded.misses == ()
    assert any(op.kind == "create" for op in recorded.ops)


@NATIVE
@pytest.mark.parametrize("save", calls.UNSEEN, ids=lambda save: save.__name__)
def test_what_the_native_recorder_cannot_see_fails(save: Callable[[Path], object]) -> None:
    report = power_cut(save, saves.load, recorder="native")
    assert not report.ok
    with pytest.raises(
        AssertionError, match=r"(?s)misses writes.*native recorder cannot see writes through shared"
    ):
        report.check()


@pytest.mark.parametrize("save", calls.UNSEEN_BY_PYTHON, ids=lambda save: save.__name__)
def test_what_the_python_recorder_cannot_see_fails(save: Callable[[Path], object]) -> None:
    report = power_cut(save, saves.load, recorder="python")
    assert report.states == 0
    with pytest.raises(AssertionError, match=r"(?s)misses writes.*SQLite"):
        report.check()


@NATIVE
def test_both_recorders_tell_the_same() -> None:
    def told(recorder: str) -> list[tuple[str, int, bytes, str, str, bool]]:
        ops = record(saves.durable_descriptor, "save", None, recorder=recorder).ops
        return [(op.kind, op.offset, op.data, op.path, op.other, op.durable) for op in ops]

    assert told("native") == told("python")
    assert any(durable for *_, durable in told("native"))


@NATIVE
def test_the_order_of_ops_and_acknowledgements() -> None:
    ops = [str(op) for op in record(saves.two_steps, "save", None, recorder="native").ops]
    assert ops == [
        "-- save begins --",
        "create new",
        "write new 3 bytes at 0",
        "sync new",
        "rename new and value",
        "sync .",
        "-- acknowledged 1 --",
        "truncate value to 0 bytes",
        "write value 3 bytes at 0",
        "-- acknowledged 2 --",
    ]


@NATIVE
def test_other_folders_are_left_alone() -> None:
    recorded = record(saves.writes_elsewhere, "save", None, recorder="native")
    assert [op.kind for op in recorded.ops] == ["ack", "create", "write", "ack"]


def test_a_log_comes_back_as_it_was_written(tmp_path: Path) -> None:
    ops = [
        Op("create", 7, 1, path="a/ü"),
        Op("write", 7, 12, b"\0data", "a/ü", durable=True),
        Op("rename", path="a", other="b"),
        Op("ack", data=b"(1, 'x')"),
    ]
    (tmp_path / "log").write_bytes(b"".join(encode(op) for op in ops))
    assert list(read(tmp_path / "log")) == ops


@pytest.mark.parametrize("lost", [1, 20, 39])
def test_a_log_that_ends_inside_a_record_is_refused(lost: int, tmp_path: Path) -> None:
    whole = encode(Op("write", 7, 0, b"data", "f"))
    (tmp_path / "log").write_bytes(whole + whole[:-lost])
    with pytest.raises(PowerError, match="disk full"):
        list(read(tmp_path / "log"))


def test_a_save_that_fails_tells_its_own_words() -> None:
    with pytest.raises(PowerError, match=r"(?s)fails failed in its process \(exit code 1\).*no more ink"):
        power_cut(saves.fails, saves.load)


def test_a_save_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    os.environ["TEST_PIDS"] = str(pids)
    try:
        with pytest.raises(PowerError, match=r"hangs was not done after 8 s"):
            power_cut(saves.hangs, saves.load, deadline_s=8)
    finally:
        del os.environ["TEST_PIDS"]
    assert all_gone(pids)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no pipe that kills elsewhere")
def test_a_save_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    text = (
        "from edgelearn.emulator.power import power_cut\n"
        "from tests.emulator.power import saves\n"
        "power_cut(saves.hangs, saves.load, deadline_s=300)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", text],
        env={**os.environ, "TEST_PIDS": str(pids)},
        cwd=Path(__file__).parents[3],
    ) as process:
        until = time.monotonic() + 30
        while not (pids.exists() and len(pids.read_text().split()) == 2) and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
    assert all_gone(pids)


def test_values_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(PowerError, match=r"(?s)save yielded array.*yield a number, a text"):
        power_cut(saves.yields_an_array, saves.load)
    with pytest.raises(PowerError, match="acknowledged nothing"):
        power_cut(saves.yields_nothing, saves.load)
    with pytest.raises(PowerError, match="acknowledged nothing; yield each value"):
        power_cut(saves.returns_nothing, saves.load)  # type: ignore[arg-type]


def test_a_program_that_asks_while_it_is_loaded_is_told(tmp_path: Path) -> None:
    """It would run itself again and again, each time in a process of its own."""
    program = tmp_path / "program.py"
    program.write_text(
        "from edgelearn.emulator.power import power_cut\n"
        "def save(folder):\n    yield 1\n"
        "def load(folder):\n    return 1\n"
        "print(power_cut(save, load))\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert done.returncode == 1
    assert "or below `if __name__ == '__main__':`" in done.stderr


def test_without_a_compiler_the_python_recorder_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "compiler", lambda: None)
    report = power_cut(saves.durable_descriptor, saves.load_durable)
    report.check()
    assert report.recorder == "python"
    assert "SQLite" in str(report)
    with pytest.raises(NativeError, match=r"64-bit Linux|no C compiler"):
        power_cut(saves.two_steps, saves.load, recorder="native")


@NATIVE
def test_a_cache_in_a_path_with_spaces_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "my cache"))
    with pytest.raises(NativeError, match="space or colon; set XDG_CACHE_HOME"):
        power_cut(saves.two_steps, saves.load, recorder="native")


def test_bad_options_are_refused() -> None:
    for words in ({"recorder": "natve"}, {"model": "ext2"}, {"limit": 0}, {"limit": "all"}):
        with pytest.raises(ConfigError, match="one of"):
            power_cut(saves.two_steps, saves.load, **words)
    for call in (power_cut, kills):
        with pytest.raises(ConfigError, match="is no folder to begin with"):
            call(saves.two_steps, saves.load, folder=Path("nowhere"))
    with pytest.raises(ConfigError, match="at least one kill, not 'many'"):
        kills(saves.two_steps, saves.load, n="many")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="top of a file"):
        power_cut(lambda _folder: iter([1]), saves.load)


def all_gone(pids: Path) -> bool:
    """Return whether the processes in a file are dead, or soon are: a signal is on its way for a moment."""
    until, numbers = time.monotonic() + 30, [int(word) for word in pids.read_text().split()]
    while any(alive(pid) for pid in numbers) and time.monotonic() < until:
        time.sleep(0.01)
    return len(numbers) == 2 and not any(alive(pid) for pid in numbers)


def alive(pid: int) -> bool:
    """Return whether a process runs; one that is dead and waits for init to ask does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
