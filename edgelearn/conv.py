"""A layer whose units look at one patch of a map after the other, with the same weights everywhere."""

from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any

import numpy as np

from edgelearn.bounds import whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.patches import unfold
from edgelearn.layer import Layer
from edgelearn.neurons import Neuron
from edgelearn.rules import Rule
from edgelearn.signals import Signal
from edgelearn.types import F32

BORDERS = {"reflect": "reflect", "zero": "constant"}  # our word: NumPy's
Shape = tuple[int, int, int]


class Conv(Layer):
    """A `Layer` over the patches of a map: each patch is a sample to it, from the first row to the last.

    ``shape`` is (height, width, channels) of the map, which comes and goes as a flat vector in C order: the pixels
    of a camera frame as they are, the units side by side at each position of ``shape_out``. ``kernel`` is the side
    of a patch and ``stride`` the shift to the next, in pixels; ``padding`` pixels around the map are mirrored
    (``border`` "reflect") or "zero". ``settings`` are those of `Layer`.

    Raises ConfigError for a setting out of its bounds.
    """

    kind = "conv"
    _unfolded: F32  # kept patches of a batch

    def __init__(
        self,
        n_post: int,
        rule: str | Rule,
        neuron: str | Neuron = "linear",
        signal: str | Signal = "unsupervised",
        *,
        shape: Shape,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        border: str = "reflect",
        **settings: Any,
    ) -> None:
        known = [key for kind in (Conv, Layer) for key in signature(kind).parameters if key != "settings"]
        if strange := settings.keys() - set(known):
            raise ConfigError(
                f"Conv has no setting {min(strange)!r}; it has {', '.join(dict.fromkeys(known))}"
            )
        super().__init__(n_post, rule, neuron, signal, **settings)
        sides = tuple(shape) if isinstance(shape, Iterable) else ()
        if len(sides) != 3:
            raise ConfigError(f"shape must be (height, width, channels), not {shape!r}")
        height, width, channels = (whole("shape", side, 1) for side in sides)
        self.shape: Shape = (height, width, channels)
        self.kernel, self.stride = whole("kernel", kernel, 1), whole("stride", stride, 1)
        self.padding, self.border = whole("padding", padding, 0), border
        if border not in BORDERS:
            raise ConfigError(f"border must be 'reflect' or 'zero', not {border!r}")
        side = min(height, width)
        if border == "reflect" and self.padding >= side:
            raise ConfigError(f"padding must be below {side} to be mirrored, not {padding}")
        if self.kernel > side + 2 * self.padding:
            raise ConfigError(
                f"kernel must be at most {side + 2 * self.padding}, the padded map, not {kernel}"
            )

    @property
    def shape_out(self) -> Shape:
        """(height, width, units) of the map that the next layer sees."""
        height, width = (
            (side + 2 * self.padding - self.kernel) // self.stride + 1 for side in self.shape[:2]
        )
        return height, width, self.n_post

    @property
    def n_out(self) -> int:
        """How many values the next layer sees: those of the whole map."""
        return int(np.prod(self.shape_out))

    def config(self) -> dict[str, Any]:
        """Return the settings as JSON; two layers with equal ones may exchange their state."""
        return super().config() | {
            "shape": list(self.shape),
            "kernel": self.kernel,
            "stride": self.stride,
            "padding": self.padding,
            "border": self.border,
        }

    @property
    def memory_bytes(self) -> int:
        """Bytes of all the layer keeps, the patches of one map included; 0 before the first sample."""
        patches = 4 * self._positions * self._n_patch
        return 0 if self.n_pre is None else super().memory_bytes + patches

    def patches(self, X: F32) -> F32:
        """Return the patches of maps (n, height * width * channels): (n * positions, kernel * kernel * channels).

        A view that the next call overwrites.
        """
        self.bind(X.shape[-1])
        maps = X.reshape(-1, *self.shape)
        if self.padding:
            around = (self.padding, self.padding)
            maps = np.pad(maps, ((0, 0), around, around, (0, 0)), mode=BORDERS[self.border])  # type: ignore[call-overload]  # a word
        n = len(maps) * self._positions
        if len(self._unfolded) < n:
            self._unfolded = np.empty((n, self._n_patch), np.float32)
        out = self._unfolded[:n]
        unfold.dispatcher(maps, self.kernel, self.stride, out)
        return out

    # -- inside ---------------------------------------------------------------------------------------

    @property
    def _positions(self) -> int:
        return self.n_out // self.n_post

    @property
    def _n_patch(self) -> int:
        return self.kernel * self.kernel * self.shape[2]

    def _allocate(self, n_pre: int) -> None:
        if n_pre != np.prod(self.shape):
            raise InputError(f"a map of shape {self.shape} has {np.prod(self.shape)} values, not {n_pre}")
        self._unfolded = np.empty((self._positions, self._n_patch), np.float32)
        super()._allocate(self._n_patch)

    def _inputs_of(self, w: F32) -> int:  # noqa: ARG002 (the weights are of a patch)
        return int(np.prod(self.shape))

    def _rows(self, X: F32) -> F32:
        return self.patches(X)

    def _seen(self, x: F32) -> F32:
        return self._everywhere(x, super()._seen)

    def _taught(self, x: F32, teach: F32) -> F32:
        return self._everywhere(x, lambda patch: super(Conv, self)._taught(patch, teach))

    def _everywhere(self, x: F32, see: Callable[[F32], F32]) -> F32:
        seen = np.empty((self._positions, self.n_post), np.float32)
        for patch, out in zip(self.patches(x), seen, strict=True):
            out[:] = see(patch)
        return seen.reshape(-1)

    def _note(self, seen: F32) -> None:
        super()._note(seen.reshape(-1, self.n_post).mean(axis=0))
