"""How people's programs save, right and wrong in ways that only some disks punish; each with its load."""

import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.emulator.power.repairs import synced
from tests.emulator.power.saves import sync_folder

Save = Callable[[Path], Iterator[int]]
Load = Callable[[Path], int | None]


def large(number: int) -> bytes:
    return bytes([number]) * 10_000


def number_of(data: bytes) -> int:
    if not data or data != large(data[0]):
        raise ValueError(f"{len(data)} bytes that nobody saved")
    return data[0]


def _database(folder: Path, mode: str) -> Iterator[int]:
    connection = sqlite3.connect(folder / "s.db", isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, data BLOB)")
    for number in (1, 2):
        connection.execute("INSERT INTO t VALUES (?, ?)", (number, large(number)))
        yield number
    connection.close()


def database_wal(folder: Path) -> Iterator[int]:
    yield from _database(folder, "WAL")


def database_delete(folder: Path) -> Iterator[int]:
    yield from _database(folder, "DELETE")


def database_persist(folder: Path) -> Iterator[int]:
    yield from _database(folder, "PERSIST")


def load_database(folder: Path) -> int | None:
    if not (folder / "s.db").exists():
        return None
    connection = sqlite3.connect(folder / "s.db")
    try:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise ValueError("not a sound database")
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return None
        rows = connection.execute("SELECT n, data FROM t ORDER BY n").fetchall()
    finally:
        connection.close()
    if [number_of(data) for _, data in rows] != list(range(1, len(rows) + 1)):
        raise ValueError("rows are missing")
    return len(rows) or None


def folders(folder: Path) -> Iterator[int]:
    """A folder a version, made aside; the one before is removed afterwards."""
    for number in (1, 2, 3):
        fresh = folder / "fresh"
        fresh.mkdir()
        synced(fresh / "weights", large(number))
        synced(fresh / "labels", large(number + 10))
        sync_folder(fresh)
        fresh.replace(folder / f"v{number}")
        sync_folder(folder)
        yield number
        shutil.rmtree(folder / f"v{number - 1}", ignore_errors=True)


def load_folders(folder: Path) -> int | None:
    """Return the newest; older ones may be half removed."""
    found = max(folder.glob("v?"), default=None)
    if found is None:
        return None
    number = number_of((found / "weights").read_bytes())
    if number_of((found / "labels").read_bytes()) != number + 10:
        raise ValueError("labels of another version")
    return number


def _two_slots(folder: Path, framed: Callable[[int], bytes]) -> Iterator[int]:
    for name in ("slot0", "slot1"):
        synced(folder / name, b"")
    sync_folder(folder)
    for number in (1, 2, 3, 4):
        synced(folder / f"slot{number % 2}", framed(number))
        yield number


def slots(folder: Path) -> Iterator[int]:
    """Two slots, written over in turn, each with a checksum."""
    yield from _two_slots(folder, lambda number: struct.pack("<I", zlib.crc32(large(number))) + large(number))


def load_slots(folder: Path) -> int | None:
    found = [path.read_bytes() for path in folder.glob("slot?")]
    return max((data[4] for data in found if data[4:] and _sum(data) == zlib.crc32(data[4:])), default=None)


def _sum(data: bytes) -> int:
    return int(struct.unpack("<I", data[:4])[0])


def footers(folder: Path) -> Iterator[int]:
    """Two slots with a mark at each end instead of a checksum: a disk that writes the ends first betrays it."""
    yield from _two_slots(folder, lambda number: b"BEGIN" + large(number) + b"END")


def load_footers(folder: Path) -> int | None:
    found = [path.read_bytes() for path in folder.glob("slot?")]
    whole = [data[5:-3] for data in found if data[:5] == b"BEGIN" and data[-3:] == b"END"]
    return max(
        (number_of(data) for data in whole if len(data) == 10_000 and data[0] == data[-1]), default=None
    )


def _pointed(folder: Path, sync_between: bool) -> Iterator[int]:
    for number in (1, 2, 3):
        synced(folder / "data.new", large(number))
        synced(folder / "current.new", str(number).encode())
        (folder / "data.new").replace(folder / f"data{number}")
        if sync_between:
            sync_folder(folder)
        (folder / "current.new").replace(folder / "current")
        sync_folder(folder)
        yield number


def pointed(folder: Path) -> Iterator[int]:
    """Data, and a file that says which is current: the data's name first, the other's once it is durable."""
    yield from _pointed(folder, sync_between=True)


def pointed_at_once(folder: Path) -> Iterator[int]:
    """The same with one sync for both names: right where a disk keeps their order."""
    yield from _pointed(folder, sync_between=False)


def load_pointed(folder: Path) -> int | None:
    current = folder / "current"
    return number_of((folder / f"data{current.read_text()}").read_bytes()) if current.exists() else None


def forgets(folder: Path) -> Iterator[int]:
    """The first version is removed before there is a second."""
    for number in (1, 2):
        (folder / "value").unlink(missing_ok=True)
        sync_folder(folder)
        synced(folder / "new", large(number))
        (folder / "new").rename(folder / "value")
        sync_folder(folder)
        yield number


def load_value(folder: Path) -> int | None:
    path = folder / "value"
    return number_of(path.read_bytes()) if path.exists() else None


RIGHT: list[tuple[Save, Load]] = [
    (folders, load_folders), (slots, load_slots), (pointed, load_pointed),
]  # fmt: skip
DATABASES: list[Save] = [database_wal, database_delete, database_persist]
