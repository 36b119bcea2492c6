"""A recording as a signal: at a recorded sample exactly what was recorded, between two a straight line."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgelearn.emulator.sensors.block import Instants, Run, Seen
from edgelearn.emulator.sensors.signals import Signal, unlabelled
from edgelearn.errors import InputError
from edgelearn.types import F64, I64, Array


@dataclass(frozen=True, eq=False)
class Recording(Signal):
    """``values`` (n, channels) of any real numbers, ``labels`` one a sample, or one a stretch between two ``bounds``.

    ``full_scale`` is the value just beyond the largest int16, where the recording has one. Raises InputError for no
    samples, another shape, and values that are not finite in float32.
    """

    values: Array
    rate_hz: float
    labels: Array | None = None
    bounds: I64 | None = None  # (len(labels) + 1,); None: a label a sample
    full_scale: float | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or not self.values.size:
            raise InputError(f"a recording has samples (n, channels), not {self.values.shape}")
        if self.values.dtype.kind not in "fiub":
            raise InputError(f"a recording holds real numbers, not {self.values.dtype}")
        if self.values.dtype.kind == "f":
            with np.errstate(over="ignore"):
                finite = np.isfinite(self.values.astype(np.float32)).all(axis=1)
            if not finite.all():
                raise InputError(
                    f"{np.count_nonzero(~finite)} samples of the recording are not finite, the first is "
                    f"{finite.argmin()}; leave them out, or fill them and let Dropout lose some"
                )

    def begin(self, run: Run) -> Callable[[Instants], Seen]:  # noqa: ARG002 (it draws nothing)
        """Return its values at each position, beginning again behind its end; ``run`` changes nothing."""
        return lambda instants: self.at(instants.position)

    def at(self, position: F64) -> Seen:
        """Return what was recorded at positions (m,) >= 0 in samples, the label of the nearest; it goes round."""
        n = len(self.values)
        whole = np.floor(position)
        low = whole.astype(np.int64) % n
        values = self.values[low].astype(np.float64)
        share = (position - whole)[:, None]
        if share.any():
            values += share * (self.values[(low + 1) % n].astype(np.float64) - values)
        return Seen(values, self._labels(np.floor(position + 0.5).astype(np.int64) % n))

    def _labels(self, index: I64) -> Array:
        if self.labels is None:
            return unlabelled(len(index))
        if self.bounds is not None:
            index = np.searchsorted(self.bounds, index, side="right") - 1
        return self.labels[index].astype(object)
