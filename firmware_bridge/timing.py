"""When the device's clock is asked, and what its times are on the host's: a few quick questions, then one at times."""

from collections.abc import Callable

from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.clock import Clock

QUICK, QUICK_EVERY_US, EVERY_US = 8, 50_000, 5_000_000


class Timing:
    """One session's questions; `clock` has offset and drift."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self.clock = clock()
        self.due_us = 0
        self._asked: dict[int, int] = {}  # token -> host time, microseconds
        self._count = 0

    def request(self, now_us: int) -> wire.TimeRequest | None:
        """Return the question to send now, None when it is not time."""
        if now_us < self.due_us:
            return None
        self._count += 1
        self.due_us = now_us + (QUICK_EVERY_US if self._count < QUICK else EVERY_US)
        self._asked[self._count] = now_us
        if len(self._asked) > QUICK:  # the oldest was lost
            del self._asked[min(self._asked)]
        return wire.TimeRequest(self._count)

    def reply(self, message: wire.TimeReply, now_us: int) -> None:
        """Learn from an answer; one that was never asked for is ignored."""
        asked_us = self._asked.pop(message.token, None)
        if asked_us is not None:
            self.clock.add(asked_us, message.device_us, now_us)

    def host_us(self, device_us: int, now_us: int) -> int:
        """Return a device's time on the host's clock; before the first answer, now."""
        return self.clock.to_host_us(device_us) if self.clock.offset_us is not None else now_us
