"""Why a port cannot be opened, in a sentence that says what to do next."""

import errno
import os
from pathlib import Path

from firmware_bridge.protocol.errors import PortError

BUSY = (errno.EAGAIN, errno.EBUSY, errno.EWOULDBLOCK)


def refusal(path: str, error: Exception, present: list[str]) -> PortError:
    """Return the error to raise for ``error`` of opening ``path``; ``present`` are the ports there are."""
    code = _code(error)
    if code == errno.ENOENT:
        return PortError(f"there is no port {path}; there are: {', '.join(present) or 'none'}")
    if code in (errno.EACCES, errno.EPERM):
        return PortError(f"{path} may not be opened by this user: {_permission(path)}")
    if code in BUSY:
        return PortError(f"{path} is busy: another program has it open; close that first")
    if code == errno.ECONNREFUSED:
        return PortError(f"nobody listens at {path}: start what serves the device there")
    if code == errno.ENOTTY:
        return PortError(f"{path} is no serial port; there are: {', '.join(present) or 'none'}")
    return PortError(
        f"{path} cannot be used as a serial port ({error}); there are: {', '.join(present) or 'none'}"
    )


def _code(error: Exception) -> int | None:
    """Return the errno; pyserial on Windows has it in its words only."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    cause = error.__context__  # pyserial keeps the number of some errors there
    if isinstance(cause, OSError) and cause.errno is not None:
        return cause.errno
    words = str(error)
    if "FileNotFoundError" in words:
        return errno.ENOENT
    return errno.EBUSY if "PermissionError" in words else None  # what Windows says of a port in use


def _permission(path: str) -> str:
    try:
        import grp

        found = Path(path).stat()
        group = grp.getgrgid(found.st_gid)
    except (ImportError, KeyError, OSError):
        return "ask the administrator for the group of serial ports, often dialout"
    if not found.st_mode & 0o060 or group.gr_gid == 0:
        return f'its group {group.gr_name} does not help; a udev rule with GROUP="dialout", MODE="0660" does'
    user = os.environ.get("USER", "$USER")
    if user in group.gr_mem and group.gr_gid not in os.getgroups():
        return f"{user} is in its group {group.gr_name} since the last login only on paper; log in again"
    return f"join its group with `sudo usermod -a -G {group.gr_name} {user}`, then log in again"
