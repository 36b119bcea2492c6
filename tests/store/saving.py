"""Stores that save, for power cuts: the store as it is, and with pragmas of another kind; and what must load."""

from collections.abc import Iterator
from pathlib import Path

from edgelearn.store import Store, database
from tests.store.samples import same, snapshot

SAVES = 5


def cached(folder: Path, keep: int = 2) -> Iterator[int]:
    """Save five versions with a store as it is."""
    with Store(folder / "s.db", keep=keep) as store:
        for number in range(1, SAVES + 1):
            store.save(snapshot(number))
            yield number


def spilled(folder: Path) -> Iterator[int]:
    """A page cache too small for one version: SQLite then writes to the database before it commits."""
    yield from _with("cache_size=2", saves=cached(folder))


def crowded(folder: Path) -> Iterator[int]:
    """A disk that is full: old versions make room."""
    yield from _with("max_page_count=18", saves=cached(folder, keep=5))


def no_journal(folder: Path) -> Iterator[int]:
    yield from _with("journal_mode=OFF", saves=cached(folder))


def journal_in_memory(folder: Path) -> Iterator[int]:
    yield from _with("journal_mode=MEMORY", saves=cached(folder))


def spilled_without_journal(folder: Path) -> Iterator[int]:
    yield from _with("journal_mode=OFF", "cache_size=2", saves=cached(folder))


def unsynced(folder: Path) -> Iterator[int]:
    yield from _with("synchronous=OFF", saves=cached(folder))


def journal_deleted(folder: Path) -> Iterator[int]:
    """The journal is deleted, and its folder is not synced afterwards: SQLite's default."""
    yield from _with("journal_mode=DELETE", saves=cached(folder))


def reopen(folder: Path) -> int | None:
    """Open the store, which undoes what a cut interrupted, and check all of it."""
    with Store(folder / "s.db") as store:
        return checked(store)


def read_reopen_go_on(folder: Path) -> int | None:
    """Read the store as it lies there, then open it, then save once more: the same version each time, and the next."""
    path, seen = folder / "s.db", []
    if path.exists():
        with Store(path, read_only=True) as reader:
            seen = [checked(reader)]
    with Store(path) as store:
        newest = checked(store)
        if seen not in ([], [newest]):
            raise ValueError(f"a reader saw version {seen}, the writer {newest}")
        store.save(snapshot((newest or 0) + 1))
    with Store(path, read_only=True) as reader:
        if checked(reader) != (newest or 0) + 1:
            raise ValueError("what was saved after the cut is not there")
    return newest


def checked(store: Store) -> int | None:
    """Return the newest version; raises ValueError unless everything verifies and it is the snapshot of its number."""
    found = store.verify()
    if not found.ok:
        raise ValueError(f"verify: {found.problems}")
    newest = store.newest
    if newest is not None and not same(store.load(), snapshot(newest)):
        raise ValueError(f"version {newest} holds something else")
    return newest


def _with(*pragmas: str, saves: Iterator[int]) -> Iterator[int]:
    names = {pragma.split("=")[0] for pragma in pragmas}
    kept = (pragma for pragma in database._PRAGMAS if pragma.split("=")[0] not in names)
    database._PRAGMAS = (*kept, *pragmas)
    yield from saves
