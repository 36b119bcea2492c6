"""Checks of hyperparameters, of the float32 that kernels get: each error names the argument and its bound."""

import numpy as np

from edgelearn.errors import ConfigError

__all__ = ["at_least", "between", "finite", "flag", "fraction", "ordered", "positive", "whole"]


def positive(name: str, value: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError unless it is finite and above 0."""
    single = _single(value)
    if not (single > 0 and np.isfinite(single)):
        raise ConfigError(f"{name} must be above 0, not {_said(value, single)}")
    return single


def at_least(name: str, value: float, low: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError unless it is finite and at least ``low``."""
    single = _single(value)
    if not (single >= np.float32(low) and np.isfinite(single)):
        raise ConfigError(f"{name} must be at least {low:g}, not {_said(value, single)}")
    return single


def fraction(name: str, value: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError outside [0, 1), where a trace would not fade."""
    single = _single(value)
    if not 0 <= single < 1:
        raise ConfigError(f"{name} must be in [0, 1), not {_said(value, single)}")
    return single


def between(name: str, value: float, low: float, high: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError outside [low, high]."""
    single = _single(value)
    if not np.float32(low) <= single <= np.float32(high):
        raise ConfigError(f"{name} must be in [{low:g}, {high:g}], not {_said(value, single)}")
    return single


def finite(name: str, value: float) -> np.float32:
    """Return ``value`` as float32; raises ConfigError for NaN and infinity."""
    single = _single(value)
    if not np.isfinite(single):
        raise ConfigError(f"{name} must be a finite number, not {_said(value, single)}")
    return single


def ordered(low: float, high: float) -> tuple[np.float32, np.float32]:
    """Return the weight bounds ``low`` and ``high`` as float32; raises ConfigError unless low < high."""
    lower, higher = _single(low), _single(high)
    if not lower < higher:
        raise ConfigError(f"the weight bounds must be low < high, not low={low!r}, high={high!r}")
    return lower, higher


def whole(name: str, value: int, low: int) -> int:
    """Return ``value`` as int; raises ConfigError unless it is a whole number of at least ``low``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise ConfigError(f"{name} must be a whole number of at least {low}, not {value!r}")
    return int(value)


def flag(name: str, value: bool) -> bool:
    """Return ``value``; raises ConfigError unless it is True or False, for a word such as "false" would be true."""
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be True or False, not {value!r}")
    return value


def _single(value: object) -> np.float32:
    """Return the value in float32; NaN, which is within no bounds, for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return np.float32(np.nan)
    try:
        with np.errstate(over="ignore"):
            return np.float32(float(value))
    except OverflowError:  # a whole number beyond all floats
        return np.float32(np.nan)


def _said(value: object, single: np.float32) -> str:
    """Return the value as it was given, and what float32 makes of it where that is something else."""
    if np.isnan(single) or f"{single:g}" == f"{value:g}":
        return repr(value)
    return f"{value!r}, which float32 rounds to {single:g}"
