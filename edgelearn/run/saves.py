"""What became of the saves: they happen in the learner's own thread, the loop reports them in its own."""

import os
from contextlib import suppress
from queue import Empty, SimpleQueue

from edgelearn.errors import StoreError
from edgelearn.run.events import Events
from edgelearn.store import SaveReport


class Saves:
    """Carries outcomes from the thread that saves to the loop, which waits on `fd`."""

    def __init__(self, events: Events, version: int | None) -> None:
        self._events = events
        self._outcomes: SimpleQueue[SaveReport | StoreError] = SimpleQueue()
        self.fd, self._wake = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._wake, False)
        self.version = version  # the newest there is
        self.failure: StoreError | None = None  # of the last attempt

    def put(self, outcome: SaveReport | StoreError) -> None:
        """Take an outcome, from any thread."""
        self._outcomes.put(outcome)
        with suppress(BlockingIOError):  # the pipe is full, so the loop will wake as it is
            os.write(self._wake, b".")

    def report(self, _mask: int = 0) -> None:
        """Write an event for each outcome there is."""
        with suppress(BlockingIOError):  # nothing woke the loop
            os.read(self.fd, 4096)
        while (outcome := self._next()) is not None:
            self._say(outcome)

    def close(self) -> None:
        """Give the descriptors back; nothing may save any more."""
        os.close(self.fd)
        os.close(self._wake)

    def _next(self) -> SaveReport | StoreError | None:
        try:
            return self._outcomes.get_nowait()
        except Empty:
            return None

    def _say(self, outcome: SaveReport | StoreError) -> None:
        if isinstance(outcome, StoreError):
            self.failure = outcome
            self._events.emit("save_failed", reason=str(outcome))
            return
        self.failure = None
        self.version = outcome.version
        self._events.emit(
            "saved", version=outcome.version, bytes_written=outcome.bytes_written, seconds=outcome.seconds
        )
