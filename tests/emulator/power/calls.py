"""One save for each way a program may change a file, run in a process of its own under a recorder."""

import ctypes
import errno
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.fopen.restype = LIBC.fdopen.restype = LIBC.mmap.restype = ctypes.c_void_p


def opened(folder: Path, name: str = "f", flags: int = os.O_RDWR | os.O_CREAT) -> int:
    return os.open(folder / name, flags, 0o644)


def writes(folder: Path) -> Iterator[int]:
    """write, pwrite, writev, pwritev, and at the end of a file with O_APPEND."""
    file = opened(folder)
    os.write(file, b"a" * 100)
    os.pwrite(file, b"b" * 10, 50)
    os.writev(file, [b"c" * 3, b"", b"d" * 4])
    os.pwritev(file, [b"e" * 3, b"f" * 4], 90)
    os.close(file)
    file = opened(folder, flags=os.O_WRONLY | os.O_APPEND)
    os.write(file, b"end")
    os.write(file, b"of it")
    os.close(file)
    yield 1


def pwrite_appends(folder: Path) -> Iterator[int]:
    """Linux appends, whatever offset pwrite names."""
    file = opened(folder, flags=os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, b"begin")
    os.pwrite(file, b"end", 0)
    try:
        os.pwritev(file, [b"!"], 1, getattr(os, "RWF_APPEND", 0x10))
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:  # as of a kernel before 4.16, and of qemu-user
            raise
    os.close(file)
    yield 1


def lengths(folder: Path) -> Iterator[int]:
    """truncate, ftruncate both ways, posix_fallocate, O_TRUNC."""
    file = opened(folder)
    os.write(file, b"x" * 1000)
    os.ftruncate(file, 300)
    os.ftruncate(file, 700)
    os.truncate(folder / "f", 650)
    os.posix_fallocate(file, 0, 2000)
    os.close(file)
    (folder / "g").write_bytes(b"long" * 100)
    (folder / "g").write_bytes(b"short")
    yield 1


def holes(folder: Path) -> Iterator[int]:
    """fallocate that keeps the size, grows it, or makes a hole."""
    file = opened(folder)
    os.write(file, b"x" * 9000)
    for mode, offset, size in ((1, 0, 20_000), (0, 0, 12_000), (1 | 2, 1000, 5000)):
        assert LIBC.fallocate64(file, mode, ctypes.c_long(offset), ctypes.c_long(size)) == 0
    os.close(file)
    yield 1


def names(folder: Path) -> Iterator[int]:
    """mkdir, rename, link, symlink, unlink, rmdir, in folders and by names relative to one."""
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "f").write_text("one")
    (folder / "a" / "b" / "f").rename(folder / "g")
    (folder / "a" / "h").hardlink_to(folder / "g")
    (folder / "a" / "l").symlink_to("../g")
    (folder / "a" / "b").rename(folder / "c")
    (folder / "c" / "again").write_text("two")
    (folder / "g").unlink()
    (folder / "d").mkdir()
    (folder / "d").rmdir()
    (folder / "a" / "h").write_text("one, changed by its other name")
    os.chdir(folder / "a")
    Path("here").write_text("three")
    Path("here").replace("there")
    yield 1


def by_descriptor_of_folder(folder: Path) -> Iterator[int]:
    """openat, renameat, unlinkat, mkdirat, linkat."""
    at = os.open(folder, os.O_RDONLY)
    os.close(os.open("f", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=at))
    os.mkdir("d", dir_fd=at)
    os.rename("f", "d/g", src_dir_fd=at, dst_dir_fd=at)
    os.link("d/g", "h", src_dir_fd=at, dst_dir_fd=at)
    os.unlink("d/g", dir_fd=at)
    os.rmdir("d", dir_fd=at)
    os.close(at)
    yield 1


def exchanged(folder: Path) -> Iterator[int]:
    """renameat2 with RENAME_EXCHANGE."""
    for name in "fg":
        (folder / name).write_text(name)
    here = [os.fsencode(folder / name) for name in "fg"]
    assert LIBC.renameat2(-100, here[0], -100, here[1], 2) == 0
    yield 1


def anonymous(folder: Path) -> Iterator[int]:
    """O_TMPFILE, then linkat."""
    file = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o644)
    os.write(file, b"named later")
    assert LIBC.linkat(-100, b"/proc/self/fd/%d" % file, -100, os.fsencode(folder / "f"), 0x400) == 0
    os.close(file)
    yield 1


def duplicates(folder: Path) -> Iterator[int]:
    """dup, dup2, and a name that changed while the file is open."""
    file = opened(folder)
    other = os.dup(file)
    os.write(other, b"by another number")
    (folder / "f").rename(folder / "g")
    os.dup2(file, 200)
    os.write(200, b", after a rename")
    (folder / "g").unlink()
    os.write(file, b"nobody will see this")
    for each in (file, other, 200):
        os.close(each)
    (folder / "k").write_text("a file that may have the same inode")
    yield 1


