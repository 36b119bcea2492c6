"""Saves in the background: prediction waits for a copy of the state, never for the disk."""

import threading
import time
import warnings
from collections.abc import Callable

from edgelearn.errors import ConfigError, StoreError
from edgelearn.store import SaveReport, Store
from edgelearn.types import Snapshot

OnSave = Callable[[SaveReport | StoreError], None]


class Saver:
    """Writes a snapshot every so many samples or seconds, from a thread of its own.

    ``take`` returns a snapshot and is called under the owner's lock. The outcome of each background save goes
    to ``on_save``; without one, a failure is a RuntimeWarning and the next due save tries again.
    """

    def __init__(
        self,
        store: Store,
        take: Callable[[], Snapshot],
        every: int | None,
        every_s: float | None,
        on_save: OnSave | None,
    ) -> None:
        for name, value in (("save_every", every), ("save_every_s", every_s)):
            if value is not None and not value > 0:
                raise ConfigError(f"{name} must be above 0, or None for never, not {value}")
        self.store = store
        self._take, self._every, self._every_s = take, every, every_s
        self._on_save = on_save or _warn
        self._unsaved = 0
        self._since = 0.0
        self._stopping = False
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def changed(self, samples: int = 1) -> None:
        """Note that something was learned; wakes the thread when a save is due."""
        with self._wake:
            if self._unsaved == 0:
                self._since = time.monotonic()
            self._unsaved += samples
            if self._thread is None and (self._every or self._every_s):
                self._thread = threading.Thread(target=self._run, name="edgelearn-save", daemon=True)
                self._thread.start()
            self._wake.notify()

    def save(self) -> SaveReport:
        """Save now and return when it is durable; raises StoreError."""
        with self._writing:
            with self._wake:
                unsaved, self._unsaved = self._unsaved, 0
            try:
                return self.store.save(self._take())
            except StoreError:
                with self._wake:
                    self._unsaved += unsaved
                    self._since = time.monotonic()
                raise

    def close(self) -> None:
        """Stop the thread and save what is not saved yet; raises StoreError."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        if self._unsaved:
            self.save()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._stopping or self._due()):
                    self._wake.wait(self._patience())
                if self._stopping:
                    return
            try:
                self._on_save(self.save())
            except StoreError as error:
                self._on_save(error)

    def _due(self) -> bool:
        if self._unsaved == 0:
            return False
        by_count = self._every is not None and self._unsaved >= self._every
        return by_count or (self._every_s is not None and time.monotonic() - self._since >= self._every_s)

    def _patience(self) -> float | None:
        if self._every_s is None or self._unsaved == 0:
            return None
        return max(self._since + self._every_s - time.monotonic(), 0.0)


def _warn(outcome: SaveReport | StoreError) -> None:
    if isinstance(outcome, StoreError):
        warnings.warn(f"not saved, will try again: {outcome}", RuntimeWarning, stacklevel=2)
