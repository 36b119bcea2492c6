"""How long to wait for an acknowledgement. Jacobson, SIGCOMM 1988; Karn and Partridge, SIGCOMM 1987; RFC 6298."""

from firmware_bridge.protocol.constants import RTO_DOUBLINGS, RTO_FIRST_US, RTO_MAX_US, RTO_MIN_US


class RoundTrip:
    """Smoothed round trip and its deviation, in whole microseconds."""

    def __init__(self) -> None:
        self.smoothed_us: int | None = None
        self._deviation_us = 0
        self._doubled = 0

    def measured(self, took_us: int) -> None:
        """Take the round trip of a frame that was sent once."""
        if self.smoothed_us is None:
            self.smoothed_us, self._deviation_us = took_us, took_us // 2
            return
        self._deviation_us += (abs(took_us - self.smoothed_us) - self._deviation_us) // 4
        self.smoothed_us += (took_us - self.smoothed_us) // 8

    def expired(self) -> None:
        """Wait twice as long, until something is acknowledged; no longer than ``RTO_DOUBLINGS`` make it.

        What TCP's back-off is for, many senders on one line, is not here; damage needs the next try soon.
        """
        self._doubled = min(self._doubled + 1, RTO_DOUBLINGS)

    def acknowledged(self) -> None:
        """Wait the ordinary time again."""
        self._doubled = 0

    @property
    def doubled(self) -> bool:
        """Whether the wait is longer than the ordinary."""
        return self._doubled > 0

    @property
    def timeout_us(self) -> int:
        """How long to wait before the oldest frame is sent again."""
        if self.smoothed_us is None:
            wait_us = RTO_FIRST_US
        else:
            wait_us = self.smoothed_us + max(4 * self._deviation_us, RTO_MIN_US)
        return min(max(wait_us, RTO_MIN_US) << self._doubled, RTO_MAX_US)
