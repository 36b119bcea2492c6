"""Saves in the background: prediction waits for a copy of the state, never for the disk."""

import threading
import time
import warnings
from collections.abc import Callable

from edgelearn.errors import ConfigError, StoreError
from edgelearn.store import SaveReport, Store
from edgelearn.types import Snapshot

RETRY_S = 30.0  # a full disk is not asked again at once

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
        check_intervals(every, every_s)
        self.store = store
        self._take, self._every, self._every_s = take, every, every_s
        self._on_save = on_save or _warn
        self._unsaved = 0  # samples learned since the last save
        self._dirty = False  # anything at all to save, open tickets included
        self._since = 0.0
        self._not_before = 0.0
        self._stopping = False
        self._wake = threading.Condition()
        self.writing = threading.Lock()  # held while the store is written; taken before the owner's lock
        self._thread: threading.Thread | None = None

    def changed(self, learned: int) -> None:
        """Note that so many samples were learned (0: only a ticket was issued); wakes the thread when due."""
        if learned == 0 and self.store.read_only:
            return  # who only reads may predict all the same
        with self._wake:
            first = not self._dirty
            if first:
                self._dirty, self._since = True, time.monotonic()
            self._unsaved += learned
            alive = self._thread is not None and self._thread.is_alive()  # ``on_save`` may have raised in it
            if not (alive or self._stopping) and (self._every or self._every_s):
                self._thread = threading.Thread(target=self._run, name="edgelearn-save", daemon=True)
                self._thread.start()
            if first or self._full():
                self._wake.notify()

    def save(self) -> SaveReport:
        """Save now and return when it is durable; raises StoreError."""
        with self.writing:
            with self._wake:
                unsaved, dirty = self._unsaved, self._dirty
                self._unsaved, self._dirty = 0, False
            try:
                return self.store.save(self._take())
            except StoreError:
                with self._wake:
                    self._unsaved += unsaved
                    self._dirty = self._dirty or dirty
                    self._not_before = time.monotonic() + RETRY_S
                raise

    def saved(self) -> None:
        """Note that the store holds what the owner holds."""
        with self._wake:
            self._unsaved, self._dirty = 0, False

    def close(self) -> None:
        """Stop the thread and save what is not saved yet; raises StoreError."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join()
        if self._dirty:
            self.save()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._stopping and (wait := self._wait_s()) != 0.0:
                    self._wake.wait(wait)
                if self._stopping:
                    return
            try:
                self._on_save(self.save())
            except StoreError as error:
                self._on_save(error)

    def _full(self) -> bool:
        return self._every is not None and self._unsaved >= self._every

    def _wait_s(self) -> float | None:
        """Return the seconds until a save is due: 0 for now, None for as long as nothing happens."""
        if not self._dirty or (self._every_s is None and not self._full()):
            return None
        due = 0.0 if self._full() or self._every_s is None else self._since + self._every_s
        return max(max(due, self._not_before) - time.monotonic(), 0.0)


def check_intervals(every: int | None, every_s: float | None) -> None:
    """Raise ConfigError unless both are above 0, or None for never."""
    for name, value in (("save_every", every), ("save_every_s", every_s)):
        if value is not None and not value > 0:
            raise ConfigError(f"{name} must be above 0, or None for never, not {value}")


def _warn(outcome: SaveReport | StoreError) -> None:
    if isinstance(outcome, StoreError):
        warnings.warn(f"not saved, will try again: {outcome}", RuntimeWarning, stacklevel=2)
