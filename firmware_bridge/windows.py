"""Sensor windows as the host sees them: with its own time, and with what was lost between them."""

from collections import deque
from dataclasses import dataclass, replace

from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.constants import FORMATS
from firmware_bridge.protocol.errors import MalformedError
from firmware_bridge.values import samples

KEPT = 1024  # windows that wait to be taken; then the oldest goes, and is counted as a gap
_NAMES = {number: name for name, number in FORMATS.items()}


@dataclass(frozen=True, slots=True)
class Window:
    """Samples of all channels, or features of them."""

    index: int  # counts the device's windows from its start
    time_s: float  # of the first sample, on the scale of `time.monotonic`, or of the port's own clock (`timebase`)
    device_us: int  # the same by the device's clock, modulo 2**32
    values: memoryview  # (channels, n) int16 or float32
    format: str  # i16, f32: samples; features
    count: int  # samples a channel, also of features
    gap: int  # windows lost between the one before and this one


class Windows:
    """Those that wait, and counts: received + missing = made by the device, dropped of those received here."""

    def __init__(self) -> None:
        self.received = self.missing = self.dropped = self.malformed = 0
        self._waiting: deque[Window] = deque()
        self._gap = 0

    def lost(self, count: int) -> None:
        """Count windows that never arrived."""
        self.missing += count
        self._gap += count

    def add(self, message: wire.Window, time_s: float) -> None:
        """Take a window that arrived; one whose bytes do not divide into its channels counts as lost."""
        name = _NAMES.get(message.format, "")
        try:
            values = samples(message.data, "h" if name == "i16" else "f", message.channels)
        except MalformedError:
            self.malformed += 1
            self._gap += 1
            return
        self.received += 1
        window = Window(message.index, time_s, message.time_us, values, name, message.count, self._gap)
        self._gap = 0
        self._waiting.append(window)
        if len(self._waiting) > KEPT:
            oldest = self._waiting.popleft()
            self.dropped += 1
            self._waiting[0] = replace(self._waiting[0], gap=self._waiting[0].gap + oldest.gap + 1)

    def take(self) -> Window | None:
        """Return the oldest that waits."""
        return self._waiting.popleft() if self._waiting else None
