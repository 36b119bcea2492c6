"""What all formats check alike: the rate, names that are there, labels."""

from collections.abc import Iterable
from difflib import get_close_matches
from math import isclose, isfinite
from typing import Any

import numpy as np

from edgelearn import bounds
from edgelearn.errors import InputError
from edgelearn.types import Array

SAME_RATE = 1e-3  # share that two rates may differ by: times in a file are rounded


def rate_of(given: float | None, found: float | None, where: str) -> float:
    """Return the rate in Hz that was given or found.

    Raises InputError for none, two that differ, or one in a file that is not above 0; ConfigError for such a one given.
    """
    if found is not None and not found > 0:
        raise InputError(f"the rate in {where} is {found:g} Hz; a rate is above 0, mend the file")
    if given is not None:
        bounds.positive("rate_hz", given)
    rate_hz = found if given is None else float(given)
    if rate_hz is None:
        raise InputError(f"{where} does not say at what rate it was sampled; give rate_hz=…")
    if found is not None and not isclose(found, rate_hz, rel_tol=SAME_RATE):
        raise InputError(f"{where} was sampled at {found:g} Hz, rate_hz is {rate_hz:g}; leave rate_hz out")
    return rate_hz


def check_name(name: str, names: Iterable[str], kind: str, where: str) -> None:
    """Raise InputError, with a near name, unless ``where`` has a ``kind`` of that name."""
    names = list(names)
    if name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names) or 'none'}"
        raise InputError(f"{where} has no {kind} {name!r}; {hint}")


def labels_of(labels: Any, counts: Iterable[int]) -> Array:
    """Return labels (n,) with n one of ``counts``; raises InputError for others than texts or whole numbers."""
    found = np.asarray(labels)
    counts = list(counts)
    if found.ndim != 1 or len(found) not in counts or found.dtype.kind not in "iuU":
        wanted = " or ".join(map(str, counts))
        raise InputError(
            f"labels are {wanted} texts or whole numbers, not {found.dtype} of shape {found.shape}"
        )
    return found


def scalar(value: Array) -> float | None:
    """Return a number kept as an array of one value; None for anything else."""
    if value.size != 1 or value.dtype.kind not in "fiu":
        return None
    number = float(value.reshape(()))
    return number if isfinite(number) else None
