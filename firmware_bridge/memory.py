"""Two ends of a line in one process: for devices that are Python objects, and for tests.

``plug("name", attach)`` puts a device behind ``memory://name``: each time a host opens it, ``attach`` gets a fresh end.
With a ``timebase`` both ends live in its time, and so does a `Device` on them.
"""

import threading
from collections.abc import Callable

from firmware_bridge.pacing import Pace
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.timebase import MACHINE, Time, Timebase, Virtual

CAPACITY = 65536  # bytes on the way, each direction

_plugged: dict[str, "Plug"] = {}


class _Way:
    """One direction: bytes on the way, and whether its ends are there."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.data = bytearray()
        self.cut = self.woken = self.awaited = False


class MemoryPort:
    """One end; the calls are those of `transport.Port`."""

    def __init__(
        self, url: str, inward: _Way, outward: _Way, baud: int | None = None, time: Time = MACHINE
    ) -> None:
        self.url, self.time = url, time
        self._in, self._out = inward, outward
        self._pace = Pace(baud)

    def read(self, timeout_s: float, most: int = CAPACITY) -> bytes:
        """Return what has arrived, ``most`` bytes at most; waits for it, `wake`, or ``timeout_s``.

        Raises PortError once the line is cut.
        """
        way, end_s = self._in, self._now_s() + timeout_s
        with way.changed:
            way.awaited = True
            while not (way.data or way.cut or way.woken) and (left_s := end_s - self._now_s()) > 0:
                self.time.wait(way.changed, left_s)
            way.awaited = way.woken = False
            data = bytes(way.data[:most])
            del way.data[:most]
            if way.cut and not data:
                raise PortError(f"{self.url} has vanished; it is used again when it is back")
            return data

    def write(self, data: bytes) -> int:
        """Return how many bytes were taken, 0 when the way is full. Raises PortError once the line is cut."""
        way = self._out
        with way.changed:
            if way.cut:
                raise PortError(f"{self.url} has vanished; it is used again when it is back")
            taken = data[: CAPACITY - len(way.data)]
            way.data += taken
            way.changed.notify_all()
        self._pace.sent(len(taken), self._now_s())
        return len(taken)

    def unread(self) -> int:
        """Return how many bytes lie there for the other end."""
        return len(self._out.data)

    def awaited(self) -> bool:
        """Return whether the other end waits in `read`."""
        return self._out.awaited

    def room(self) -> int:
        """Return how many bytes may be written now."""
        return self._pace.room(self._now_s())

    def wait_s(self) -> float:
        """Return when to come back with more, in seconds from now."""
        return self._pace.wait_s(self._now_s())

    def wake(self) -> None:
        """End a `read` that waits in another thread."""
        with self._in.changed:
            self._in.woken = True
            self._in.changed.notify_all()

    def close(self) -> None:
        """Cut the line; the other end's next `read` fails."""
        for way in (self._in, self._out):
            with way.changed:
                way.cut = True
                way.changed.notify_all()

    def _now_s(self) -> float:
        return self.time.now_us() / 1e6


class Plug:
    """A device behind a name, until `pull`."""

    def __init__(self, name: str, attach: Callable[[MemoryPort], object], timebase: Timebase | None) -> None:
        self.name, self._attach, self.timebase = name, attach, timebase
        self._ends: list[MemoryPort] = []

    def opened(self, url: str, baud: int | None) -> MemoryPort:
        """Return the host's end of a fresh line; the device has the other."""
        host, device = pair(url, baud, self.timebase)
        self._ends = [host]
        self._attach(device)
        return host

    def pull(self) -> None:
        """Unplug: the name is gone, and a line that is open is cut."""
        if _plugged.get(self.name) is self:
            del _plugged[self.name]
        for end in self._ends:
            end.close()


def pair(
    url: str = "memory://", baud: int | None = None, timebase: Timebase | None = None
) -> tuple[MemoryPort, MemoryPort]:
    """Return the two ends of a line; what the first writes is paced to ``baud``."""
    there, back = _Way(), _Way()
    time = MACHINE if timebase is None else Virtual(timebase)
    return MemoryPort(url, back, there, baud, time), MemoryPort(url, there, back, None, time)


def plug(name: str, attach: Callable[[MemoryPort], object], timebase: Timebase | None = None) -> Plug:
    """Put a device behind ``memory://name``; ``attach`` is called with its end whenever a host opens it."""
    _plugged[name] = Plug(name, attach, timebase)
    return _plugged[name]


def names() -> list[str]:
    """Return the URLs of the devices plugged in."""
    return [f"memory://{name}" for name in _plugged]


def virtual(name: str) -> bool:
    """Return whether a device with a time of its own is plugged in there."""
    return name in _plugged and _plugged[name].timebase is not None


def opened(name: str, url: str, baud: int | None) -> MemoryPort:
    """Open ``memory://name``. Raises PortError when nothing is plugged in there."""
    plugged = _plugged.get(name)
    if plugged is None:
        raise PortError(f"nothing is plugged in at {url}; there are: {', '.join(names()) or 'none'}")
    return plugged.opened(url, baud)
