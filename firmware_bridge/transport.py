"""Bytes over a serial port, a socket or memory; the only import of pyserial.

``/dev/serial/by-id/…``, ``/dev/ttyACM0``, ``COM3``, ``serial:///dev/ttyACM0?baud=921600``, ``socket://host:port``,
``loop://``, ``memory://name``. A port that vanishes raises PortError from every call, whatever lies below.

Opening never moves DTR by itself: what the system raises stays raised, also after `close`, so that a board whose DTR is
wired to reset restarts at most once after it was plugged in. ``?reset=1`` pulses it on purpose.
"""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

import serial
from serial.tools import list_ports

from firmware_bridge import memory
from firmware_bridge.pacing import AHEAD_S, BITS, Pace
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.refusals import refusal
from firmware_bridge.timebase import MACHINE, Time

try:
    import termios

    _VANISHED: tuple[type[Exception], ...] = (OSError, termios.error, TypeError, ValueError)
except ImportError:  # Windows
    _VANISHED = (OSError, TypeError, ValueError)

LOOK_S = 0.02  # how often it is looked whether the port is still there
READ_BYTES = 65536
RESET_S = 0.05
BAUD_MAX = 100_000_000


class Port(Protocol):
    """What `link` needs of a line. Every call raises PortError once the port has vanished."""

    url: str
    time: Time  # that the link on it lives by

    def read(self, timeout_s: float) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def room(self) -> int: ...
    def wait_s(self) -> float: ...
    def wake(self) -> None: ...
    def close(self) -> None: ...


class Where(NamedTuple):
    """A URL taken apart."""

    scheme: str  # serial, socket, loop, memory
    name: str  # what the scheme opens
    baud: int | None
    reset: bool


class Present(NamedTuple):
    """A serial port of this machine."""

    path: str
    description: str
    serial_number: str | None  # of the USB device


def parse(url: str, baud: int) -> Where:
    """Take a URL apart; ``baud`` is for ports whose URL names none. Raises PortError for what is no URL of a port."""
    scheme, parts = ("serial", None) if "://" not in url else (url.split(":", 1)[0], urlsplit(url))
    if not isinstance(baud, int) or not 0 < baud <= BAUD_MAX:
        raise PortError(f"{url}: baud is a whole number from 1 to {BAUD_MAX}, not {baud!r}")
    if not url or "\0" in url:
        raise PortError(f"{url!r} is no name of a port; `edgelearn bridge list` shows those there are")
    if parts is None:
        return Where("serial", url, baud, False)
    if scheme not in ("serial", "socket", "loop", "memory"):
        raise PortError(
            f"{url}: there is no {scheme}://; use a path, serial:///dev/…?baud=…, socket://host:port or memory://"
        )
    options = parse_qs(parts.query)
    if unknown := set(options) - {"baud", "reset"}:
        raise PortError(f"{url}: there is no option {', '.join(sorted(unknown))}; there are baud and reset")
    try:
        asked = int(options["baud"][0]) if "baud" in options else None
        if asked is not None and not 0 < asked <= BAUD_MAX:
            raise ValueError
        name = parts.netloc + parts.path
        if (scheme == "socket" and (not parts.hostname or parts.port is None)) or (
            scheme == "serial" and not name
        ):
            raise ValueError
    except ValueError:
        raise PortError(
            f"{url}: baud is a whole number from 1 to {BAUD_MAX}, serial:// needs a path, and a socket needs host:port"
        ) from None
    return Where(scheme, name, asked or (baud if scheme == "serial" else None), options.get("reset") == ["1"])


def open_port(url: str, baud: int = 115200) -> Port:
    """Open the port of ``url``. Raises PortError that says why not and what to do."""
    where = parse(url, baud)
    if where.scheme == "memory":
        return memory.opened(where.name, url, where.baud)
    return SerialPort(url, where)


def virtual(url: str) -> bool:
    """Return whether what is at ``url`` brings its own time; opens nothing."""
    where = parse(url, 1)
    return where.scheme == "memory" and memory.virtual(where.name)


def present() -> list[Present]:
    """Return the serial ports of this machine."""
    return [Present(port.device, port.description, port.serial_number) for port in list_ports.comports()]


def serial_number(url: str) -> str | None:
    """Return the serial number of the USB device behind ``url``, None where there is none."""
    path = os.path.realpath(parse(url, 1).name)
    return next((port.serial_number for port in present() if os.path.realpath(port.path) == path), None)


@contextmanager
def _vanishing(url: str) -> Iterator[None]:
    """Make one error of what a vanished port raises: SerialException, OSError, termios.error, TypeError."""
    try:
        yield
    except PortError:
        raise
    except _VANISHED as error:
        raise PortError(f"{url} has vanished ({error}); it is used again when it is back") from error


