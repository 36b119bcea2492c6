"""The values that travel between the floors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
Array: TypeAlias = npt.NDArray[Any]
Label: TypeAlias = str | int


class Sample(NamedTuple):
    """One thing a source saw; the label is None where nobody has named it."""

    id: str | int
    x: Array  # what the extractor takes, or features (D,) without one
    label: Label | None = None
    time_s: float | None = None  # since 1970, of its first value; None where the source does not know


class Decision(NamedTuple):
    """What a learner says of one sample.

    ``label`` is None when the sample looks like nothing that was learned; ``best`` is the
    forced choice all the same (None only while no class exists).
    """

    label: Label | None
    best: Label | None
    probabilities: Mapping[Label, float]
    margin: float  # probability of the best class less that of the second, in [0, 1]
    ticket: str  # hand it to Learner.feedback once the truth is known


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The value of everything learned: arrays, and the words that give them meaning (JSON)."""

    arrays: Mapping[str, Array]
    meta: Mapping[str, Any]
