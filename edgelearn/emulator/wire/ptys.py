"""A pty behind a name that stays, as udev keeps one for each USB device: ``by-id/usb-edgelearn_NAME-if00``.

Rule: the system gives the number of a pty again at once; the name is swapped in one step and never points elsewhere.
"""

import os
import struct
from contextlib import suppress
from pathlib import Path

from edgelearn.emulator.wire.sockets import Socket
from firmware_bridge.protocol.errors import PortError


class PtySocket(Socket):
    """Whoever opens the name has a serial port; unplugged, the name is gone and the port raises what ports raise."""

    def __init__(self, folder: Path, name: str) -> None:
        self._link = folder / "by-id" / f"usb-edgelearn_{name}-if00"
        self.url = str(self._link)

    def plug(self) -> None:
        end = PtyEnd()
        self._link.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)  # of a program that was killed
        fresh.symlink_to(end.path)
        fresh.replace(self._link)
        self.end = end

    def unplug(self) -> None:
        if self.end is not None:
            self._link.unlink(missing_ok=True)
        super().unplug()


class PtyEnd:
    """The master of a fresh raw pty. The slave is held open, or the master would fail while nobody has opened it."""

    def __init__(self) -> None:
        import tty

        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)

    def read(self, timeout_s: float, most: int) -> bytes:  # noqa: ARG002 (nothing here waits)
        """Return at most ``most`` bytes of those written to the pty."""
        try:
            return os.read(self._master, most)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise PortError(f"the pty {self.path} is closed ({error})") from error

    def write(self, data: bytes) -> int:
        """Return how many bytes the system keeps for who reads the pty."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise PortError(f"the pty {self.path} is closed ({error})") from error

    def unread(self) -> int:
        """Return how many bytes were written and not read."""
        import fcntl
        import termios

        count: tuple[int] = struct.unpack("i", fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)))
        return count[0]

    def close(self) -> None:
        """Close both ends; may be called again."""
        for descriptor in (self._master, self._slave):
            with suppress(OSError):
                os.close(descriptor)
        self._master = self._slave = -1
