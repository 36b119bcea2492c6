"""What moves the bytes of a wire between its two ends, turn by turn; the same in real and in virtual time.

Rule: it looks every millisecond; when a byte arrives between two looks is exact all the same, it is only seen then.
"""

import heapq
import threading
from collections.abc import Callable
from itertools import count

from edgelearn.emulator.wire.line import Line
from edgelearn.emulator.wire.sockets import Socket
from firmware_bridge.protocol.errors import PortError

TURN_S = 0.001


class Carrier:
    """``near`` is the host's end, ``far`` the device's; ``far_stays``: it is there while the wire is unplugged too."""

    def __init__(
        self,
        near: Socket,
        far: Socket,
        lines: tuple[Line, Line],
        now_us: Callable[[], int],
        *,
        fifo_bytes: int | None,
        far_stays: bool,
    ) -> None:
        self.near, self.far = near, far
        self.to_device, self.to_host = lines
        self.lock = threading.RLock()
        self.plugged = False
        self.unplugged = 0  # times
        self._now_us, self._fifo_bytes, self._far_stays = now_us, fifo_bytes, far_stays
        self._due: list[tuple[int, int, Callable[[], object]]] = []
        self._order = count()
        if far_stays:
            far.plug()

    def at(self, time_us: int, call: Callable[[], object]) -> None:
        """Have ``call`` happen in the first turn that is not before ``time_us``."""
        with self.lock:
            heapq.heappush(self._due, (time_us, next(self._order), call))

    def plug(self) -> None:
        """Join both ends, if they are not."""
        with self.lock:
            if not self.plugged:
                self.near.plug()
                if not self._far_stays:
                    self.far.plug()
                self.plugged = True

    def unplug(self) -> None:
        """Part them, if they are joined; what is on the way is lost."""
        with self.lock:
            if self.plugged:
                self.plugged = False
                self.unplugged += 1
                self._part()

    def turn(self, most_s: float = 0.0) -> float:  # noqa: ARG002 (it never waits)
        """Do what is due now; return the seconds until the next turn."""
        with self.lock:
            self._happen()
            self._pull(self.near, self.to_device)
            self._push(self.to_device, self.far, reads=self._fifo_bytes is None or self.far.reads())
            if self.far.turn():
                self._push(self.to_device, self.far, reads=self._fifo_bytes is None)
            self._pull(self.far, self.to_host)
            self._push(self.to_host, self.near, reads=True)
        return TURN_S

    def close(self) -> None:
        """Part them for good."""
        with self.lock:
            self.plugged = False
            self._part()
            self.near.close()
            self.far.close()

    def _part(self) -> None:
        self.near.unplug()
        if not self._far_stays:
            self.far.unplug()
        self.to_device.clear()
        self.to_host.clear()

    def _pull(self, socket: Socket, line: Line) -> None:
        """Put on the line what the one end has for it."""
        now_us = self._now_us()
        room, end = line.room(now_us), socket.end
        if end is None or not room:
            return
        try:
            data = end.read(0.0, room)
        except PortError:  # whoever had opened it has gone
            data = b""
        if self.plugged:
            line.give(data, now_us)

    def _push(self, line: Line, socket: Socket, *, reads: bool) -> None:
        """Hand over what has arrived; to an end that does not read only as much as its FIFO keeps."""
        data, end = line.take(self._now_us()), socket.end
        if not data:
            return
        try:
            if end is None:
                raise PortError("nobody is there")
            most = len(data) if reads else max(0, (self._fifo_bytes or 0) - end.unread())
            arrived = end.write(data[:most])
        except PortError:
            line.delivered(0, lost=len(data))
        else:
            line.delivered(arrived, overrun=len(data) - arrived)

    def _happen(self) -> None:
        while self._due and self._due[0][0] <= self._now_us():
            heapq.heappop(self._due)[2]()
