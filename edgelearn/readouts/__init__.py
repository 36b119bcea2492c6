"""Fast memory on frozen features, one readout a file; the folder is the registry."""

from importlib import import_module
from inspect import isabstract, signature
from pkgutil import iter_modules
from typing import Any

from edgelearn.errors import ConfigError
from edgelearn.readouts.base import Algebra, Readout

__all__ = ["Algebra", "Readout", "make", "names"]


def names() -> list[str]:
    """Return the names of all readouts."""
    return sorted(_registry())


def make(name: str, **hyperparameters: Any) -> Readout:
    """Return an empty readout by name; raises ConfigError for an unknown name or hyperparameter."""
    registry = _registry()
    if name not in registry:
        raise ConfigError(f"no readout is called {name!r}; there are {', '.join(sorted(registry))}")
    known = list(signature(registry[name]).parameters)
    for key in hyperparameters:
        if key not in known:
            raise ConfigError(f"readout {name} has no setting {key!r}; it has {', '.join(known) or 'none'}")
    try:
        return registry[name](**hyperparameters)
    except TypeError as error:
        raise ConfigError(f"readout {name}: a setting has a value of the wrong kind ({error})") from error


def _registry() -> dict[str, type[Readout]]:
    found: dict[str, type[Readout]] = {}
    for module in iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Readout) and not isabstract(value):
                found[value.name] = value
    return found
