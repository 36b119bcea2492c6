"""Store: save, load, verify and roll back versions of everything learned."""

import os
import shlex
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgelearn.closing import Closing
from edgelearn.errors import ConfigError, StoreError
from edgelearn.store import database, table
from edgelearn.store.blob import SCHEMA, DamagedError, Record, decode, encode
from edgelearn.store.lock import WriterLock
from edgelearn.store.rebuild import rebuild
from edgelearn.store.values import SaveReport, Verification, Version
from edgelearn.store.writes import Written
from edgelearn.types import Snapshot


class Store(Closing):
    """The versions of one learner, in one file; at most one process has it open for writing.

    Safe to call from several threads; a save holds the others up for its transaction only. With
    ``read_only`` nothing is written, not even beside the file, and a writer may be at work meanwhile.
    Raises StoreError when the file is no store, cannot be written, or has a writer already; ConfigError
    for ``keep`` below 1.
    """

    def __init__(self, path: str | os.PathLike[str], *, keep: int = 5, read_only: bool = False) -> None:
        if keep < 1:
            raise ConfigError(f"a store keeps at least 1 version, not {keep}")
        self.path = Path(path)
        self.keep = keep
        self.read_only = read_only
        self._file = self.path.resolve()  # lock and journal lie beside the file itself, not beside a link
        self._mutex = threading.RLock()
        self._closed = False
        self._writer: sqlite3.Connection | None = None
        self._lock: WriterLock | None = None
        with database.sentences(self.path):
            self._check_place()
            if not read_only:
                self._open_writer()
        if read_only:
            with (
                self._connection()
            ):  # a reader holds nothing open: what is no store is refused here all the same
                return

    def save(self, snapshot: Snapshot) -> SaveReport:
        """Keep a snapshot as the newest version, durably when this returns, and drop all but ``keep``.

        On a full disk more of the oldest go, one by one, until there is room. Raises StoreError; the newest
        version of before is then untouched, so are the others unless the disk is full, and the store goes on
        working.
        """
        start = time.perf_counter()
        record = encode(snapshot)
        with self._connection(write=True) as connection, Written(len(record.blob)) as written:
            version = self._append_with_room(connection, record)
        return SaveReport(version, written.bytes, len(record.blob), time.perf_counter() - start)

    def load(self, version: int | None = None) -> Snapshot:
        """Return a version, the newest by default; its arrays are the caller's own.

        Raises StoreError when there is none, when it is damaged, or when a newer schema wrote it.
        """
        with self._connection() as connection:
            number = self._existing(connection, version)
            try:
                snapshot = decode(table.record(connection, number))
            except DamagedError as reason:
                raise StoreError(f"version {number} of store {self.path} is damaged: {reason}; "
                                 f"{self._way_back(connection, number)}") from reason  # fmt: skip
            schema = snapshot.meta.get("schema", SCHEMA)
            if not isinstance(schema, int) or schema > SCHEMA:
                raise StoreError(
                    f"version {number} of store {self.path} has schema {schema!r}, and this edgelearn knows "
                    f"{SCHEMA} at the most; update edgelearn"
                )
            return snapshot

    def versions(self) -> list[Version]:
        """Return the versions there are, oldest first."""
        with self._connection() as connection:
            return table.versions(connection)

    @property
    def newest(self) -> int | None:
        """The number of the newest version, None while there is none."""
        with self._connection() as connection:
            return max(table.numbers(connection), default=None)

    def verify(self) -> Verification:
        """Read everything: SQLite's own structure, and digest and decoding of every version."""
        with self._connection() as connection:
            return table.verify(connection)

    def rollback(self, version: int) -> int:
        """Make an old version the newest again, under a new number, and return that number.

        A store with damage in it is written anew with its good versions only, so that it verifies again.
        Raises StoreError when the version does not exist or is damaged itself.
        """
        with self._connection(write=True) as connection:
            number = self._existing(connection, version)
            reason = table.damage(connection, number)
            if reason is not None:
                raise StoreError(f"version {number} of store {self.path} is damaged: {reason}; "
                                 f"{self._way_back(connection, number)}")  # fmt: skip
            if self.verify().ok:
                return self._append(connection, table.record(connection, number))
            connection.close()
            self._writer = None
            try:
                return rebuild(self._file, number, self.keep)
            finally:
                self._writer = database.open_writer(self._file)

    def close(self) -> None:
        """Close the file and let another writer in; closing twice is harmless."""
        with self._mutex:
            self._closed = True
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _open_writer(self) -> None:
        self._lock = WriterLock(self._file)
        try:
            self._writer = database.open_writer(self._file)
        except BaseException:
            self._lock.release()
            raise

    def _check_place(self) -> None:
        if self._file.is_dir():
            raise StoreError(f"{self.path} is a folder; name a file in it for the store")
        if not self._file.parent.is_dir():
            raise StoreError(
                f"store {self.path}: the folder {self._file.parent} does not exist; create it first"
            )
        if self.read_only and not self._file.exists():
            raise StoreError(f"there is no store at {self.path}; a learner that saves there creates it")

    @contextmanager
    def _connection(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        with self._mutex, database.sentences(self.path):
            if self._closed or (self._writer is None and not self.read_only):
                raise StoreError(f"store {self.path} is closed; open it again")
            if self._writer is not None:
                yield self._writer
            elif write:
                raise StoreError(
                    f"store {self.path} was opened with read_only=True; open it without to write"
                )
            else:
                with database.reading(self._file) as connection:
                    yield connection

    def _append_with_room(self, connection: sqlite3.Connection, record: Record) -> int:
        while True:
            try:
                return self._append(connection, record)
            except sqlite3.OperationalError as error:
                if not (database.is_full(error) and self._drop_oldest(connection)):
                    raise

    def _drop_oldest(self, connection: sqlite3.Connection) -> bool:
        """Drop the oldest good version unless it is the only one; its pages are free once that is durable."""
        good = [number for number in table.numbers(connection) if table.damage(connection, number) is None]
        if len(good) < 2:
            return False
        with database.transaction(connection):
            table.delete(connection, good[0])
        return True

    def _append(self, connection: sqlite3.Connection, record: Record) -> int:
        numbers = table.numbers(connection)
        number = max(numbers, default=0) + 1
        beyond = numbers[: max(0, len(numbers) + 1 - self.keep)]
        # Pages of a damaged version may be another's too: to free them would spread the damage. Checked out
        # here, since SQLite refuses to write in a transaction that has come upon damage.
        old = [version for version in beyond if table.damage(connection, version) is None]
        with database.transaction(connection):
            table.insert(connection, number, time.time(), record)
            for version in old:
                table.delete(connection, version)
        return number

    def _existing(self, connection: sqlite3.Connection, version: int | None) -> int:
        numbers = table.numbers(connection)
        if not numbers:
            raise StoreError(f"store {self.path} holds no version yet; save one first")
        if version is not None and version not in numbers:
            raise StoreError(
                f"store {self.path} holds no version {version}; it holds {', '.join(map(str, numbers))}"
            )
        return max(numbers) if version is None else version

    def _way_back(self, connection: sqlite3.Connection, damaged: int) -> str:
        for number in sorted(table.numbers(connection), reverse=True):
            if number != damaged and table.damage(connection, number) is None:
                return (
                    f"the newest good version is {number}, and "
                    f"`edgelearn state rollback {shlex.quote(str(self.path))} --to {number}` returns to it"
                )
        return "no good version is left; move the file away to start anew"
