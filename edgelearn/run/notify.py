"""Words to the service manager (sd_notify), where one started this process; silence elsewhere."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


def notify(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send a state such as ``READY=1`` to the datagram socket named in NOTIFY_SOCKET."""
    address = environ.get("NOTIFY_SOCKET", "")
    if address.startswith(("/", "@")):
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def watchdog_s(environ: Mapping[str, str] = os.environ) -> float | None:
    """Return how often the service manager wants a sign of life, halved; None when it does not."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = int(environ.get("WATCHDOG_USEC", "0"))
    return microseconds / 2e6 or None
