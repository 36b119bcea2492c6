"""One input size, bound once: the buffers a network reads and writes in place, call after call."""

import math
from collections.abc import Mapping

import numpy as np

from edgelearn.extractor.roles import Roles
from edgelearn.extractor.session import Network
from edgelearn.types import F32, Array

_DOT = 8192  # up to this size a dot product is the cheapest test, and no BLAS starts threads for it


class Bound:
    """The network at one sample shape. ``sample`` is the view to fill before ``step``."""

    def __init__(
        self,
        network: Network,
        roles: Roles,
        cut: str,
        fixed: Mapping[str, Array],
        states: Mapping[str, Array],
        batch: int | None,
        shape: tuple[int, ...],
    ) -> None:
        source = np.zeros(shape if batch is None else (batch, *shape), roles.sample.dtype)
        self.shape = shape
        self.sample = source if batch is None else source[0]
        self._flat = self.sample.reshape(-1)
        self.floating = source.dtype.kind == "f"
        inputs = {roles.sample.name: source, **fixed, **states}
        names = [cut, *roles.states.values()]
        # The shapes of the outputs are known for sure only after a run; it also warms up.
        outputs = {
            name: np.array(value) for name, value in zip(names, network.run(names, inputs), strict=True)
        }
        self._arrays = (inputs, outputs)  # onnxruntime holds bare pointers to these
        self._run = network.bind(inputs, outputs)
        result = outputs[cut]
        row = result[0] if batch is not None and batch > 1 and result.shape[:1] == (batch,) else result
        self._features = row.reshape(-1)
        self._states = [(states[one], outputs[other]) for one, other in roles.states.items()]
        self.n_features = self._features.size

    def finite(self) -> bool:
        """Whether the sample in the buffer is free of NaN and infinity."""
        return not self.floating or finite(self._flat)

    def step(self) -> F32:
        """Run on ``sample``; the features are a new array. States move on only if these are finite."""
        self._run()
        features: F32 = self._features.astype(np.float32)
        if self._states and finite(features):
            for state, following in self._states:
                np.copyto(state, following)
        return features


def finite(flat: Array) -> bool:
    """Whether a contiguous vector of floats has neither NaN nor infinity."""
    # A sum of squares is finite only when all values are; when it overflows, the exact test decides.
    if flat.size <= _DOT and flat.dtype.char in "fd" and math.isfinite(np.vdot(flat, flat)):
        return True
    return bool(np.isfinite(flat).all())
