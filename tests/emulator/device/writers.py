"""Ways to write to a card, each stating what it wrote: bytes, and 4 KiB pages touched by each call."""

import ctypes
import os
import shutil
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def copy_range(file: int, outside: Path) -> None:
    with (outside / "source").open("rb") as begin:
        os.copy_file_range(begin.fileno(), file, 1 << 30)


def grow_and_shrink(file: int, _: Path) -> None:
    os.ftruncate(file, 8192)
    os.ftruncate(file, 100)


WAYS: dict[str, tuple[int, int, Callable[[int, Path], object]]] = {
    "write": (5000, 2, lambda file, _: os.write(file, b"x" * 5000)),
    "small appends": (300, 3, lambda file, _: [os.write(file, b"x" * 100) for _ in range(3)]),
    "pwrite": (100, 1, lambda file, _: os.pwrite(file, b"x" * 100, 50_000)),
    "across a page": (2, 2, lambda file, _: os.pwrite(file, b"xx", 4095)),
    "overwrite": (8192, 2, lambda file, _: [os.pwrite(file, b"x" * 4096, 0) for _ in range(2)]),
    "writev": (9000, 3, lambda file, _: os.writev(file, [b"x" * 4500, b"y" * 4500])),
    "pwritev": (30, 1, lambda file, _: os.pwritev(file, [b"x" * 10, b"y" * 20], 4096)),
    "ftruncate": (8192, 2, grow_and_shrink),
    "sendfile": (10000, 3, lambda _, outside: shutil.copyfile(outside / "source", "copy")),
    "copy_file_range": (10000, 3, copy_range),
    "fwrite": (6000, 2, lambda _, __: stream("file", 2, 3000)),
    "outside": (0, 0, lambda _, outside: (outside / "other").write_bytes(b"x" * 5000)),
    "stdout": (0, 0, lambda _, __: os.write(1, b"x" * 5000)),
}


def each_way(outside: Path) -> dict[str, list[int]]:
    """Write in each way to new files; return by how many bytes, and bytes of pages, it moved the counts."""
    (outside / "source").write_bytes(b"s" * 10000)
    found = {}
    for number, (way, (_, _, write)) in enumerate(WAYS.items()):
        folder = Path(str(number))
        folder.mkdir()
        os.chdir(folder)
        before, file = counted(), os.open("file", os.O_RDWR | os.O_CREAT)
        write(file, outside)
        os.close(file)
        found[way] = [now - then for now, then in zip(counted(), before, strict=True)]
        os.chdir("..")
    return found


def counted() -> tuple[int, int]:
    """Return the bytes and the bytes of pages that the library has counted by now."""
    _, _, size, pages, _, _ = struct.unpack(
        "=6Q", Path(os.environ["EDGELEARN_CARD_COUNTS"]).read_bytes()[:48]
    )
    return size, pages * 4096


def stream(name: str, calls: int, size: int) -> int:
    """Write through C's stdio; return how many calls wrote all."""
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(libc.fopen(name.encode(), b"w"))
    whole = sum(libc.fwrite(b"x" * size, 1, size, handle) == size for _ in range(calls))
    libc.fclose(handle)
    return whole


def save_array(rows: int) -> int:
    import numpy as np

    np.save("weights.npy", np.zeros((rows, 1000), np.float32))
    return Path("weights.npy").stat().st_size


def commits(count: int) -> int:
    with sqlite3.connect("learned.db") as base:
        base.execute("create table t (x blob)")
        for _ in range(count):
            base.execute("insert into t values (zeroblob(2000))")
            base.commit()
    base.close()
    return Path("learned.db").stat().st_size


def fill_up(piece: int) -> None:
    with Path("log").open("ab", buffering=0) as log:
        while True:
            log.write(b"x" * piece)


def as_far_as_it_goes(piece: int) -> list[int]:
    """Write until the card is full, make room, write on: a program that lives with a full card."""
    sizes = []
    for name in ("a", "b"):
        with open(name, "ab", buffering=0) as log:  # noqa: PTH123
            try:
                while True:
                    log.write(b"x" * piece)
            except OSError as error:
                sizes += [log.tell(), error.errno]
        Path(name).unlink()
    return sizes


def rotate(rounds: int) -> str:
    for _ in range(rounds):
        Path("part").write_bytes(b"x" * 9000)
        Path("part").replace("log")
    return "never full"


def unseen(size: int) -> None:
    """Write by a call of C that nobody counts, and go on."""
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(libc.fopen(b"text", b"w"))
    libc.fputs(b"x" * size, handle)
    libc.fflush(handle)
    time.sleep(60)


def cut_of_power() -> list[object]:
    """Record a save whose calls pass two libraries that watch them, and say what the report says."""
    from edgelearn.emulator.power import power_cut

    report = power_cut(_grown, _length, recorder="native")
    return [report.states > 1, report.corrupt, report.lost, list(report.misses)]


def _grown(folder: Path) -> Iterator[int]:
    file = os.open(folder / "new", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 50)
    os.pwrite(file, b"x" * 50, 50)
    os.pwritev(file, [b"y", b"y"], 0)
    os.fsync(file)
    os.close(file)
    (folder / "new").rename(folder / "grown")
    entry = os.open(folder, os.O_RDONLY)
    os.fsync(entry)
    os.close(entry)
    yield 100


def _length(folder: Path) -> int | None:
    return (folder / "grown").stat().st_size if (folder / "grown").exists() else None
