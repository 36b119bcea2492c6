"""One system a file; the folder is the registry.

A file declares ``DATA`` (stems of the npz files it reads), ``FIGURES``, ``ROWS`` (its lines of the table) and
``QUICK`` (goals of its quick form: the one against the frozen twin, and one against an ablation), and defines
``measure(run)``, which yields each figure as it is made and draws the system's picture at its end.
"""

from difflib import get_close_matches
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
        near = [known for known in names() if name.lower() in known] or get_close_matches(
            name.lower(), names()
        )
        meant = f"did you mean {' or '.join(near)}" if near else f"there are {', '.join(names())}"
        raise ConfigError(f"no system is called {name!r}; {meant}")
    return import_module(f"{__name__}.{name}")
