"""A twin, or a board, in a thread of its own, behind ``memory://name``: for hosts that want a device and have none.

>>> with serving(twin, "bench") as running: device = firmware_bridge.device.connect(running.url)
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from firmware_bridge import memory
from firmware_bridge.protocol.errors import PortError

TURN_S = 0.005  # the longest wait for bytes: samples and timers come due meanwhile
ROOM_BYTES = 4096
_BEGAN_NS = (
    time.monotonic_ns()
)  # a sensor is asked from its time 0 on: not for all the days that this machine is up


class Served(Protocol):
    """What has a line and lives by times it is given: `twin.Twin`, `board.Board`."""

    def connected(self, now_us: int) -> None: ...
    def disconnected(self, now_us: int) -> None: ...
    def receive(self, data: bytes, now_us: int) -> object: ...
    def transmit(self, now_us: int, room: int) -> bytes: ...


class Runner:
    """Gives the twin its line and its time, until `stop`; a new line replaces the old one."""

    def __init__(self, twin: Served, url: str) -> None:
        self.twin, self.url = twin, url
        self.lock = threading.Lock()  # held while the twin acts; hold it to reboot or look into it
        self._end: memory.MemoryPort | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twin", daemon=True)
        self._thread.start()

    def attach(self, end: memory.MemoryPort) -> None:
        """Take a fresh line."""
        with self.lock:
            if self._end is not None:
                self._end.close()
            self._end = end
            self.twin.connected(now_us())

    def stop(self) -> None:
        """End the thread and the line."""
        self._stopped.set()
        self._thread.join()
        if self._end is not None:
            self._end.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            end = self._end
            if end is None:
                self._stopped.wait(TURN_S)
                with self.lock:
                    self.twin.transmit(now_us(), 0)  # its own time goes on
                continue
            try:
                data = end.read(TURN_S)
                with self.lock:
                    if end is self._end:
                        self._turn(end, data)
            except PortError:
                with self.lock:
                    if end is self._end:
                        self._end = None
                        self.twin.disconnected(now_us())

    def _turn(self, end: memory.MemoryPort, data: bytes) -> None:
        self.twin.receive(data, now_us())
        while out := self.twin.transmit(now_us(), min(end.room(), ROOM_BYTES)):
            taken = end.write(out)
            while taken < len(out):  # a way that is full: bytes that left the twin must not be lost
                time.sleep(TURN_S)
                taken += end.write(out[taken:])


def now_us() -> int:
    """Return the time that a served twin is given: microseconds since this process began with it."""
    return (time.monotonic_ns() - _BEGAN_NS) // 1000


@contextmanager
def serving(twin: Served, name: str) -> Iterator[Runner]:
    """Run ``twin`` behind ``memory://name`` as long as the block lasts."""
    runner = Runner(twin, f"memory://{name}")
    plug = memory.plug(name, runner.attach)
    try:
        yield runner
    finally:
        plug.pull()
        runner.stop()
