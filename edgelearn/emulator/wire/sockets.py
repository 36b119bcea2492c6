"""What a wire is plugged into: `MemorySocket`, `ptys.PtySocket` are names that others open, `devices` live here.

Rule: a socket's ``end`` is what the wire reads and writes; it is None while there is none, and raises PortError once
whoever had opened it has gone.
"""

from abc import ABC, abstractmethod
from typing import Protocol

from firmware_bridge import memory
from firmware_bridge.timebase import Timebase


class End(Protocol):
    """An end of a port that the wire holds; nothing here waits."""

    def read(self, timeout_s: float, most: int) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def unread(self) -> int: ...
    def close(self) -> None: ...


class Socket(ABC):
    """One end of the wire."""

    url = ""  # what others open; empty where nobody can
    end: End | None = None

    @abstractmethod
    def plug(self) -> None:
        """Be there."""

    def unplug(self) -> None:
        """Be gone."""
        end, self.end = self.end, None
        if end is not None:
            end.close()

    def reads(self) -> bool:
        """Return whether bytes are read as they come, so that no FIFO fills."""
        return self.end is not None and self.end.unread() == 0

    def turn(self) -> bool:
        """Live, where the wire's turns are all the life there is; return whether time passed, and nothing was read."""
        return False

    def close(self) -> None:
        """Be gone for good; may be called again."""
        self.unplug()


class MemorySocket(Socket):
    """``memory://name``: in virtual time, and on systems without ptys."""

    def __init__(self, name: str, baud: int, timebase: Timebase | None) -> None:
        self.url = f"memory://{name}?baud={baud}"
        self._name, self._timebase = name, timebase
        self._plug: memory.Plug | None = None

    def plug(self) -> None:
        self._plug = memory.plug(self._name, self._opened, self._timebase)

    def unplug(self) -> None:
        if self._plug is not None:
            self._plug.pull()
        super().unplug()

    def reads(self) -> bool:
        if self._timebase is not None and isinstance(self.end, memory.MemoryPort):
            return self.end.awaited()
        return super().reads()

    def _opened(self, end: memory.MemoryPort) -> None:
        if self.end is not None:
            self.end.close()
        self.end = end
