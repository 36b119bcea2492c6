"""One group of figures a file; the folder is the registry.

A file declares ``GROUP``, or several as ``GROUPS``, and imports what it measures inside its functions, so that
`--list` needs nothing.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from tools.bench.figure import Group


@cache
def every() -> dict[str, Group]:
    """Return all groups by name, in the order of their names."""
    found: dict[str, Group] = {}
    for module in sorted(iter_modules(__path__), key=lambda info: info.name):
        declared = import_module(f"{__name__}.{module.name}")
        groups: tuple[Group, ...] = getattr(declared, "GROUPS", None) or (declared.GROUP,)
        found.update({group.name: group for group in groups})
    return found


def chosen(wanted: list[str]) -> list[Group]:
    """Return the groups named, by their own name or that of one of their figures; all for none.

    Raises KeyError with the name that is neither.
    """
    groups = every()
    owner = {figure.name: group.name for group in groups.values() for figure in group.figures}
    names = [owner[name] if name in owner else groups[name].name for name in wanted]
    return [group for group in groups.values() if not wanted or group.name in names]
