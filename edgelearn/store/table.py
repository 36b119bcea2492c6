"""The statements on the one table."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from edgelearn.store.blob import DamagedError, Record, check, decode, words
from edgelearn.store.database import DisorderError, is_damage, rows
from edgelearn.store.values import Verification, Version


def numbers(connection: sqlite3.Connection) -> list[int]:
    """Return the numbers of all versions, ascending; raises DisorderError when the tree says otherwise."""
    found = [number for (number,) in rows(connection, "SELECT number FROM version ORDER BY number")]
    if not all(isinstance(number, int) for number in found) or found != sorted(set(found)):
        raise DisorderError("its versions are out of order")
    return found


def versions(connection: sqlite3.Connection) -> list[Version]:
    """Return all versions without their arrays, ascending."""
    return [Version(number, *_about(connection, number)) for number in numbers(connection)]


def record(connection: sqlite3.Connection, number: int) -> Record:
    """Return one record as it lies there; raises DamagedError when SQLite cannot read it."""
    try:
        # As a blob, since damaged text may be no UTF-8.
        found = rows(
            connection,
            "SELECT CAST(meta AS BLOB), CAST(blob AS BLOB), CAST(sha256 AS BLOB) "
            "FROM version WHERE number = ?",
            (number,),
        )
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise DamagedError(f"its pages cannot be read ({error})") from error
    if len(found) != 1 or None in found[0]:
        raise DamagedError("its row cannot be read")
    meta, blob, sha256 = found[0]
    return Record(meta, blob, sha256.decode(errors="replace"))


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
    rows(
        connection,
        "INSERT INTO version (number, saved_at, meta, sha256, blob) VALUES (?, ?, ?, ?, ?)",
        (number, saved_at, item.meta.decode(), item.sha256, item.blob),
    )


def delete(connection: sqlite3.Connection, number: int) -> None:
    """Drop a version; its pages are free for the next."""
    rows(connection, "DELETE FROM version WHERE number = ?", (number,))


def verify(connection: sqlite3.Connection) -> Verification:
    """Read everything: SQLite's own structure, and digest and decoding of every version."""
    problems: list[str] = []
    damaged: list[int] = []
    present: list[Version] = []
    try:
        lines = [line for (line,) in rows(connection, "PRAGMA integrity_check(20)")]
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


def _about(connection: sqlite3.Connection, number: int) -> tuple[float, int, Mapping[str, Any]]:
    """Return when a version was saved, its size and its words; zeros and nothing where it cannot be read."""
    try:
        found = rows(
            connection,
            "SELECT coalesce(CAST(saved_at AS REAL), 0.0), coalesce(length(blob), 0), "
            "coalesce(CAST(meta AS BLOB), x'') FROM version WHERE number = ?",
            (number,),
        )
    except sqlite3.DatabaseError as error:
        # An OperationalError is not about this row: the file cannot be reached, or the schema lost a name.
        if isinstance(error, sqlite3.OperationalError) or not is_damage(error):
            raise
        found = []
    if not found:
        return 0.0, 0, {}
    saved_at, size, meta = found[0]
    try:
        return saved_at, size, words(meta)
    except ValueError:
        return saved_at, size, {}