def streams(folder: Path) -> Iterator[int]:
    """fopen, fwrite, fseek, fdopen, fileno, fclose of libc."""
    file = ctypes.c_void_p(LIBC.fopen(os.fsencode(folder / "f"), b"w+"))
    LIBC.fwrite(b"0123456789" * 2000, 1, 20_000, file)
    LIBC.fseek(file, ctypes.c_long(5), 0)
    LIBC.fputs(b"in place", file)
    LIBC.fflush(file)
    assert os.fstat(LIBC.fileno(file)).st_size == 20_000
    assert LIBC.fsync(LIBC.fileno(file)) == 0
    LIBC.fclose(file)
    file = ctypes.c_void_p(LIBC.fdopen(opened(folder, flags=os.O_WRONLY), b"a"))
    LIBC.fputs(b"appended", file)
    LIBC.fclose(file)
    yield 1


def arrays(folder: Path) -> Iterator[int]:
    """NumPy writes arrays by a stream of its own."""
    import numpy as np

    np.save(folder / "a.npy", np.arange(5000))
    with (folder / "two").open("wb") as file:
        file.write(b"head")
        np.arange(3000).tofile(file)
        file.write(b"tail")
    yield 1


def copies(folder: Path) -> Iterator[int]:
    """sendfile, copy_file_range, and shutil, which uses them."""
    source = folder.parent / "outside"
    source.write_bytes(bytes(range(256)) * 40)
    shutil.copyfile(source, folder / "f")
    if hasattr(os, "copy_file_range"):
        one, other = os.open(source, os.O_RDONLY), opened(folder, "g")
        os.copy_file_range(one, other, 3000, 100, 50)
        os.copy_file_range(one, other, 10)
        os.close(one)
        os.close(other)
    yield 1


def moved(folder: Path) -> Iterator[int]:
    """Files that come from outside, and one that goes there."""
    (folder.parent / "outside").write_bytes(b"written where nobody looked" * 100)
    (folder.parent / "outside").rename(folder / "f")
    (folder / "g").write_text("goes")
    (folder / "g").rename(folder.parent / "gone")
    yield 1


def children(folder: Path) -> Iterator[int]:
    """A process of its own, started with vfork and exec, and a forked one."""
    write = "import sys; open(sys.argv[1], 'wb').write(b'child' * 1000)"
    subprocess.run([sys.executable, "-c", write, str(folder / "f")], check=True)
    if os.fork() == 0:
        (folder / "g").write_text("forked")
        os._exit(0)
    os.wait()
    (folder / "h").write_text("parent")
    yield 1


def threads(folder: Path) -> Iterator[int]:
    """Many threads on one file: the order of the records is the order of the writes."""

    def write(letter: bytes) -> None:
        for _ in range(200):
            os.pwrite(file, letter * 64, 0)
            os.write(file, letter)

    file = opened(folder)
    running = [threading.Thread(target=write, args=(letter,)) for letter in (b"a", b"b", b"c", b"d")]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    os.close(file)
    yield 1


def racing(folder: Path) -> Iterator[int]:
    """Two processes write at the same places at the same time: the log knows who came last at each."""
    file = opened(folder)
    ready, go = os.pipe()
    for letter in (b"a", b"b"):
        if os.fork() == 0:
            os.read(ready, 1)
            for place in range(4000):
                os.pwrite(file, letter, place)
            os._exit(0)
    os.write(go, b"12")
    os.wait()
    os.wait()
    yield 1


def waiting(folder: Path) -> Iterator[int]:
    """A write while another process holds the log: it happens after, not before its record can be written."""
    file, (ready, go) = opened(folder), os.pipe()
    holder = os.fork()
    if holder == 0:
        with Path(os.environ["EDGELEARN_POWER_LOG"]).open("ab") as log:
            fcntl.lockf(log, fcntl.LOCK_EX)
            os.write(go, b"!")
            until = time.monotonic() + 0.5
            while not os.fstat(file).st_size and time.monotonic() < until:
                time.sleep(0.001)
            os._exit(os.fstat(file).st_size)
    os.read(ready, 1)
    os.write(file, b"x")
    if os.waitpid(holder, 0)[1]:
        raise RuntimeError("written while the log was held by another process")
    yield 1


def database(folder: Path) -> Iterator[int]:
    """SQLite with a log and its index, which is a shared mapping."""
    connection = sqlite3.connect(folder / "s.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    for number in range(20):
        with connection:
            connection.execute("INSERT INTO t VALUES (?)", ("x" * 500 * number,))
    yield 1
    os._exit(0)  # as a process ends that is never closed: log and index stay


def mapped(folder: Path) -> Iterator[int]:
    """A write through a shared mapping."""
    import numpy as np

    (folder / "f").write_bytes(bytes(4096))
    array = np.memmap(folder / "f", dtype=np.uint8, mode="r+", shape=(4096,))
    array[7] = 1
    array.flush()
    yield 1


def around_libc(folder: Path) -> Iterator[int]:
    """A write that asks the kernel itself, as a static program does."""
    file = opened(folder)
    LIBC.syscall(
        ctypes.c_long({"x86_64": 1, "aarch64": 64}[os.uname().machine]), file, b"hidden", ctypes.c_long(6)
    )
    os.close(file)
    yield 1


SEEN: list[Callable[[Path], Iterator[int]]] = [
    writes, pwrite_appends, lengths, holes, names, by_descriptor_of_folder, exchanged, anonymous, duplicates, streams,
    arrays, copies, moved, children, threads, racing, waiting, database,
]  # fmt: skip
SEEN_BY_PYTHON = [writes, lengths, duplicates, copies, moved, threads]
UNSEEN = [mapped, around_libc]
UNSEEN_BY_PYTHON = [streams, arrays, children, database]
