"""Edge devices on a desktop and in CI: profiles, limits, power cuts, serial lines, sensors, boards; deterministic.

Names load on first use: a test run that uses none of it pays nothing for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgelearn.emulator.clock import VirtualClock as VirtualClock

_HOME = {
    "VirtualClock": "clock",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'edgelearn.emulator' has no attribute {name!r}")
    value = getattr(import_module(f"edgelearn.emulator.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
