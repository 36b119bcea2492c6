"""One writer a store: a lock file beside it, held by the kernel and so gone with its process."""

import contextlib
import fcntl
import os
from pathlib import Path

from edgelearn.errors import StoreError


class WriterLock:
    """The right to write one store, from construction until ``release``; raises StoreError if it is taken."""

    def __init__(self, store: Path) -> None:
        path = store.with_name(store.name + ".lock")
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"store {store} cannot be opened for writing: {path.name} beside it, {error.strerror}; "
                "make its folder writable, or open the store with read_only=True"
            ) from error
        try:
            _take(self._descriptor, store)
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        """Give the right back. The file stays: deleting it could pull it from under the next writer."""
        os.close(self._descriptor)


def _take(descriptor: int, store: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        raise StoreError(
            f"store {store} is already open for writing by process {owner}; "
            "stop that one first, or open the store with read_only=True"
        ) from error
    # The number only serves the sentence above: a full disk must not keep a store from opening.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
