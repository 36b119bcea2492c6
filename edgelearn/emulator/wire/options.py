"""What a wire may be asked for, checked. Every function raises ConfigError that says what to do."""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from edgelearn.errors import ConfigError
from firmware_bridge.testing.faults import Faults

if TYPE_CHECKING:
    from edgelearn.emulator.clock import VirtualClock

BAUD_MAX = 100_000_000
LONGEST_US = 3_600_000_000


def whole(name: str, value: object, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"a wire's {name} is a whole number from {low} to {high}, not {value!r}")
    return value


def faults(given: Faults | Mapping[str, float]) -> Faults:
    """Return the faults; a mapping names those that may happen."""
    if isinstance(given, Mapping):
        for name in given:
            if name not in Faults._fields:
                near = get_close_matches(str(name), Faults._fields, 1)
                meant = f" (did you mean {near[0]}?)" if near else ""
                raise ConfigError(
                    f"a wire has no fault {name!r}{meant}; there are {', '.join(Faults._fields)}"
                )
        given = Faults(**given)  # type: ignore[arg-type]
    if not isinstance(given, Faults):
        raise ConfigError(
            f"a wire's faults are Faults(drop=1e-3, …) or a dict of them, not {type(given).__name__}"
        )
    for name, likely in zip(Faults._fields[:-1], given, strict=False):
        if not _number(likely) or not 0 <= likely <= 1:
            raise ConfigError(f"how likely {name} is is a number from 0 to 1, not {likely!r}")
    if given.per_byte > 1:
        raise ConfigError(
            f"drop, flip and insert together are at most 1, not {given.per_byte:g}: lower one of them"
        )
    whole("delay_us", given.delay_us, 2, LONGEST_US)
    return given


def check_parts(device: object, clock: object) -> None:
    """Check what hangs on the wire, and the clock it lives by; each may be None."""
    calls = ("connected", "disconnected", "receive", "transmit")
    if device is not None and not _has(device, calls):
        raise ConfigError(
            f"what hangs on a wire is a device with {', '.join(calls)}, such as Twin(head) or a board, not {device!r}"
        )
    if clock is not None and not _has(clock, ("now_us", "at", "until")):
        raise ConfigError(
            f"a wire's clock is a VirtualClock(), or None for this machine's time, not {clock!r}"
        )


def folder_of_names(given: str | Path) -> Path:
    """Return the folder below which the name of a pty goes, made if it was not there."""
    folder = Path(given)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"a wire's name cannot be put into {folder} ({error}); give it another folder, or none"
        ) from error
    return folder


def _has(given: object, calls: tuple[str, ...]) -> bool:
    return not isinstance(given, type) and all(callable(getattr(given, call, None)) for call in calls)


def name(given: str) -> str:
    """Return a name that a file and a URL can have."""
    if not isinstance(given, str) or not re.fullmatch(r"[A-Za-z0-9._-]+", given):
        raise ConfigError(f"a wire's name is letters, digits, '.', '_' and '-', not {given!r}")
    return given


def seconds(what: str, value: float) -> float:
    """Return a time in seconds, not negative."""
    if not _number(value) or not 0 <= value < float("inf"):
        raise ConfigError(f"{what} is a number of seconds, 0 or more, not {value!r}")
    return float(value)


def wants_pty(asked: bool | None, clock: "VirtualClock | None") -> bool:
    """Return whether the wire is a pty; None: where the system has them and time is real."""
    if asked and clock is not None:
        raise ConfigError(
            "a pty lives in this machine's time, not on a clock: leave out clock, or pty for a memory line"
        )
    if asked and not hasattr(os, "openpty"):
        raise ConfigError(
            "this system has no ptys: leave out pty=True, and the wire is a memory line of this process"
        )
    return clock is None and hasattr(os, "openpty") if asked is None else asked


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
