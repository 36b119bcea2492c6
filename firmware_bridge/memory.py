"""Two ends of a line in one process: for devices that are Python objects, and for tests.

``plug("name", attach)`` puts a device behind ``memory://name``: each time a host opens it, ``attach`` gets a fresh end.
"""

import threading
import time
from collections.abc import Callable

from firmware_bridge.pacing import Pace
from firmware_bridge.protocol.errors import PortError

CAPACITY = 65536  # bytes on the way, each direction

_plugged: dict[str, "Plug"] = {}


class _Way:
    """One direction: bytes on the way, and whether its ends are there."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.data = bytearray()
        self.cut = self.woken = False


class MemoryPort:
    """One end; the calls are those of `transport.Port`."""

    def __init__(self, url: str, inward: _Way, outward: _Way, baud: int | None = None) -> None:
        self.url = url
        self._in, self._out = inward, outward
        self._pace = Pace(baud)

    def read(self, timeout_s: float) -> bytes:
        """Return what has arrived; waits for it, `wake`, or ``timeout_s``. Raises PortError once the line is cut."""
        way = self._in
        with way.changed:
            way.changed.wait_for(lambda: way.data or way.cut or way.woken, timeout_s)
            way.woken = False
            data = bytes(way.data)
            way.data.clear()
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
        self._pace.sent(len(taken), time.monotonic())
        return len(taken)

    def room(self) -> int:
        """Return how many bytes may be written now."""
        return self._pace.room(time.monotonic())

    def wait_s(self) -> float:
        """Return when to come back with more, in seconds from now."""
        return self._pace.wait_s(time.monotonic())

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


class Plug:
    """A device behind a name, until `pull`."""

    def __init__(self, name: str, attach: Callable[[MemoryPort], object]) -> None:
        self.name, self._attach = name, attach
        self._ends: list[MemoryPort] = []

    def opened(self, url: str, baud: int | None) -> MemoryPort:
        """Return the host's end of a fresh line; the device has the other."""
        host, device = pair(url, baud)
        self._ends = [host]
        self._attach(device)
        return host

    def pull(self) -> None:
        """Unplug: the name is gone, and a line that is open is cut."""
        _plugged.pop(self.name, None)
        for end in self._ends:
            end.close()


def pair(url: str = "memory://", baud: int | None = None) -> tuple[MemoryPort, MemoryPort]:
    """Return the two ends of a line; what the first writes is paced to ``baud``."""
    there, back = _Way(), _Way()
    return MemoryPort(url, back, there, baud), MemoryPort(url, there, back)


def plug(name: str, attach: Callable[[MemoryPort], object]) -> Plug:
    """Put a device behind ``memory://name``; ``attach`` is called with its end whenever a host opens it."""
    _plugged[name] = Plug(name, attach)
    return _plugged[name]


def names() -> list[str]:
    """Return the URLs of the devices plugged in."""
    return [f"memory://{name}" for name in _plugged]


def opened(name: str, url: str, baud: int | None) -> MemoryPort:
    """Open ``memory://name``. Raises PortError when nothing is plugged in there."""
    plugged = _plugged.get(name)
    if plugged is None:
        raise PortError(f"nothing is plugged in at {url}; there are: {', '.join(names()) or 'none'}")
    return plugged.opened(url, baud)
