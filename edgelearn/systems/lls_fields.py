"""What the signal of LLS sees of a layer: means of its map over fields, channel after channel, and the way back."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgelearn.bounds import whole
from edgelearn.conv import Shape
from edgelearn.errors import ConfigError
from edgelearn.systems import chain
from edgelearn.systems.conv_block import Block
from edgelearn.types import Array


class Sight(NamedTuple):
    """``parts`` x ``parts`` fields of a square map ``shape`` (height, width, units)."""

    shape: Shape
    parts: int

    @property
    def n_latent(self) -> int:
        """Values that the signal sees."""
        return self.parts**2 * self.shape[2]

    @property
    def _side(self) -> int:
        return self.shape[0] // self.parts

    def latent(self, out: Array) -> Array:
        """Return what the signal sees (n, n_latent) of activities (rows, units) or (n, values)."""
        maps = out.reshape(-1, int(np.prod(self.shape)))
        if self.shape[0] == 1:
            return maps
        means = chain.Pool(self.shape, "mean", self._side, self._side)(maps)
        return means.reshape(len(maps), self.parts**2, self.shape[2]).swapaxes(1, 2).reshape(len(maps), -1)

    def spread(self, by_latent: Array) -> Array:
        """Return the gradient by the activities (rows, units) of that by what the signal sees (n, n_latent)."""
        if self.shape[0] == 1:
            return by_latent
        parts, side, units = self.parts, self._side, self.shape[2]
        each = by_latent.reshape(-1, units, parts, 1, parts, 1).transpose(0, 2, 3, 4, 5, 1)
        wide = np.broadcast_to(each, (len(by_latent), parts, side, parts, side, units))
        return np.asarray(wide.reshape(-1, units) / by_latent.dtype.type(side * side))


def sights(blocks: Sequence[Block], fields: Sequence[int] | None) -> list[Sight]:
    """Return the sight of each block's map, one field a side without ``fields``; raises ConfigError for misfits."""
    fields = [1] * len(blocks) if fields is None else fields
    if not isinstance(fields, Sequence):
        raise ConfigError(f"fields must be a list of whole numbers, one a block, not {fields!r}")
    if len(fields) != len(blocks):
        raise ConfigError(f"fields has {len(fields)} numbers for {len(blocks)} blocks; give one each")
    found = []
    for block, parts in zip(blocks, fields, strict=True):
        height, width, _ = block.shape_map
        if height != width or height % whole("fields", parts, 1):
            raise ConfigError(
                f"fields must divide the sides of a square map, not {parts} of {height} x {width}"
            )
        found.append(Sight(block.shape_map, parts))
    return found
