"""One system a file; the folder is the registry.

A file declares ``FIGURES`` and ``DATA`` (stems of the npz files it reads) and defines ``measure(run)``, which yields
each figure as it is made and draws the system's picture at its end.
"""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from edgelearn.errors import ConfigError


def names() -> list[str]:
    """Return the names of all systems that can be measured."""
    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> ModuleType:
    """Return the module of a system; raises ConfigError for an unknown one."""
    if name not in names():
        raise ConfigError(f"no system is called {name!r}; there are {', '.join(names())}")
    return import_module(f"{__name__}.{name}")
