"""Third factors, one a file; the folder is the registry."""

from typing import Any

from edgelearn.registry import make_from, names_in
from edgelearn.signals.base import Signal

__all__ = ["Signal", "make", "names"]


def names() -> list[str]:
    """Return the names of all signals."""
    return names_in(__name__, "signal")


def make(name: str, **hyperparameters: Any) -> Signal:
    """Return a signal by name; raises ConfigError for an unknown name or hyperparameter."""
    signal: Signal = make_from(__name__, "signal", name, hyperparameters)
    return signal
