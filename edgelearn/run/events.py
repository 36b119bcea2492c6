"""Events out: one JSON object a line on a descriptor, with nothing kept back in a buffer."""

import json
import os
import select
from typing import Any

from edgelearn.errors import EdgelearnError
from edgelearn.run.stop import Stop

PIPE_BYTES = 512  # POSIX: what a pipe takes at least without blocking once it is writable


class OutputError(EdgelearnError):
    """The events cannot be written any more."""


class Events:
    """Writes events to a descriptor; a reader that is slow holds the process up, but never its stop.

    When an event cannot be written, ``failure`` says why, a stop is wanted, and later events are dropped.
    """

    def __init__(self, fd: int, stop: Stop) -> None:
        self._fd, self._stop = fd, stop
        self._closed = False
        self.failure: OutputError | None = None

    def emit(self, event: str, **values: Any) -> None:
        """Write ``{"event": event, ...}``."""
        if self._closed:
            return
        line = json.dumps({"event": event, **values}, ensure_ascii=False).encode() + b"\n"
        try:
            self._write(line)
        except BrokenPipeError:
            self._fail("the program that read the decisions has closed its end")
        except OSError as error:
            self._fail(f"the decisions cannot be written: {error.strerror}")

    def _fail(self, reason: str) -> None:
        self.failure = OutputError(f"{reason}; stopped, and kept what was learned where there is a store")
        self._closed = self._stop.wanted = True

    def _write(self, line: bytes) -> None:
        while line:
            stopping, writable, _ = select.select([self._stop.fd], [self._fd], [])
            if writable:
                line = line[os.write(self._fd, line[:PIPE_BYTES]) :]
            elif stopping:
                self._closed = True
                return
