"""Unit models, one a file; the folder is the registry."""

from typing import Any

from edgelearn.neurons.base import Neuron
from edgelearn.registry import make_from, names_in

__all__ = ["Neuron", "make", "names"]


def names() -> list[str]:
    """Return the names of all neurons."""
    return names_in(__name__, "neuron")


def make(name: str, **hyperparameters: Any) -> Neuron:
    """Return a neuron by name; raises ConfigError for an unknown name or hyperparameter."""
    neuron: Neuron = make_from(__name__, "neuron", name, hyperparameters)
    return neuron
