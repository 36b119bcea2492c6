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
    for leftover in (fresh, journal):
        leftover.unlink(missing_ok=True)
    with closing(database.open_writer(store)) as old, closing(database.open_writer(fresh)) as new:
        present = table.versions(old)
        number = max(version.version for version in present) + 1
        again = table.record(old, newest)
        with database.transaction(new):
            room = keep - 1
            for version in reversed(present):
                if room and table.damage(old, version.version) is None:
                    table.insert(new, version.version, version.saved_at, table.record(old, version.version))
                    room -= 1
            table.insert(new, number, time.time(), again)
    journal.unlink()
    fresh.replace(store)
    _sync_folder(store.parent)
    return number


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
