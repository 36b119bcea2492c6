"""What owns a port and a Connection: reads, writes, and opens the port again when it has vanished, turn by turn."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from firmware_bridge.protocol.connection import Connection
from firmware_bridge.protocol.errors import BridgeError, PortError
from firmware_bridge.timebase import Time
from firmware_bridge.transport import Port

REOPEN_S = 0.05
IDLE_S = 0.1


class Link:
    """Turned by ``time`` until `stop`: in a thread, or by whoever waits. All functions given are called in a turn.

    ``handle`` takes events; ``feed`` is asked, before anything is sent, to queue what there is, and says when to be
    asked again at the latest; ``port_changed`` hears of the port that is there, or of None and why;
    ``crashed`` of an error that ends the link.
    """

    def __init__(
        self,
        connection: Connection,
        time: Time,
        reopen: Callable[[], Port],
        handle: Callable[[list[Any]], None],
        feed: Callable[[int], int | None],
        port_changed: Callable[[Port | None, str], None],
        crashed: Callable[[Exception], None],
    ) -> None:
        self._connection, self._time = connection, time
        self._reopen, self._handle, self._feed = reopen, handle, feed
        self._port_changed, self._crashed = port_changed, crashed
        self._port: Port | None = None
        self._unsent = b""
        self._turning = time.turning(self._turn, self._close)

    def start(self, port: Port) -> None:
        """Begin on a port that is open."""
        self._attach(port)
        self._turning.start()

    def wake(self) -> None:
        """Have it looked at once what there is to send."""
        port = self._port
        if port is not None:
            port.wake()

    def stop(self) -> None:
        """End the turns and close the port; may be called again, and in a turn."""
        self._turning.end(self.wake)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._turning.alive

    def _turn(self, most_s: float) -> float:
        """Send and receive once, waiting ``most_s`` at most; return the seconds until there may be more to do."""
        try:
            if self._port is None:
                return self._try_again()
            try:
                return self._exchange(self._port, most_s)
            except PortError as error:
                self._detach(str(error))
                return 0.0
        except Exception as error:
            self._crashed(error)
            raise

    def _exchange(self, port: Port, most_s: float) -> float:
        """Send what may be sent, then wait for what comes."""
        wait_s = self._send(port)
        data = port.read(min(wait_s, most_s))
        now = self._time.now_us()
        events = self._connection.receive(data, now) if data else []
        events += self._connection.poll(now)
        if events:
            self._handle(events)
        return 0.0 if data else max(0.0, wait_s - most_s)

    def _send(self, port: Port) -> float:
        """Write until the line has enough; return how long nothing else is to be done, in seconds."""
        due = self._feed(self._time.now_us())
        room = port.room()
        if room and not self._unsent:
            self._unsent = self._connection.transmit(self._time.now_us(), room)
        full = not room or len(self._unsent) >= room
        if self._unsent and room:
            taken = port.write(self._unsent[:room])
            full = full or taken < len(self._unsent)
            self._unsent = self._unsent[taken:]
        if full:
            return port.wait_s()
        now = self._time.now_us()
        times = [time_us for time_us in (due, self._connection.wake_us(now)) if time_us is not None]
        return min([IDLE_S, *((max(0, time_us - now)) / 1e6 for time_us in times)])

    def _try_again(self) -> float:
        try:
            port = self._reopen()
        except PortError:
            return REOPEN_S
        self._attach(port)
        return 0.0

    def _attach(self, port: Port) -> None:
        self._port = port
        self._unsent = b""
        self._connection.connected(self._time.now_us())
        self._port_changed(port, "")

    def _detach(self, reason: str) -> None:
        if self._port is not None:
            with suppress(BridgeError):
                self._port.close()
        self._port = None
        self._connection.disconnected(self._time.now_us())
        self._port_changed(None, reason)

    def _close(self) -> None:
        if self._port is not None:
            self._port.close()
