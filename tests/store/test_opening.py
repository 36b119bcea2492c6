"""Opening: what is no store, who may write, and reading without leaving a trace."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edgelearn.errors import StoreError
from edgelearn.store import Store
from tests.store.samples import same, snapshot

NOBODY = 65534
HOLD = """
import sys
from edgelearn.store import Store
from tests.store.samples import snapshot
store = Store(sys.argv[1])
store.save(snapshot(int(sys.argv[2])))
print("open", flush=True)
sys.stdin.read()
"""


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Run as somebody whom file modes bind, also when the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """Yield a folder that anybody may enter, below folders that anybody may enter."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def other_process(path: Path, number: int) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has saved one snapshot and holds the store open for writing."""
    command = [sys.executable, "-c", HOLD, str(path), str(number)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        try:
            yield child
        finally:
            child.kill()


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        Store(tmp_path)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_missing_folder_is_named(tmp_path: Path, read_only: bool) -> None:
    with pytest.raises(StoreError, match=r"gone does not exist; create it first"):
        Store(tmp_path / "gone" / "s.db", read_only=read_only)


def test_reading_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        Store(tmp_path / "s.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [False, True])
def test_another_file_is_no_store_and_stays_as_it_is(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk\n" * 100)
    with pytest.raises(StoreError, match="it is not a store"):
        Store(path, read_only=read_only)
    assert path.read_text() == "remember the milk\n" * 100


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_of_another_program_is_refused(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "s.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE version (number INTEGER)")
    with pytest.raises(StoreError, match="database of another program"):
        Store(path, read_only=read_only)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_layout_is_refused(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.save(snapshot(1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=2")
    with pytest.raises(StoreError, match=r"newer edgelearn \(layout 2, this one knows 1\); update"):
        Store(path, read_only=read_only)


def test_an_empty_file_is_a_store_without_versions(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    path.touch()
    with Store(path, read_only=True) as store:
        assert store.versions() == []
        assert store.verify().ok
    assert path.stat().st_size == 0
    with Store(path) as store:
        assert store.save(snapshot(1)).version == 1


def test_a_second_writer_is_refused_by_the_number_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with other_process(path, 3) as child, pytest.raises(StoreError, match=rf"by process {child.pid};"):
        Store(path)


def test_a_second_writer_in_the_same_process_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "s.db")
    with Store(tmp_path / "s.db"):
        for name in ("s.db", "link.db"):
            with pytest.raises(StoreError, match=rf"by process {os.getpid()};"):
                Store(tmp_path / name)
    Store(tmp_path / "link.db").close()


def test_a_dead_writer_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with other_process(path, 3) as child:
        child.send_signal(signal.SIGKILL)
        child.wait()
        with Store(path) as store:
            assert same(store.load(), snapshot(3))


def test_a_reader_opens_beside_a_writer_and_sees_what_it_saves(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with other_process(path, 3), Store(path, read_only=True) as reader:
        assert same(reader.load(), snapshot(3))
    with Store(path) as writer, Store(path, read_only=True) as reader:
        for number in range(4, 8):
            writer.save(snapshot(number))
            assert same(reader.load(), snapshot(number))


def test_a_reader_does_not_write(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.save(snapshot(1))
    with Store(path, read_only=True) as store:
        with pytest.raises(StoreError, match="read_only=True"):
            store.save(snapshot(2))
        with pytest.raises(StoreError, match="read_only=True"):
            store.rollback(1)


def test_reading_a_store_that_may_not_be_written(shared: Path) -> None:
    path = shared / "s.db"
    with Store(path) as store:
        store.save(snapshot(1))
    for file in shared.iterdir():
        file.chmod(0o444)
    shared.chmod(0o555)
    before = {file.name: (file.stat().st_mtime_ns, file.stat().st_size) for file in shared.iterdir()}
    with ordinary_user():
        with Store(path, read_only=True) as store:
            assert same(store.load(), snapshot(1))
            assert store.verify().ok
        with pytest.raises(StoreError, match=r"read_only=True"):
            Store(path)
    assert {file.name: (file.stat().st_mtime_ns, file.stat().st_size) for file in shared.iterdir()} == before


def test_writing_where_no_lock_can_be_made(shared: Path) -> None:
    shared.chmod(0o555)
    with ordinary_user(), pytest.raises(StoreError, match=r"s.db.lock beside it, Permission denied"):
        Store(shared / "s.db")


def test_a_folder_that_may_not_be_entered(shared: Path) -> None:
    shared.chmod(0o000)
    with ordinary_user(), pytest.raises(StoreError, match="Permission denied"):
        Store(shared / "inner" / "s.db")


def test_writing_a_read_only_file_in_a_writable_folder(shared: Path) -> None:
    path = shared / "s.db"
    with Store(path) as store:
        store.save(snapshot(1))
    path.chmod(0o444)
    shared.chmod(0o777)
    (shared / "s.db.lock").chmod(0o666)
    with ordinary_user(), pytest.raises(StoreError, match="it is read-only"):
        Store(path)
    with Store(path, read_only=True) as store:
        assert same(store.load(), snapshot(1))
