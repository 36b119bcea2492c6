"""A damaged store written anew from what is good in it: the old file or the new one, never half."""

import os
import time
from contextlib import closing
from pathlib import Path

from edgelearn.store import database, table


def rebuild(store: Path, newest: int, keep: int) -> int:
    """Replace the file by one of its good versions, ``newest`` appended under a new number; return that.

    At most ``keep`` versions stay. Whoever calls holds the writer's lock and has no connection open.
    """
    fresh = store.with_name(store.name + ".rebuild")
    journal = fresh.with_name(fresh.name + "-journal")
    _remove(fresh, journal)
    try:
        number = _copy_good(store, fresh, newest, keep)
        fresh.replace(store)
    finally:
        _remove(fresh, journal)
    _sync_folder(store.parent)
    return number


def _copy_good(store: Path, fresh: Path, newest: int, keep: int) -> int:
    with closing(database.open_writer(store)) as old, closing(database.open_writer(fresh)) as new:
        present = table.versions(old)
        number = max(version.version for version in present) + 1
        good = [version for version in present if table.damage(old, version.version) is None]
        with database.transaction(new):
            for version in good[max(0, len(good) + 1 - keep) :]:
                table.insert(new, version.version, version.saved_at, table.record(old, version.version))
            table.insert(new, number, time.time(), table.record(old, newest))
        return number


def _remove(*files: Path) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
