"""Whether the device that answers is the one that was there before: what is taught must never reach another one."""

from pathlib import Path
from typing import NamedTuple

from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.constants import NUMBERS, RULES
from firmware_bridge.transport import parse, serial_number

_RULES = {number: name for name, number in RULES.items()}
_NUMBERS = {number: name for name, number in NUMBERS.items()}


class Info(NamedTuple):
    """What a device says of itself."""

    firmware: str
    rule: str
    number: str
    n_pre: int
    n_post: int
    layout: int  # CRC-32 of the text that describes its state; 0: none
    applied: int  # the last command that changed what it learned, when the session was opened
    boot: int
    mtu: int
    rx_buffer: int
    tick_hz: int


def info(hello: wire.Hello) -> Info:
    """Return what a HELLO says, in words."""
    firmware = hello.firmware.rstrip(b"\0").decode("utf-8", "replace")
    rule = _RULES.get(hello.rule, str(hello.rule))
    number = _NUMBERS.get(hello.number, str(hello.number))
    return Info(firmware, rule, number, hello.n_pre, hello.n_post, hello.layout, hello.applied, hello.boot,
                hello.mtu, hello.rx_buffer, hello.tick_hz)  # fmt: skip


def names_one(url: str) -> bool:
    """Say whether ``url`` stands for one device, and not for whatever was plugged in first."""
    where = parse(url, 1)
    return where.scheme != "serial" or Path(where.name).is_symlink()


class Identity:
    """Remembers the device behind ``url``.

    A name that stands for one device (by-id and other links, sockets, memory, a USB serial number) is enough to know it
    after a restart; behind ``/dev/ttyUSB0`` and the like only the same boot is.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._named = names_one(url)
        self._serial_number = None if self._named else serial_number(url)
        self._known: Info | None = None

    def other(self, hello: wire.Hello, reopened: bool) -> str | None:
        """Return why this is another device, None when it is not; ``reopened``: the port had vanished in between."""
        seen, known = info(hello), self._known
        if known is None or known.boot == seen.boot:
            self._known = seen
            return None
        differ = [
            f"{name} {getattr(seen, name)} instead of {getattr(known, name)}"
            for name in ("firmware", "rule", "number", "n_pre", "n_post", "layout")
            if getattr(seen, name) != getattr(known, name)
        ]
        if differ:
            return f"another device answers at {self._url} ({', '.join(differ)}); nothing was sent to it"
        if reopened and not self._named and not self._same_usb():
            return (
                f"a device with the same firmware answers at {self._url}, but it cannot be told whether it is the one "
                "that was unplugged; nothing was sent to it. Open it by its name in /dev/serial/by-id"
            )
        self._known = seen
        return None

    def _same_usb(self) -> bool:
        return self._serial_number is not None and serial_number(self._url) == self._serial_number
