"""Ways to keep a value in a file, two of them right: the emulator must tell which.

>>> power_cut(MISTAKES["rename, unsynced"], load_file).check()
AssertionError: power cuts in renamed_unsynced: 291 states (every one), 132 corrupt, 122 lost what was acknowledged

Each saves four values of some kilobytes. A file holds one value; a log holds all, the last complete record counts.
"""

import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

SAVES = 4
Save = Callable[[Path], Iterator[int]]


def payload(number: int) -> bytes:
    """Return what is saved under a number: another length and another content for each."""
    return bytes([number]) + bytes([0x40 + number]) * (4500 + 700 * number)


def load_file(folder: Path) -> int | None:
    """Return the number in the file ``value``; raises ValueError when it is not all there."""
    path = folder / "value"
    return _number(path.read_bytes()) if path.exists() else None


def load_log(folder: Path) -> int | None:
    """Return the number of the last complete record of ``log``; a record is its length and its payload."""
    return _last(folder, checked=False)


def load_checked_log(folder: Path) -> int | None:
    """The same for records that also have a checksum: the first that does not match ends the log."""
    return _last(folder, checked=True)


def in_place(folder: Path) -> Iterator[int]:
    """Write over the file itself."""
    for number in range(1, SAVES + 1):
        _written(folder / "value", payload(number))
        _sync_folder(folder)
        yield number


def renamed_unsynced(folder: Path) -> Iterator[int]:
    """Write a new file and rename it, without a sync of either."""
    for number in range(1, SAVES + 1):
        (folder / "new").write_bytes(payload(number))
        (folder / "new").replace(folder / "value")
        yield number


def synced_wrong_file(folder: Path) -> Iterator[int]:
    """Sync a descriptor of the old file instead of the new one's."""
    (folder / "value").touch()
    for number in range(1, SAVES + 1):
        (folder / "new").write_bytes(payload(number))
        with (folder / "value").open("rb") as old:
            os.fsync(old.fileno())
        (folder / "new").replace(folder / "value")
        _sync_folder(folder)
        yield number


def folder_unsynced(folder: Path) -> Iterator[int]:
    """Write, sync and rename, and never sync the folder."""
    for number in range(1, SAVES + 1):
        _written(folder / "new", payload(number))
        (folder / "new").replace(folder / "value")
        yield number


def removed_first(folder: Path) -> Iterator[int]:
    """Remove the old file before the new one takes its name."""
    for number in range(1, SAVES + 1):
        _written(folder / "new", payload(number))
        (folder / "value").unlink(missing_ok=True)
        (folder / "new").rename(folder / "value")
        _sync_folder(folder)
        yield number


def appended(folder: Path) -> Iterator[int]:
    """Append records that have a length and no checksum."""
    yield from _append(folder, checked=False)


def replaced(folder: Path) -> Iterator[int]:
    """Write a new file, sync it, rename it, sync the folder: right."""
    for number in range(1, SAVES + 1):
        _written(folder / "new", payload(number))
        (folder / "new").replace(folder / "value")
        _sync_folder(folder)
        yield number


def appended_checked(folder: Path) -> Iterator[int]:
    """Append records with a length and a checksum, each synced: right."""
    yield from _append(folder, checked=True)


MISTAKES: dict[str, tuple[Save, Callable[[Path], int | None]]] = {
    "in place": (in_place, load_file),
    "rename, unsynced": (renamed_unsynced, load_file),
    "wrong file synced": (synced_wrong_file, load_file),
    "folder unsynced": (folder_unsynced, load_file),
    "removed first": (removed_first, load_file),
    "log, no checksum": (appended, load_log),
}
RIGHT: dict[str, tuple[Save, Callable[[Path], int | None]]] = {
    "replaced": (replaced, load_file),
    "log, checksum": (appended_checked, load_checked_log),
}


def _number(data: bytes) -> int:
    if not data or data != payload(data[0]):
        raise ValueError(f"{len(data)} bytes that nobody saved")
    return data[0]


def _written(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _append(folder: Path, checked: bool) -> Iterator[int]:
    with (folder / "log").open("ab") as file:
        _sync_folder(folder)
        for number in range(1, SAVES + 1):
            data = payload(number)
            check = _checksum(data).to_bytes(4, "little") if checked else b""
            file.write(len(data).to_bytes(4, "little") + check + data)
            file.flush()
            os.fsync(file.fileno())
            yield number


def _checksum(data: bytes) -> int:
    return zlib.crc32(data, 1)  # from 0 on, zeros would be a record: no bytes, checksum 0


def _last(folder: Path, checked: bool) -> int | None:
    path = folder / "log"
    data = path.read_bytes() if path.exists() else b""
    head, found = 8 if checked else 4, None
    while len(data) > head and len(data) >= head + int.from_bytes(data[:4], "little"):
        record = data[head : head + int.from_bytes(data[:4], "little")]
        if checked and _checksum(record) != int.from_bytes(data[4:8], "little"):
            break
        found = _number(record)
        data = data[head + len(record) :]
    return found
