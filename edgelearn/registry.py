"""A folder as a registry: every module that has the maker function is an entry, under the module's name."""

from importlib import import_module
from inspect import signature
from pkgutil import iter_modules
from typing import Any

from edgelearn.errors import ConfigError


def names_in(package: str, maker: str) -> list[str]:
    """Return the names of the modules of ``package`` that define a function called ``maker``."""
    path = import_module(package).__path__
    found = (module.name for module in iter_modules(path))
    return sorted(name for name in found if hasattr(import_module(f"{package}.{name}"), maker))


def make_from(package: str, maker: str, name: str, hyperparameters: dict[str, Any]) -> Any:
    """Call the maker of an entry; raises ConfigError for an unknown entry or hyperparameter."""
    if name not in names_in(package, maker):
        raise ConfigError(f"no {maker} is called {name!r}; there are {', '.join(names_in(package, maker))}")
    make = getattr(import_module(f"{package}.{name}"), maker)
    known = list(signature(make).parameters)
    for key in hyperparameters:
        if key not in known:
            raise ConfigError(f"{maker} {name} has no setting {key!r}; it has {', '.join(known) or 'none'}")
    return make(**hyperparameters)
