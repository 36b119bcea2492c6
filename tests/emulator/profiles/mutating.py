"""A module with one place of its text changed: what a test has to notice."""

import sys
from pathlib import Path
from types import ModuleType


def mutated(module: ModuleType, old: str, new: str) -> ModuleType:
    """Return the module as if its source said ``new`` where it says ``old``; the real one stays as it is."""
    assert module.__file__ is not None
    source = Path(module.__file__).read_text("utf-8")
    assert source.count(old) == 1, f"{old!r} is there {source.count(old)} times"
    twin = ModuleType(f"{module.__name__}_mutated")
    twin.__file__ = module.__file__
    sys.modules[twin.__name__] = twin  # dataclasses look their module up
    try:
        exec(compile(source.replace(old, new), module.__file__, "exec"), twin.__dict__)
    finally:
        del sys.modules[twin.__name__]
    return twin
