"""The one place that opens SQLite: pragmas, the table, transactions, and errors as sentences."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from edgelearn.errors import StoreError

APPLICATION_ID = 0x65646765  # "edge": tells a store from any other SQLite file
LAYOUT = 1  # of the table below, kept as SQLite's user_version
BUSY_S = 30.0  # a reader or a writer waits this long for the other's transaction to end

# secure_delete would write freed pages again, and journal them before; fullfsync matters on macOS alone.
_PRAGMAS = (
    "page_size=4096",
    "journal_mode=PERSIST",
    "journal_size_limit=1048576",
    "synchronous=FULL",
    "fullfsync=ON",
    "secure_delete=OFF",
)
_CREATE = (
    "CREATE TABLE version (number INTEGER PRIMARY KEY, saved_at REAL NOT NULL, "
    "meta TEXT NOT NULL, sha256 TEXT NOT NULL, blob BLOB NOT NULL)",
    f"PRAGMA application_id={APPLICATION_ID}",
    f"PRAGMA user_version={LAYOUT}",
)
_COPIES = 5  # tries at copying a file that somebody else is repairing at the same time


class DisorderError(sqlite3.DatabaseError):
    """What SQLite read without complaint, and yet is not what a store holds."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Return a bare connection; mode is SQLite's: ``ro`` or ``rwc``."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_S,
        check_same_thread=False,
    )


def open_writer(path: Path) -> sqlite3.Connection:
    """Return a connection that writes durably; creates the table in a file that is new or empty."""
    connection = connect(path, "rwc")
    try:
        for pragma in _PRAGMAS:
            rows(connection, f"PRAGMA {pragma}")
        with transaction(connection):
            if _is_empty(connection, path):
                _create(connection)
            # SQLite opens a read-only file without a word, and says so only when a statement could write.
            rows(connection, "DELETE FROM version WHERE 0")
    except BaseException:
        connection.close()
        raise
    return connection


def rows(connection: sqlite3.Connection, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement and return all its rows; raises sqlite3.Error, whatever is damaged."""
    try:
        return connection.execute(statement, values).fetchall()
    except UnicodeDecodeError as error:  # names in a damaged schema, in a message about it too
        raise DisorderError(f"its schema is no text: {error}") from error


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether a statement that only reads failed for what lies in the file.

    SQLITE_ERROR is that too: our statements are right, so it is the schema that lost a name.
    """
    damage = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG)
    return _code(error) in damage


def is_full(error: sqlite3.Error) -> bool:
    """Return whether a statement failed for lack of space."""
    return _code(error) == sqlite3.SQLITE_FULL


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that sees one moment and never writes, whatever state a dead writer left behind."""
    with closing(connect(path, "ro")) as connection:
        try:
            connection.execute("BEGIN")
            empty = _is_empty(connection, path)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            empty = None
        if empty is False:
            yield connection
            return
    if empty:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            _create(connection)
            yield connection
        return
    # A writer died inside a save and nobody has undone it yet: undo it on a copy.
    with TemporaryDirectory() as folder, closing(open_writer(_copied(path, Path(folder)))) as connection:
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is inside, durably, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise inside into a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(_sentence(path, error)) from error
    except OSError as error:
        raise StoreError(f"store {path} cannot be used: {error}") from error


def _create(connection: sqlite3.Connection) -> None:
    for statement in _CREATE:
        connection.execute(statement)


def _is_empty(connection: sqlite3.Connection, path: Path) -> bool:
    """Return whether the file holds nothing yet; raises StoreError if what it holds is not for us to read."""
    (application,), (layout,) = (
        rows(connection, f"PRAGMA {name}")[0] for name in ("application_id", "user_version")
    )
    if application == 0 and rows(connection, "SELECT count(*) FROM sqlite_master")[0][0] == 0:
        return True
    if application != APPLICATION_ID:
        raise StoreError(f"{path} is a database of another program, not a store; name another file")
    if layout > LAYOUT:
        raise StoreError(
            f"store {path} was written by a newer edgelearn (layout {layout}, this one knows {LAYOUT}); "
            "update edgelearn"
        )
    return False


def _copied(path: Path, folder: Path) -> Path:
    """Copy the store and its journal into the folder, both as they were at one moment."""
    files = [path, path.with_name(path.name + "-journal")]
    for _ in range(_COPIES):
        before = [file.stat().st_mtime_ns for file in files]
        for file in files:
            shutil.copyfile(file, folder / file.name)
        if before == [file.stat().st_mtime_ns for file in files]:
            return folder / path.name
    raise StoreError(f"store {path} is being repaired by another process; try again")


def _sentence(path: Path, error: sqlite3.Error) -> str:
    known: dict[int | None, str] = {
        sqlite3.SQLITE_FULL: "the disk is full; free some space and save again, nothing saved before is lost",
        sqlite3.SQLITE_READONLY: "it is read-only; make it writable, or open it with read_only=True",
        sqlite3.SQLITE_CANTOPEN: "it or its journal cannot be opened; check who may read and write there",
        sqlite3.SQLITE_NOTADB: "it is not a store; name another file, or move this one away",
        sqlite3.SQLITE_CORRUPT: "it is damaged; see `edgelearn state verify`, or put a copy of it back",
        sqlite3.SQLITE_ERROR: "its structure is damaged; see `edgelearn state verify`, or put a copy of it back",
        sqlite3.SQLITE_BUSY: f"another process kept it locked for {BUSY_S:.0f} s; try again",
        sqlite3.SQLITE_TOOBIG: "a version is larger than SQLite allows (1 GB); learn less into one store",
        sqlite3.SQLITE_IOERR: "the file system refused (full or failing); nothing saved before is lost",
    }
    return f"store {path}: {known.get(_code(error), 'SQLite refused')} ({error})"


def _code(error: sqlite3.Error) -> int | None:
    """Return SQLite's primary code; None for an error of the Python module itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
