"""What a user gives a device, checked before anything is sent: each error names the argument and what it may be."""

import math
import operator
import os
from collections.abc import Iterable
from typing import Any

from firmware_bridge.protocol.constants import FEATURES, KEY_BYTES, NO_LABEL
from firmware_bridge.protocol.errors import MalformedError

LABEL_MAX = 2**15 - 1
F32_MAX = 3.4028234663852886e38


def label(given: Any) -> int:
    """Return the label for the wire; None is NO_LABEL. Raises MalformedError for what is no class."""
    return NO_LABEL if given is None else whole("label", given, 0, LABEL_MAX, "or None")


def whole(name: str, given: Any, low: int, high: int, otherwise: str = "") -> int:
    """Return a whole number from ``low`` to ``high``; raises MalformedError for anything else."""
    try:
        value = operator.index(given)
    except TypeError:
        value = low - 1
    if not low <= value <= high:
        also = f", {otherwise}" if otherwise else ""
        raise MalformedError(f"{name} is a whole number from {low} to {high}{also}, not {given!r}")
    return value


def reward(given: Any) -> float:
    """Return a reward; raises MalformedError for one that float32 cannot hold."""
    try:
        value = float(given)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not abs(value) <= F32_MAX:
        raise MalformedError(f"a reward is a finite number, not {given!r}")
    return value


def features(given: Iterable[str]) -> int:
    """Return the sum of features; raises MalformedError for a name there is not."""
    if isinstance(given, str):
        raise MalformedError(f"features is a list of names, as [{given!r}]")
    names = set(given)
    if unknown := sorted(names - FEATURES.keys()):
        raise MalformedError(f"there is no feature {unknown[0]}; there are {', '.join(FEATURES)}")
    return sum(FEATURES[name] for name in names)


def port(given: str | os.PathLike[str]) -> str:
    """Return a URL or path as text; raises MalformedError for what is neither."""
    if not isinstance(given, (str, os.PathLike)):
        raise MalformedError(f"a port is a path or a URL as text, not {given!r}")
    return os.fspath(given)


def key(given: Any) -> bytes | None:
    """Return a key; raises MalformedError for what is none, and never repeats it."""
    if given is None:
        return None
    if not isinstance(given, (bytes, bytearray)):
        raise MalformedError(
            f"a key is {KEY_BYTES} bytes, not {type(given).__name__}: bytes.fromhex reads one"
        )
    if len(given) != KEY_BYTES:
        raise MalformedError(f"a key has {KEY_BYTES} bytes, this one has {len(given)}")
    return bytes(given)


def seconds(given: Any) -> float:
    """Return a deadline; raises MalformedError for one that is not above 0."""
    if not isinstance(given, (int, float)) or not given > 0:
        raise MalformedError(f"timeout_s is a number of seconds above 0, not {given!r}")
    return float(given)
