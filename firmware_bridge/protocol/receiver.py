"""The receiving half of the reliable channel. `SPEC.md`, 4.

Rule 1. Each frame once, in order; at most 32 are kept ahead of their turn.
Rule 2. Credit is given back when a frame is delivered, not when it arrives.
"""

from firmware_bridge.protocol.constants import FRAME_COST, WINDOW_MAX
from firmware_bridge.protocol.messages import Ack


class Receiver:
    """Frames on their way to the user."""

    def __init__(self, rx_buffer: int) -> None:
        self._rx_buffer = rx_buffer
        self.restart()

    def restart(self) -> None:
        """Begin a new session."""
        self.expected = 0  # number of the next frame to deliver
        self._ahead: dict[int, tuple[int, bytes]] = {}
        self._delivered_cost = self._told_cost = 0

    def arrived(self, number: int, kind: int, payload: bytes) -> bool:
        """Keep a frame; False for one seen before."""
        if number < self.expected or number in self._ahead:
            return False
        if number <= self.expected + WINDOW_MAX:
            self._ahead[number] = kind, payload
        return True

    def deliver(self) -> tuple[int, bytes] | None:
        """Return the next frame's type and payload, or None where it is not here."""
        item = self._ahead.pop(self.expected, None)
        if item is not None:
            self.expected += 1
            self._delivered_cost += len(item[1]) + FRAME_COST
        return item

    @property
    def must_tell(self) -> bool:
        """Whether a frame's `ack` alone would not say enough."""
        return bool(self._ahead) or self._delivered_cost - self._told_cost >= self._rx_buffer // 4

    def ack(self) -> Ack:
        """Return what to tell the other end."""
        self._told_cost = self._delivered_cost
        sack = sum(1 << (number - self.expected - 1) for number in self._ahead if number > self.expected)
        return Ack(sack, (self._delivered_cost + self._rx_buffer) & 0xFFFFFFFF)
