"""A disk that is full in the middle of a save: the old versions stay, and the store goes on afterwards."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from edgelearn.errors import StoreError
from edgelearn.store import Store, database
from tests.store.samples import same, snapshot

Limit = Callable[[int], AbstractContextManager[None]]


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The kernel refuses every write beyond this length of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 4096, 100_000, 700_000])
def test_the_kernel_refuses_to_let_the_file_grow(tmp_path: Path, room: int) -> None:
    path = tmp_path / "s.db"
    with Store(path) as store:
        store.save(snapshot(1))
        store.save(snapshot(2))
        with files_no_larger_than(path.stat().st_size + room):
            with pytest.raises(StoreError, match="nothing saved before is lost"):
                store.save(snapshot(3, floats=2_000_000))
            assert same(store.load(), snapshot(2))
        check_it_goes_on(store, [1, 2])


@pytest.mark.parametrize("pages", [0, 1, 60])
def test_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    opened: list[sqlite3.Connection] = []
    connect = database.connect
    monkeypatch.setattr(
        database, "connect", lambda path, mode: opened.append(connect(path, mode)) or opened[-1]
    )
    with Store(tmp_path / "s.db") as store:
        store.save(snapshot(1))
        store.save(snapshot(2))
        ((now,),) = opened[0].execute("PRAGMA page_count").fetchall()
        opened[0].execute(f"PRAGMA max_page_count={now + pages}").fetchall()
        with pytest.raises(StoreError, match="the disk is full; free some space and save again"):
            store.save(snapshot(3, floats=2_000_000))
        assert same(store.load(), snapshot(2))
        opened[0].execute("PRAGMA max_page_count=1000000").fetchall()
        check_it_goes_on(store, [2])  # version 1 went to make room, in vain


def test_old_versions_make_room_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = database.connect

    def small(path: Path, mode: str) -> sqlite3.Connection:
        connection = connect(path, mode)
        connection.execute("PRAGMA max_page_count=22").fetchall()
        return connection

    monkeypatch.setattr(database, "connect", small)
    with Store(tmp_path / "s.db", keep=5) as store:
        for number in range(1, 12):
            assert store.save(snapshot(number)).version == number
            assert same(store.load(), snapshot(number))
        present = [version.version for version in store.versions()]
        assert 2 <= len(present) < 5
        assert present == list(range(12 - len(present), 12))
        assert store.verify().ok


def check_it_goes_on(store: Store, present: list[int]) -> None:
    assert [version.version for version in store.versions()] == present
    assert store.verify().ok
    assert store.save(snapshot(3, floats=2_000_000)).version == 3
    assert same(store.load(), snapshot(3, floats=2_000_000))
    assert same(store.load(present[0]), snapshot(present[0]))
    store.close()
    with Store(store.path) as again:
        assert again.verify().ok
        assert same(again.load(), snapshot(3, floats=2_000_000))
