"""Values between this process and the fresh one: JSON, paths and NumPy arrays; never pickle.

>>> decode(encode({"w": weights, "at": Path("x")}, folder), folder)

Rule 1: every container is tagged, so no value can be mistaken for another. Rule 2: an array is a .npy file beside the
text, without objects. NumPy is imported only if there are arrays.
"""

import sys
from itertools import count
from pathlib import Path
from typing import Any

from edgelearn.errors import ConfigError


def encode(value: object, folder: Path) -> Any:
    """Return what JSON can carry, arrays written to ``folder``; raises ConfigError for a value that cannot travel."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, list | tuple):
        return {type(value).__name__ if type(value) is tuple else "list": [encode(v, folder) for v in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: encode(v, folder) for key, v in value.items()}}
    np = sys.modules.get("numpy")
    if np is not None and isinstance(value, np.generic):
        return encode(value.item(), folder)
    if np is not None and isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return {"array": _saved(np, value, folder)}
    raise ConfigError(
        f"a {type(value).__name__} cannot travel between processes; pass and return None, numbers, text, paths, lists, "
        "dicts with text as keys, and NumPy arrays without objects"
    )


def decode(value: Any, folder: Path) -> Any:
    """Return what `encode` was given; a NumPy scalar comes back as a number, an array as an array."""
    if not isinstance(value, dict):
        return value
    ((kind, inside),) = value.items()
    if kind == "path":
        return Path(inside)
    if kind == "dict":
        return {key: decode(v, folder) for key, v in inside.items()}
    if kind == "array":
        import numpy as np

        return np.load(folder / inside, allow_pickle=False)
    items = [decode(v, folder) for v in inside]
    return tuple(items) if kind == "tuple" else items


def _saved(np: Any, array: Any, folder: Path) -> str:
    name = next(name for n in count() if not (folder / (name := f"array-{n}.npy")).exists())
    np.save(folder / name, array, allow_pickle=False)
    return name
