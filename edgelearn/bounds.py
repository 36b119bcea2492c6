"""Checks of hyperparameters: each error names the argument and its bound."""

import math

import numpy as np

from edgelearn.errors import ConfigError

__all__ = ["at_least", "between", "finite", "fraction", "ordered", "positive", "whole"]


def positive(name: str, value: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError unless it is finite and above 0."""
    if not (_is_number(value) and value > 0 and math.isfinite(value)):
        raise ConfigError(f"{name} must be above 0, not {value!r}")
    return np.float32(value)


def at_least(name: str, value: float, low: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError unless it is finite and at least ``low``."""
    if not (_is_number(value) and value >= low and math.isfinite(value)):
        raise ConfigError(f"{name} must be at least {low:g}, not {value!r}")
    return np.float32(value)


def fraction(name: str, value: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError outside [0, 1), where a trace would not fade."""
    if not (_is_number(value) and value >= 0 and np.float32(value) < 1):
        raise ConfigError(f"{name} must be in [0, 1), not {value!r}")
    return np.float32(value)


def between(name: str, value: float, low: float, high: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError outside [low, high]."""
    if not (_is_number(value) and low <= value <= high):
        raise ConfigError(f"{name} must be in [{low:g}, {high:g}], not {value!r}")
    return np.float32(value)


def finite(name: str, value: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError for NaN and infinity."""
    if not (_is_number(value) and math.isfinite(value)):
        raise ConfigError(f"{name} must be a finite number, not {value!r}")
    return np.float32(value)


def ordered(low: float, high: float) -> tuple[np.float32, np.float32]:
    """Return the weight bounds ``low`` and ``high`` as float32; raises ConfigError unless low < high."""
    if not (_is_number(low) and _is_number(high) and low < high):
        raise ConfigError(f"the weight bounds must be low < high, not low={low!r}, high={high!r}")
    return np.float32(low), np.float32(high)


def whole(name: str, value: int, low: int) -> int:
    """Return ``value`` as int; raises ConfigError unless it is a whole number of at least ``low``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise ConfigError(f"{name} must be a whole number of at least {low}, not {value!r}")
    return int(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