class SerialPort:
    """A port of pyserial: the system's, a socket, or a loop."""

    def __init__(self, url: str, where: Where) -> None:
        self.url = url
        self.time: Time = MACHINE
        self._path = where.name if where.scheme == "serial" else None
        self._serial = _opened(where)
        self._pace = Pace(where.baud)
        self._ends = socket.socketpair()  # wake() writes to the second, read() waits for the first as well
        self._descriptor = _descriptor(self._serial)
        self._device = os.fstat(self._descriptor).st_rdev if self._descriptor is not None else 0

    def read(self, timeout_s: float) -> bytes:
        """Return what has arrived; waits for it, for `wake`, or ``timeout_s``."""
        with _vanishing(self.url):
            if self._descriptor is None:
                return self._read_blocking(timeout_s)
            return self._read_selected(self._descriptor, timeout_s)

    def write(self, data: bytes) -> int:
        """Return how many bytes the system took, 0 when its buffer is full."""
        with _vanishing(self.url):
            if self._descriptor is not None and not select.select([], [self._descriptor], [], 0)[1]:
                return 0  # pyserial would turn in circles
            taken: int = self._serial.write(data)
        self._pace.sent(taken, time.monotonic())
        return taken

    def room(self) -> int:
        """Return how many bytes may be written, so that no more than AHEAD_S of the line are ahead."""
        room = self._pace.room(time.monotonic())
        if room and self._path is not None and self._pace.baud is not None:
            with _vanishing(self.url):
                room = min(room, max(1, int(AHEAD_S * self._pace.baud / BITS)) - self._serial.out_waiting)
        return max(0, room)

    def wait_s(self) -> float:
        """Return when to come back with more, in seconds from now."""
        return self._pace.wait_s(time.monotonic())

    def wake(self) -> None:
        """End a `read` that waits in another thread."""
        with suppress(OSError):  # closed meanwhile
            self._ends[1].send(b"w")

    def close(self) -> None:
        """Close the port; may be called again."""
        with suppress(*_VANISHED):
            self._serial.close()
        for end in self._ends:
            end.close()

    def _read_selected(self, descriptor: int, timeout_s: float) -> bytes:
        end_s = time.monotonic() + timeout_s
        while True:
            left_s = max(0.0, end_s - time.monotonic())
            woken = self._ends[0].fileno()
            ready, _, _ = select.select([descriptor, woken], [], [], min(left_s, LOOK_S))
            if descriptor in ready:
                data: bytes = self._serial.read(READ_BYTES)
                return data
            if ready:
                self._ends[0].recv(4096)
                return b""
            self._look()
            if left_s <= LOOK_S:
                return b""

    def _read_blocking(self, timeout_s: float) -> bytes:
        """Wait in pyserial itself, as Windows has to; a `wake` is noticed within LOOK_S."""
        end_s = time.monotonic() + timeout_s
        while True:
            data: bytes = self._serial.read(1)
            if data:
                return data + bytes(self._serial.read(self._serial.in_waiting))
            woken = bool(select.select([self._ends[0]], [], [], 0)[0])
            if woken:
                self._ends[0].recv(4096)
            if woken or time.monotonic() >= end_s:
                return b""

    def _look(self) -> None:
        """Raise PortError when the name is gone, or stands for another device now."""
        if self._path is not None and os.name == "posix" and Path(self._path).stat().st_rdev != self._device:
            raise PortError(f"{self.url} is another device now; it is looked at anew")


def _opened(where: Where) -> Any:
    """Open with pyserial, exclusively and without waiting in writes. Raises PortError."""
    system = where.scheme == "serial"
    url = where.name if system else f"{where.scheme}://{where.name}"
    port: Any = None
    try:
        port = serial.serial_for_url(url, baudrate=where.baud or 115200, do_not_open=True)
        if system and os.name == "posix":
            port.exclusive = True
        port.open()
        selectable = _descriptor(port) is not None
        port.timeout, port.write_timeout = (0, 0) if selectable else (LOOK_S, 1.0)
        if system:
            _settle(port, where.reset)
    except _VANISHED as error:
        if port is not None:
            with suppress(*_VANISHED):
                port.close()
        raise refusal(where.name, error, [*(found.path for found in present()), *memory.names()]) from error
    return port


def _settle(port: Any, reset: bool) -> None:
    """Ask for low latency, keep DTR as it is when the port is closed, and pulse it if asked."""
    with suppress(AttributeError, *_VANISHED):  # not every driver and system can
        port.set_low_latency_mode(True)
    with suppress(NameError, *_VANISHED):
        attributes = termios.tcgetattr(port.fileno())
        attributes[2] &= ~termios.HUPCL
        termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
    if reset:
        port.dtr = False
        time.sleep(RESET_S)
        port.dtr = True


def _descriptor(port: Any) -> int | None:
    """Return what `select` takes, None where the system has nothing of the kind."""
    try:
        descriptor = port.fileno()
    except (AttributeError, OSError):
        return None
    return descriptor if isinstance(descriptor, int) else None
