"""SIGTERM and SIGINT as something to look at and to wait for."""

import signal
import socket
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """While entered, the first signal sets `wanted` and makes `fd` readable for ever; no call is broken off.

    For the main thread only, as Python delivers signals there.
    """

    def __init__(self) -> None:
        self.wanted = False
        self._reader, self._writer = socket.socketpair()
        self._previous: dict[signal.Signals, Any] = {}
        self._previous_fd = -1

    @property
    def fd(self) -> int:
        """A descriptor to wait on."""
        return self._reader.fileno()

    def __enter__(self) -> Self:
        self._writer.setblocking(False)
        self._previous_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._previous = {number: signal.signal(number, self._want) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_fd)
        self._reader.close()
        self._writer.close()

    def _want(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (signal's signature)
        self.wanted = True
