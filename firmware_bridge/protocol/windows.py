"""Sensor windows: never sent again, every one accounted for. `SPEC.md`, 5.

Rule 1. received + missing = made.
Rule 2. A window that comes again, or late, is not delivered.
"""

from firmware_bridge.protocol.events import Missing, Received
from firmware_bridge.protocol.messages import Gap, Window
from firmware_bridge.protocol.sender import nearest


class WindowReceiver:
    """Tells which windows came and which never will."""

    def __init__(self) -> None:
        self._boot = 0
        self._expected = 0
        self._first = True

    def boot(self, boot: int) -> None:
        """The other end is the one of this boot: another counts from 0 again."""
        if boot != self._boot:
            self._boot, self._expected, self._first = boot, 0, True

    def take(self, message: Window | Gap) -> list[Missing | Received]:
        """Return what ``message`` tells."""
        if isinstance(message, Gap):
            return self._up_to(message.next)
        events = self._up_to(message.index)
        if self._expected & 0xFFFFFFFF != message.index:
            return []
        self._expected += 1
        return [*events, Received(message)]

    def _up_to(self, index: int) -> list[Missing | Received]:
        # whoever comes late may find a device that has counted further than half the circle
        to = index if self._first else nearest(index, self._expected, 32)
        self._first = False
        count = to - self._expected
        if count <= 0:
            return []
        first, self._expected = self._expected & 0xFFFFFFFF, to
        return [Missing(first, count)]
