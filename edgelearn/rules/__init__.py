"""Plasticity rules, one a file; the folder is the registry."""

from typing import Any

from edgelearn.registry import make_from, names_in
from edgelearn.rules.base import Rule

__all__ = ["Rule", "make", "names"]


def names() -> list[str]:
    """Return the names of all rules."""
    return names_in(__name__, "rule")


def make(name: str, **hyperparameters: Any) -> Rule:
    """Return a rule by name; raises ConfigError for an unknown name or hyperparameter."""
    rule: Rule = make_from(__name__, "rule", name, hyperparameters)
    return rule
