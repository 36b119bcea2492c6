"""The one thread that owns a port and a Connection: reads, writes, and opens the port again when it has vanished."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from firmware_bridge.protocol.connection import Connection
from firmware_bridge.protocol.errors import BridgeError, PortError
from firmware_bridge.transport import Port

REOPEN_S = 0.05
IDLE_S = 0.1


def now_us() -> int:
    """Return the host's clock: `time.monotonic` in microseconds."""
    return time.monotonic_ns() // 1000


class Link:
    """Runs until `stop`. All functions given are called in its thread.

    ``handle`` takes events; ``feed`` is asked, before anything is sent, to queue what there is, and says when to be
    asked again at the latest; ``port_changed`` hears of the port that is there, or of None and why;
    ``crashed`` of an error that ends the thread.
    """

    def __init__(
        self,
        connection: Connection,
        reopen: Callable[[], Port],
        handle: Callable[[list[Any]], None],
        feed: Callable[[int], int | None],
        port_changed: Callable[[Port | None, str], None],
        crashed: Callable[[Exception], None],
    ) -> None:
        self._connection = connection
        self._reopen, self._handle, self._feed = reopen, handle, feed
        self._port_changed, self._crashed = port_changed, crashed
        self._port: Port | None = None
        self._unsent = b""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="firmware_bridge", daemon=True)

    def start(self, port: Port) -> None:
        """Begin on a port that is open."""
        self._attach(port)
        self._thread.start()

    def wake(self) -> None:
        """Have the thread look at once what there is to send."""
        port = self._port
        if port is not None:
            port.wake()

    def stop(self) -> None:
        """End the thread and close the port; may be called again, and by the thread itself."""
        self._stopping.set()
        self.wake()
        if threading.current_thread() is not self._thread and self._thread.is_alive():
            self._thread.join()

    @property
    def running(self) -> bool:
        """Whether the thread has not ended."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                port = self._port
                if port is None:
                    self._try_again()
                    continue
                try:
                    self._turn(port)
                except PortError as error:
                    self._detach(str(error))
        except Exception as error:
            self._crashed(error)
            raise
        finally:
            if self._port is not None:
                self._port.close()

    def _turn(self, port: Port) -> None:
        """Send what may be sent, then wait for what comes."""
        wait_s = self._send(port)
        data = port.read(wait_s)
        now = now_us()
        events = self._connection.receive(data, now) if data else []
        events += self._connection.poll(now)
        if events:
            self._handle(events)

    def _send(self, port: Port) -> float:
        """Write until the line has enough; return how long nothing else is to be done, in seconds."""
        due = self._feed(now_us())
        room = port.room()
        if room and not self._unsent:
            self._unsent = self._connection.transmit(now_us(), room)
        full = not room or len(self._unsent) >= room
        if self._unsent and room:
            taken = port.write(self._unsent[:room])
            full = full or taken < len(self._unsent)
            self._unsent = self._unsent[taken:]
        if full:
            return port.wait_s()
        now = now_us()
        times = [time_us for time_us in (due, self._connection.wake_us(now)) if time_us is not None]
        return min([IDLE_S, *((max(0, time_us - now)) / 1e6 for time_us in times)])

    def _try_again(self) -> None:
        try:
            port = self._reopen()
        except PortError:
            self._stopping.wait(REOPEN_S)
        else:
            self._attach(port)

    def _attach(self, port: Port) -> None:
        self._port = port
        self._unsent = b""
        self._connection.connected(now_us())
        self._port_changed(port, "")

    def _detach(self, reason: str) -> None:
        if self._port is not None:
            with suppress(BridgeError):
                self._port.close()
        self._port = None
        self._connection.disconnected(now_us())
        self._port_changed(None, reason)
