"""The recorder in pure Python, inside the child: the functions of `os`, and `open`, replaced by ones that write down.

For systems without LD_PRELOAD or without a C compiler. It cannot see what C code writes by itself (SQLite, numpy's
tofile), shared mappings, or other processes: the comparison with the folder at the end finds that out. One process,
many threads: a lock makes a call and its record one step.
"""

import builtins
import io
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgelearn.emulator.power.log import NODES, Op, encode

_FOLLOW = -1
_DURABLE = getattr(os, "O_DSYNC", 0) | getattr(os, "O_SYNC", 0)


def install(folder: Path, log: int) -> None:
    """Replace the functions for the rest of this process; records are appended to the descriptor ``log``."""
    Shim(folder, log).install()


class Shim:
    """What is under the folder is known by its inode, since descriptors have no names here."""

    def __init__(self, folder: Path, log: int) -> None:
        self._folder = folder.resolve()
        self._log = log
        self._turn = threading.RLock()
        self._flags: dict[int, int] = {}  # of descriptors opened here
        self._paths: dict[tuple[int, int], str] = {}
        self._real = {name: getattr(os, name) for name in dir(os) if callable(getattr(os, name))}
        self._remember(self._folder)

    def install(self) -> None:
        """Replace what there is of it on this system."""
        for name in ("write", "pwrite", "writev", "pwritev"):
            self._replace(name, self._writing(name))
        for name in ("fsync", "fdatasync"):
            self._replace(name, self._syncing(name))
        for name in ("rename", "replace"):
            self._replace(name, self._renaming(name))
        for name in ("unlink", "remove", "rmdir"):
            self._replace(name, self._removing(name))
        for name, make in (("link", "link"), ("symlink", "create"), ("mkdir", "create")):
            self._replace(name, self._making(name, make))
        for name in ("ftruncate", "truncate", "posix_fallocate"):
            self._replace(name, self._resizing(name))
        self._replace("sendfile", self._sendfile)
        self._replace("copy_file_range", self._copy_file_range)
        self._replace("sync", self._sync)
        self._replace("open", self._open)
        self._replace_open()

    def _replace(self, name: str, function: Callable[..., Any]) -> None:
        if hasattr(os, name):
            setattr(os, name, function)

    def _replace_open(self) -> None:
        shim, real_open = self, io.open

        class Raw(io.FileIO):
            """A file whose opening and writes are recorded; the C code above it calls this ``write``."""

            def __init__(self, file: Any, mode: str, closefd: bool, opener: Any) -> None:
                def opened(path: Any, flags: int) -> int:
                    return int(opener(path, flags) if opener else shim._open(path, flags, 0o666))

                super().__init__(file, mode, closefd, None if isinstance(file, int) else opened)

            def write(self, data: Any) -> int:
                return int(os.write(self.fileno(), data))

            def truncate(self, size: int | None = None) -> int:
                length = self.tell() if size is None else size
                os.ftruncate(self.fileno(), length)
                return length

        def opening(
            file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
            newline: Any = None, closefd: bool = True, opener: Any = None,
        ) -> Any:  # fmt: skip
            if not set(mode) & set("wax+"):
                return real_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
            binary = "b" in mode
            raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            if buffering == 0 and binary:
                return raw
            size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
            buffered: Any = (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, size)
            return (
                buffered if binary else io.TextIOWrapper(buffered, encoding, errors, newline, buffering == 1)
            )

        import _io

        for module in (builtins, io, _io):
            module.open = opening  # type: ignore[attr-defined]

    # ---- what is watched ----

    def _path(self, name: Any) -> str | None:
        """Return the path below the folder of a name, its folder resolved and its last part not; None if elsewhere."""
        if isinstance(name, int):
            return None
        given = Path(os.fsdecode(name))
        full = given.parent.resolve() / given.name
        if not full.is_relative_to(self._folder):
            return None
        return "" if full == self._folder else full.relative_to(self._folder).as_posix()

    def _remember(self, name: Any) -> os.stat_result:
        found = Path(name).stat()
        self._paths[found.st_dev, found.st_ino] = self._path(name) or ""
        return found

    def _inode(self, descriptor: int) -> tuple[int, str] | None:
        found = os.fstat(descriptor)
        path = self._paths.get((found.st_dev, found.st_ino))
        regular = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
        return None if path is None or not regular else (found.st_ino, path)

    def _record(self, op: Op) -> None:
        self._real["write"](self._log, encode(op))

    # ---- the replacements ----

    def _open(self, path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        with self._turn:
            place = self._path(path) if dir_fd is None else None
            if place is None:
                return int(self._real["open"](path, flags, mode, dir_fd=dir_fd))
            before = Path(path).stat().st_size if Path(path).exists() else None
            descriptor = int(self._real["open"](path, flags, mode))
            inode = self._remember(path).st_ino
            self._flags[descriptor] = flags
            if before is None:
                self._record(Op("create", inode, NODES.index("file"), path=place))
            elif flags & os.O_TRUNC and before:
                self._record(Op("truncate", inode, 0, path=place))
            return descriptor

    def _writing(self, name: str) -> Callable[..., int]:
        def call(descriptor: int, data: Any, offset: int = _FOLLOW, *flags: int) -> int:
            with self._turn:
                watched = self._inode(descriptor)
                where = () if offset == _FOLLOW else (offset, *flags)
                size = int(self._real[name](descriptor, data, *where))
                if watched and size:
                    start = os.lseek(descriptor, 0, os.SEEK_CUR) - size if offset == _FOLLOW else offset
                    whole = b"".join(data) if name.endswith("v") else bytes(data)
                    durable = bool(self._flags.get(descriptor, 0) & _DURABLE)
                    self._record(Op("write", watched[0], start, whole[:size], watched[1], durable=durable))
                return size

        return call

    def _syncing(self, name: str) -> Callable[[Any], None]:
        def call(file: Any) -> None:
            with self._turn:
                descriptor = file if isinstance(file, int) else file.fileno()
                self._real[name](descriptor)
                watched = self._inode(descriptor)
                if watched:
                    self._record(Op("sync", watched[0], path=watched[1]))

        return call

    def _sync(self) -> None:
        with self._turn:
            self._real["sync"]()
            self._record(Op("sync all"))

    def _renaming(self, name: str) -> Callable[..., None]:
        def call(source: Any, target: Any, **folders: Any) -> None:
            with self._turn:
                old, new = self._path(source), self._path(target)
                self._real[name](source, target, **folders)
                if old is not None and new is not None:
                    self._record(Op("rename", path=old, other=new))
                    self._remember(target)
                elif old is not None:
                    self._record(Op("remove", path=old))
                elif new is not None:
                    self._moved_in(target, new)

        return call

    def _moved_in(self, target: Any, place: str) -> None:
        found = self._remember(target)
        self._record(Op("create", found.st_ino, path=place))
        with io.FileIO(os.fsdecode(target)) as file:
            self._record(Op("write", found.st_ino, 0, file.readall(), place))

    def _removing(self, name: str) -> Callable[..., None]:
        def call(path: Any, *, dir_fd: int | None = None) -> None:
            with self._turn:
                place = self._path(path) if dir_fd is None else None
                self._real[name](path, dir_fd=dir_fd)
                if place is not None:
                    self._record(Op("remove", path=place))

        return call

    def _making(self, name: str, kind: str) -> Callable[..., None]:
        def call(*words: Any, **more: Any) -> None:
            with self._turn:
                made = words[0] if name == "mkdir" else words[1]
                place = self._path(made)
                self._real[name](*words, **more)
                if place is not None:
                    found = os.lstat(made)
                    self._paths[found.st_dev, found.st_ino] = place
                    node = {"mkdir": 1, "symlink": 2}.get(name, 0)
                    target = os.fsdecode(words[0]) if name == "symlink" else ""
                    self._record(Op(kind, found.st_ino, node, path=place, other=target))

        return call

    def _resizing(self, name: str) -> Callable[..., None]:
        def call(file: Any, *sizes: int) -> None:
            with self._turn:
                self._real[name](file, *sizes)
                found = os.fstat(file) if isinstance(file, int) else Path(file).stat()
                path = self._paths.get((found.st_dev, found.st_ino))
                if path is not None:
                    self._record(Op("truncate", found.st_ino, found.st_size, path=path))

        return call

    def _sendfile(self, out_fd: int, in_fd: int, *words: Any, **more: Any) -> int:
        with self._turn:
            size = int(self._real["sendfile"](out_fd, in_fd, *words, **more))
            return self._read_back(out_fd, size, None)

    def _copy_file_range(
        self, src: int, dst: int, count: int, offset_src: int | None = None, offset_dst: int | None = None
    ) -> int:
        with self._turn:
            size = int(self._real["copy_file_range"](src, dst, count, offset_src, offset_dst))
            return self._read_back(dst, size, offset_dst)

    def _read_back(self, descriptor: int, size: int, offset: int | None) -> int:
        """Record what the kernel put into a file by itself."""
        watched = self._inode(descriptor)
        if watched and size:
            start = os.lseek(descriptor, 0, os.SEEK_CUR) - size if offset is None else offset
            with io.FileIO(str(self._folder / watched[1])) as file:
                file.seek(start)
                self._record(Op("write", watched[0], start, file.read(size) or b"", watched[1]))
        return size
