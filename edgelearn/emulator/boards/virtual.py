"""A line to a device of this process, and the clock that both ends go by: as fast as this machine, each run the same.

>>> line = VirtualLine(board); check_device(line.open, head, clock=line)

Rule: time passes while somebody waits, in `read` and `sleep`, and at no other moment.
"""

from typing import Self

from edgelearn.emulator.boards.serving import Served

STEP_US = 1_000
WAY_BYTES = 65_536  # that the device has said and nobody has read; a way that is full takes no more


class VirtualLine:
    """Bytes arrive as they are written; the pace of a line is the device's own."""

    def __init__(self, device: Served) -> None:
        self._device = device
        self._now_us = 0
        self._there = False
        self._said = bytearray()

    def open(self) -> Self:
        """Plug in; what was on the way is lost."""
        self.close()
        self._said.clear()
        self._device.connected(self._now_us)
        self._there = True
        return self

    def close(self) -> None:
        """Unplug; may be called again."""
        if self._there:
            self._device.disconnected(self._now_us)
        self._there = False

    def read(self, timeout_s: float) -> bytes:
        """Return what the device has said; waits for it, at most ``timeout_s``."""
        end_us = self._now_us + round(timeout_s * 1e6)
        while not self._said and self._now_us < end_us:
            self._step()
        data = bytes(self._said)
        self._said.clear()
        return data

    def write(self, data: bytes) -> int:
        """Return how many bytes were taken: all of them."""
        self._device.receive(data, self._now_us)
        return len(data)

    def room(self) -> int:
        """Return how many bytes may be written now."""
        return WAY_BYTES

    def now_us(self) -> int:
        """Return the time since the device was switched on, in microseconds."""
        return self._now_us

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        end_us = self._now_us + round(seconds * 1e6)
        while self._now_us < end_us:
            self._step()

    def _step(self) -> None:
        self._now_us += STEP_US
        room = WAY_BYTES - len(self._said) if self._there else 0
        self._said += self._device.transmit(self._now_us, room)
