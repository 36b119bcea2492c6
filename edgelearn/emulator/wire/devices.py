"""Devices at the far end of a wire: in a thread in real time, turned by the wire in virtual time."""

from contextlib import suppress

from edgelearn.emulator.boards.serving import Runner, Served
from edgelearn.emulator.wire.sockets import Socket
from firmware_bridge import memory
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.timebase import Timebase


class ThreadSocket(Socket):
    """A device in a thread of its own, in real time."""

    def __init__(self, device: Served, baud: int) -> None:
        self._baud = baud
        self._runner = Runner(device, "the wire")

    def plug(self) -> None:
        there, self.end = memory.pair("the wire", self._baud)
        self._runner.attach(there)

    def close(self) -> None:
        self.unplug()
        with suppress(
            RuntimeError
        ):  # the collector may call this in that very thread, which then ends by itself
            self._runner.stop()


class ClockSocket(Socket):
    """A device that is turned by a virtual clock. It may sleep on that clock: it does not read then."""

    def __init__(self, device: Served, baud: int, timebase: Timebase) -> None:
        self._device, self._baud, self._timebase = device, baud, timebase
        self._line: memory.MemoryPort | None = None
        self._known: memory.MemoryPort | None = None  # the line that the device was told of
        self._busy = False

    def plug(self) -> None:
        self._line, self.end = memory.pair("the wire", self._baud, self._timebase)

    def unplug(self) -> None:
        self._line = None
        super().unplug()

    def reads(self) -> bool:
        return not self._busy

    def turn(self) -> bool:
        if self._busy:
            return False
        self._busy, began_us = True, self._timebase.now_us()
        try:
            self._tell()
            with suppress(PortError):  # unplugged while it slept
                self._live(self._known)
        finally:
            self._busy = False
        return self._timebase.now_us() > began_us

    def _tell(self) -> None:
        now_us = self._timebase.now_us()
        if self._known is not self._line:
            if self._known is not None:
                self._device.disconnected(now_us)
            if self._line is not None:
                self._device.connected(now_us)
            self._known = self._line

    def _live(self, line: memory.MemoryPort | None) -> None:
        now_us = self._timebase.now_us
        if line is None:
            self._device.transmit(now_us(), 0)
            return
        if data := line.read(0.0):
            self._device.receive(data, now_us())
        line.write(self._device.transmit(now_us(), line.room()))
