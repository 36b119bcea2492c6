"""The ports there are, by the name that stays the same, and what answers there."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from firmware_bridge import memory
from firmware_bridge.device import connect
from firmware_bridge.identity import Info
from firmware_bridge.protocol.errors import BridgeError
from firmware_bridge.transport import Present, present

BY_ID = Path("/dev/serial/by-id")


class Found(NamedTuple):
    url: str  # to open: the name in by-id where there is one
    path: str  # what it is now
    description: str
    serial_number: str | None


class Answer(NamedTuple):
    info: Info | None
    error: str | None  # why nothing is known


def ports(by_id: Path = BY_ID, finder: Callable[[], Iterable[Present]] = present) -> list[Found]:
    """Return the serial ports of this machine, then the devices plugged into memory."""
    stable = {os.path.realpath(link): str(link) for link in sorted(by_id.glob("*"))} if by_id.is_dir() else {}
    found = [
        Found(
            stable.get(os.path.realpath(port.path), port.path),
            port.path,
            port.description,
            port.serial_number,
        )
        for port in sorted(finder())
    ]
    return found + [Found(url, url, "in this process", None) for url in memory.names()]


def ask(url: str, *, baud: int = 115200, key: bytes | None = None, timeout_s: float = 1.0) -> Answer:
    """Return what answers at ``url``, or why nothing does."""
    try:
        with connect(url, baud=baud, key=key, timeout_s=timeout_s) as device:
            return Answer(device.hello(), None)
    except BridgeError as error:
        return Answer(None, str(error))
