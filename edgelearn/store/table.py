"""The statements on the one table."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from edgelearn.store.blob import DamagedError, Record, check, decode, words
from edgelearn.store.values import Verification, Version


def numbers(connection: sqlite3.Connection) -> list[int]:
    """Return the numbers of all versions, ascending."""
    return [
        number for (number,) in connection.execute("SELECT number FROM version ORDER BY number").fetchall()
    ]


def versions(connection: sqlite3.Connection) -> list[Version]:
    """Return all versions without their arrays, ascending."""
    rows = connection.execute("SELECT number, saved_at, length(blob) FROM version ORDER BY number").fetchall()
    return [Version(number, saved_at, size, _words(connection, number)) for number, saved_at, size in rows]


def record(connection: sqlite3.Connection, number: int) -> Record:
    """Return one record as it lies there; raises DamagedError when SQLite cannot read it."""
    try:
        # As a blob, since damaged text may be no UTF-8.
        rows = connection.execute(
            "SELECT CAST(meta AS BLOB), CAST(blob AS BLOB), CAST(sha256 AS BLOB) "
            "FROM version WHERE number = ?",
            (number,),
        ).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise DamagedError(f"its pages cannot be read ({error})") from error
    if len(rows) != 1 or None in rows[0]:
        raise DamagedError("its row cannot be read")
    meta, blob, sha256 = rows[0]
    return Record(meta, blob, sha256.decode(errors="replace"))


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether SQLite found its own pages in disorder, rather than not reachable or busy."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_CORRUPT


def damage(
    connection: sqlite3.Connection, number: int, examine: Callable[[Record], object] = check
) -> str | None:
    """Return why a version is not what was saved, None when it is."""
    try:
        examine(record(connection, number))
    except DamagedError as reason:
        return str(reason)
    return None


def insert(connection: sqlite3.Connection, number: int, saved_at: float, item: Record) -> None:
    """Add a version."""
    connection.execute(
        "INSERT INTO version (number, saved_at, meta, sha256, blob) VALUES (?, ?, ?, ?, ?)",
        (number, saved_at, item.meta.decode(), item.sha256, item.blob),
    )


def delete(connection: sqlite3.Connection, number: int) -> None:
    """Drop a version; its pages are free for the next."""
    connection.execute("DELETE FROM version WHERE number = ?", (number,))


def verify(connection: sqlite3.Connection) -> Verification:
    """Read everything: SQLite's own structure, and digest and decoding of every version."""
    problems: list[str] = []
    damaged: list[int] = []
    present: list[Version] = []
    try:
        lines = [line for (line,) in connection.execute("PRAGMA integrity_check(20)").fetchall()]
        problems.extend(f"structure: {line}" for line in lines if line != "ok")
        present = versions(connection)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        problems.append(f"structure: {error}")
    for version in present:
        reason = damage(connection, version.version, decode)
        if reason is not None:
            damaged.append(version.version)
            problems.append(f"version {version.version}: {reason}")
    return Verification(not problems, present, problems, damaged)


def _words(connection: sqlite3.Connection, number: int) -> Mapping[str, Any]:
    try:
        rows = connection.execute(
            "SELECT CAST(meta AS BLOB) FROM version WHERE number = ?", (number,)
        ).fetchall()
        return words(rows[0][0])
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return {}
    except ValueError:
        return {}
