"""Saves with a journal that load plays back, well or badly; slow ones for kills; loads that lie."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from tests.emulator.power.saves import sync_folder


def synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replaces_two(folder: Path) -> Iterator[int]:
    for number, data in ((1, b"one"), (2, b"two")):
        synced(folder / "new", data)
        (folder / "new").replace(folder / "value")
        sync_folder(folder)
        yield number


def journalled(folder: Path) -> Iterator[int]:
    """Keep the old value in a journal while the file is written over."""
    synced(folder / "value", page(0))
    sync_folder(folder)
    for number in (1, 2, 3):
        synced(folder / "new", page(number - 1))
        (folder / "new").rename(folder / "journal")
        sync_folder(folder)
        with (folder / "value").open("r+b") as file:
            for start in range(0, 2000, 500):
                file.seek(start)
                file.write(page(number)[start : start + 500])
                file.flush()
        synced(folder / "value", page(number))
        (folder / "journal").unlink()
        sync_folder(folder)
        yield number


def load_well(folder: Path) -> int | None:
    """Play the journal back, sync, and only then drop it."""
    if (folder / "journal").exists():
        synced(folder / "value", (folder / "journal").read_bytes())
        (folder / "journal").unlink()
        sync_folder(folder)
    return value(folder)


def load_badly(folder: Path) -> int | None:
    """Play the journal back without a sync: a second cut finds neither the file nor the journal."""
    if (folder / "journal").exists():
        (folder / "value").write_bytes((folder / "journal").read_bytes())
        (folder / "journal").unlink()
        sync_folder(folder)
    return value(folder)


def value(folder: Path) -> int | None:
    path = folder / "value"
    data = path.read_bytes() if path.exists() else b""
    if data == page(0) or (len(data) < 2000 and not (folder / "new").exists()):
        return None
    if data != page(data[0]):
        raise ValueError("a mixture")
    return data[0]


def page(number: int) -> bytes:
    return bytes([number]) * 2000


def load_from_the_future(folder: Path) -> int | None:
    return 2 if (folder / "new").exists() or (folder / "value").exists() else None


def load_something_else(folder: Path) -> int | None:
    return 77 if (folder / "value").exists() else None


def slow_in_place(folder: Path) -> Iterator[int]:
    for number in range(1, 5):
        with (folder / "value").open("wb", buffering=0) as file:
            for _ in range(10):
                file.write(bytes([number]) * 10)
                time.sleep(0.004)
        yield number


def load_halves(folder: Path) -> int | None:
    path = folder / "value"
    data = path.read_bytes() if path.exists() else None
    if data is not None and len(data) != 100:
        raise ValueError(f"{len(data)} bytes of 100")
    return None if data is None else data[0]


def many_pieces(folder: Path) -> Iterator[int]:
    """A large file, written in place and never synced."""
    with (folder / "value").open("wb", buffering=0) as file:
        for piece in range(600):
            file.write(piece.to_bytes(4, "little") * 4)
    yield 1


def load_pieces(folder: Path) -> int | None:
    path = folder / "value"
    if not path.exists():
        return None
    if path.read_bytes() != b"".join(piece.to_bytes(4, "little") * 4 for piece in range(600)):
        raise ValueError("pieces are missing")
    return 1


def load_needs_a_file(folder: Path) -> int | None:
    return {path.name: 1 for path in folder.iterdir()}["value"]
