"""What shares its weights over the positions of a map: convolution and pooling."""

from functools import reduce
from typing import Literal, NamedTuple

import numpy as np

from edgelearn.conv import BORDERS, Shape
from edgelearn.kernels.patches import unfold
from edgelearn.types import F32

Border = Literal["reflect", "zero"]
Pooling = Literal["max", "mean"]


class Conv(NamedTuple):
    """Patches of a map times w: w (kernel * kernel * channels, units), rows of a patch first, channels innermost.

    ``shape`` is (height, width, channels) of the map; ``padding`` pixels around it are mirrored or zero. With
    ``contrast`` each patch first loses its mean and is divided by its standard deviation + contrast.
    """

    w: F32
    shape: Shape
    kernel: int
    stride: int = 1
    padding: int = 0
    border: Border = "reflect"
    contrast: float | None = None

    @property
    def shape_out(self) -> Shape:
        """(height, width, units) of what comes out."""
        sides = ((side + 2 * self.padding - self.kernel) // self.stride + 1 for side in self.shape[:2])
        height, width = sides
        return height, width, self.w.shape[1]

    def __call__(self, X: F32) -> F32:
        around = (self.padding, self.padding)
        maps = np.pad(X.reshape(-1, *self.shape), ((0, 0), around, around, (0, 0)), mode=BORDERS[self.border])  # type: ignore[call-overload]  # a word
        height, width, units = self.shape_out
        patches = np.empty((len(X) * height * width, len(self.w)), np.float32)
        unfold(maps, self.kernel, self.stride, patches)
        if self.contrast is not None:
            patches = contrasted(patches, self.contrast)
        return np.asarray(patches @ self.w).reshape(len(X), height * width * units)


def contrasted(patches: F32, floor: float) -> F32:
    """Return each patch (a row) less its mean, divided by its standard deviation + ``floor``."""
    apart = patches - patches.mean(axis=1, keepdims=True)
    return np.asarray(apart / (np.sqrt((apart * apart).mean(axis=1, keepdims=True)) + np.float32(floor)))


class Pool(NamedTuple):
    """The "max" or "mean" of windows of a map; with "max" and a wide window, values must be at least 0.

    A window wider than the stride reaches as far over either border, where there are zeros.
    """

    shape: Shape
    how: Pooling
    window: int = 2
    stride: int = 2

    @property
    def reach(self) -> int:
        """Pixels of zeros on each side."""
        return max(self.window - self.stride, 0) // 2

    @property
    def shape_out(self) -> Shape:
        """(height, width, channels) of what comes out."""
        height, width = ((side + 2 * self.reach - self.window) // self.stride + 1 for side in self.shape[:2])
        return height, width, self.shape[2]

    def __call__(self, X: F32) -> F32:
        around = (self.reach, self.reach)
        maps = np.pad(X.reshape(-1, *self.shape), ((0, 0), around, around, (0, 0)))
        height, width, channels = self.shape_out
        maps = self._joined(self._joined(maps, height).swapaxes(1, 2), width).swapaxes(1, 2)
        if self.how == "mean":
            maps = maps / np.float32(self.window * self.window)
        return np.asarray(maps.reshape(len(X), height * width * channels))

    def _joined(self, maps: F32, n: int) -> F32:
        """Return ``n`` windows along axis 1, each reduced to one row."""
        join = np.maximum if self.how == "max" else np.add
        last = (n - 1) * self.stride + 1
        return reduce(join, (maps[:, k : k + last : self.stride] for k in range(self.window)))
