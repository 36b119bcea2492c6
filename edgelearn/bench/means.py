"""What is counted of a trained net, and what is said of it over seeds."""

import statistics
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from edgelearn.bench.figure import Figure, Measured
from edgelearn.types import Array

Found = dict[str, float]  # value by the name of a figure, without its prefix


def share(said: Array | Sequence[Any], y: Array) -> float:
    """Return the share of answers (n,) that are right, which ``y`` (n,) names."""
    return float(np.mean(np.asarray(said) == y))


def over_seeds(name: str, values: Iterable[Any], **detail: Any) -> Measured:
    """Return the mean of a value a seed, their standard deviation (population; None of one), and each of them."""
    each = [float(value) for value in values]
    deviation = statistics.pstdev(each) if len(each) > 1 else None
    return Measured(name, statistics.mean(each), spread=deviation, detail={"seeds": each} | detail)


def means(
    prefix: str, rows: Sequence[Mapping[str, float]], declared: Sequence[Figure] = ()
) -> Generator[Measured, None, Found]:
    """Yield a figure for each name in the rows, one row a seed, and return the means.

    Where ``declared`` is given, rows may hold more than it names.
    """
    names, found = {figure.name for figure in declared}, Found()
    for name in rows[0]:
        if not names or f"{prefix}.{name}" in names:
            measured = over_seeds(f"{prefix}.{name}", (row[name] for row in rows))
            found[name] = measured.value
            yield measured
    return found
