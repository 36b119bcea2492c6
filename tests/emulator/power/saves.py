"""Saves and loads of the tests, each run in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def load(folder: Path) -> int | None:
    """Return what `two_steps` saved."""
    path = folder / "value"
    return {b"one": 1, b"two": 2}[path.read_bytes()] if path.exists() else None


def two_steps(folder: Path) -> Iterator[int]:
    """One value saved well, one not."""
    with (folder / "new").open("wb") as file:
        file.write(b"one")
        file.flush()
        os.fsync(file.fileno())
    (folder / "new").rename(folder / "value")
    sync_folder(folder)
    yield 1
    (folder / "value").write_bytes(b"two")
    yield 2


def durable_descriptor(folder: Path) -> Iterator[int]:
    """Writes that are on the medium when they return."""
    file = os.open(folder / "f", os.O_WRONLY | os.O_CREAT | os.O_DSYNC, 0o644)
    sync_folder(folder)
    for number in range(3):
        os.pwrite(file, bytes([number]) * 600, 600 * number)
        yield number + 1
    os.close(file)


def load_durable(folder: Path) -> int | None:
    path = folder / "f"
    return (len(path.read_bytes()) // 600 or None) if path.exists() else None


def writes_elsewhere(folder: Path) -> Iterator[int]:
    (folder.parent / "disk2").mkdir()
    (folder.parent / "disk2" / "f").write_text("not watched, though its name begins alike")
    (folder / "f").write_text("watched")
    yield 1


def fails(folder: Path) -> Iterator[int]:
    (folder / "f").write_text("half")
    yield 1
    raise RuntimeError("no more ink")


def hangs(_folder: Path) -> Iterator[int]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(os.environ["TEST_PIDS"]).write_text(f"{os.getpid()} {child.pid}")
    yield 1
    time.sleep(600)


def yields_an_array(_folder: Path) -> Iterator[object]:
    import numpy as np

    yield np.zeros(3)


def yields_nothing(_folder: Path) -> Iterator[int]:
    yield from ()


def returns_nothing(folder: Path) -> None:
    (folder / "value").write_bytes(b"one")


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
