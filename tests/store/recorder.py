"""A SQLite connection whose every change to a file is written down, in order, through a VFS of our own."""

import sqlite3
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import apsw

_NAMES = count()


class Change(NamedTuple):
    """One change to one file; ``sync`` changes nothing and makes what came before it durable."""

    kind: str  # create, write, truncate, delete, sync; or ack: a save has returned
    file: str = ""
    offset: int = 0  # of a write; the new length of a truncate; the version of an ack
    data: bytes = b""
    durable: bool = False  # a delete that has also reached the folder


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], log: list[Change]) -> None:
        self._path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        existed = self._path.exists()
        super().__init__("", name, flags)
        self._log = log
        if not existed:
            log.append(Change("create", self._path.name))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 (SQLite's names)
        self._log.append(Change("write", self._path.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._log.append(Change("truncate", self._path.name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._log.append(Change("sync", self._path.name))
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, log: list[Change]) -> None:
        self.name = f"recorder{next(_NAMES)}"
        super().__init__(self.name, "")
        self._log = log

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return apsw.VFSFile("", name, flags) if name is None else _File(name, flags, self._log)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802
        self._log.append(Change("delete", Path(name).name, durable=bool(syncdir)))
        super().xDelete(name, syncdir)


class RecordedConnection:
    """The part of sqlite3.Connection that a store uses, recorded; ``overrides`` replace pragmas of a name."""

    def __init__(self, path: Path, log: list[Change], overrides: dict[str, str]) -> None:
        self._vfs = _Vfs(log)
        self._overrides = overrides
        self._connection = apsw.Connection(str(path), vfs=self._vfs.name)
        for name in overrides.keys() & {"cache_size", "max_page_count"}:
            self._connection.execute(f"PRAGMA {name}={overrides[name]}")

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, statement: str, values: Sequence[Any] = ()) -> apsw.Cursor:
        name = statement.removeprefix("PRAGMA ").split("=")[0]
        if statement.startswith("PRAGMA ") and name in self._overrides:
            statement = f"PRAGMA {name}={self._overrides[name]}"
        try:
            return self._connection.execute(statement, values)
        except apsw.FullError as error:
            full = sqlite3.OperationalError(str(error))
            full.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise full from error

    def close(self) -> None:
        self._connection.close()
        self._vfs.unregister()
