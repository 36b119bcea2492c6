r"""One layer of a deep network, forwards and backwards by itself: patches, batch normalisation, a curve, a pool.

.. math::
    u = P(x) W, \quad h = f(\gamma \hat u + \beta), \quad x' = \mathrm{pool}(h)

P are the patches of a map, its border zero, or with ``kernel`` 0 all of it at once: a dense layer has one position.
f is the leaky rectifier, with ``leak`` 0 the rectifier.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, get_args

import numpy as np

from edgelearn.bounds import whole
from edgelearn.conv import Shape
from edgelearn.errors import ConfigError
from edgelearn.kernels.patches import unfold
from edgelearn.systems import batch_norm, chain
from edgelearn.systems.chain.maps import Pooling
from edgelearn.systems.net import he, image_shape
from edgelearn.types import Array


class Learned(NamedTuple):
    """What a block has learned; the last two are running statistics of its drives."""

    w: Array  # (n_patch, units)
    gain: Array  # (units,)
    shift: Array  # (units,)
    mean: Array  # (units,)
    variance: Array  # (units,)


class Seen(NamedTuple):
    """What a block made of a batch; rows are the positions of all samples."""

    patches: Array  # (rows, n_patch)
    normal: batch_norm.Normal
    out: Array  # (rows, units) h


class Block(NamedTuple):
    """One layer; maps travel flat, (n, height * width * channels)."""

    shape: Shape  # (height, width, channels) of what it sees
    units: int
    kernel: int = 0  # side of a patch, odd; 0 sees the whole map at once
    pool: Pooling = "max"
    window: int = 1  # side and shift of a pool; 1 pools nothing
    leak: float = float(chain.LEAK)  # slope below 0; or 0

    @property
    def n_patch(self) -> int:
        """Inputs of a unit."""
        return self.kernel**2 * self.shape[2] if self.kernel else int(np.prod(self.shape))

    @property
    def shape_map(self) -> Shape:
        """(height, width, units) of h."""
        return (*self.shape[:2], self.units) if self.kernel else (1, 1, self.units)

    @property
    def shape_out(self) -> Shape:
        """(height, width, units) of what the next layer sees."""
        height, width, units = self.shape_map
        return height // self.window, width // self.window, units

    def check(self) -> None:
        """Raise ConfigError for a setting out of its bounds."""
        image_shape(self.shape)
        whole("units", self.units, 1), whole("window", self.window, 1)
        if self.leak not in (0, float(chain.LEAK)):
            raise ConfigError(
                f"leak must be 0 or {chain.LEAK:g}, the curves a frozen net has, not {self.leak!r}"
            )
        if whole("kernel", self.kernel, 0) % 2 == 0 and self.kernel:
            raise ConfigError(f"kernel must be odd, or 0 for a dense layer, not {self.kernel}")
        if self.pool not in get_args(Pooling):
            raise ConfigError(f"pool must be one of {', '.join(get_args(Pooling))}, not {self.pool!r}")
        height, width, _ = self.shape_map
        if height % self.window or width % self.window:
            raise ConfigError(
                f"window must divide the sides of the map, {height} x {width}, not {self.window}"
            )

    def draw(self, rng: np.random.Generator) -> Learned:
        """Return weights by He, and a normalisation that changes nothing yet."""
        ones, zeros = np.ones(self.units, np.float32), np.zeros(self.units, np.float32)
        w = he(rng, self.n_patch, self.units)
        return Learned(w, ones, zeros, zeros.copy(), ones.copy())

    def patches(self, X: Array) -> Array:
        """Return the patches (rows, n_patch) of ``X`` (n, values)."""
        return _patches(X.reshape(-1, *self.shape), self.kernel) if self.kernel else X

    def forward(self, learned: Learned, X: Array) -> Seen:
        """Return what the block makes of a batch ``X`` (n, values), by the statistics of the batch."""
        patches = self.patches(X)
        normal = batch_norm.forward(patches @ learned.w)
        v = normal.u * learned.gain
        v += learned.shift
        low = v * v.dtype.type(self.leak)
        return Seen(patches, normal, np.maximum(v, low, out=low))

    def backward(self, learned: Learned, seen: Seen, by_out: Array) -> tuple[dict[str, Array], Array]:
        """Return the gradients by w, gain and shift, and that by the drives u, of that by h: both (rows, units)."""
        by_v = (seen.out > 0).astype(seen.out.dtype)
        np.maximum(by_v, self.leak, out=by_v)
        by_v *= by_out
        by = batch_norm.backward(seen.normal, learned.gain, by_v)
        return {"w": seen.patches.T @ by.u, "gain": by.gain, "shift": by.shift}, by.u

    def below(self, learned: Learned, by_drive: Array) -> Array:
        """Return the gradient by the input (n, values) of that by the drives (rows, units)."""
        if not self.kernel:
            return by_drive @ learned.w.T
        height, width, channels = self.shape
        turned = learned.w.reshape(self.kernel, self.kernel, channels, self.units)[::-1, ::-1]
        back = turned.transpose(0, 1, 3, 2).reshape(-1, channels)
        patches = _patches(by_drive.reshape(-1, height, width, self.units), self.kernel)
        return (patches @ back).reshape(-1, height * width * channels)

    def pooled(self, out: Array) -> Array:
        """Return what the next layer sees (n, values) of h (rows, units)."""
        maps = out.reshape(-1, int(np.prod(self.shape_map)))
        return maps if self.window == 1 else self._pool()(maps)

    def unpooled(self, out: Array, by_pooled: Array) -> Array:
        """Return the gradient by h (rows, units) of that by what the next layer sees; winners that tie share it."""
        if self.window == 1:
            return by_pooled.reshape(out.shape)
        height, width, units = self.shape_out
        small = (-1, height, 1, width, 1, units)
        maps = out.reshape(-1, height, self.window, width, self.window, units)
        share = np.ones_like(maps)
        if self.pool == "max":
            share = (maps == self.pooled(out).reshape(small)).astype(out.dtype)
        share /= share.sum(axis=(2, 4), keepdims=True)
        return np.asarray(share * by_pooled.reshape(small)).reshape(out.shape)

    def ops(self, learned: Learned) -> list[chain.Op]:
        """Return what the block computes once it is frozen, but for its pool."""
        seeing: chain.Op = chain.Dense(learned.w)
        if self.kernel:
            seeing = chain.Conv(learned.w, self.shape, self.kernel, padding=self.kernel // 2, border="zero")
        curve = chain.Pointwise("leaky_relu" if self.leak else "relu")
        return [seeing, batch_norm.standing(*learned[1:]), curve]

    def pools(self) -> list[chain.Op]:
        """Return its pool, if there is one."""
        return [] if self.window == 1 else [self._pool()]

    def _pool(self) -> chain.Pool:
        return chain.Pool(self.shape_map, self.pool, self.window, self.window)


def _patches(maps: Array, kernel: int) -> Array:
    """Return the patches (n * height * width, kernel * kernel * channels) of maps, their border zero."""
    around = (kernel // 2, kernel // 2)
    padded: Any = np.pad(np.asarray(maps), ((0, 0), around, around, (0, 0)))
    rows = int(np.prod(maps.shape[:3]))
    out = np.empty((rows, kernel * kernel * maps.shape[3]), maps.dtype)
    unfold.dispatcher(padded, kernel, 1, out)
    return out


def learned(arrays: dict[str, Array], k: int) -> Learned:
    """Return what block ``k`` of a network has learned, from its arrays named as `named` names them."""
    return Learned(*(arrays[f"{name}{k}"] for name in Learned._fields))


def named(what: dict[str, Array], k: int) -> dict[str, Array]:
    """Return arrays of block ``k`` under the names they have in a network."""
    return {f"{name}{k}": value for name, value in what.items()}


def check_chain(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks; raises ConfigError unless each is within its bounds and sees what the one below gives."""
    found = tuple(blocks) if isinstance(blocks, Iterable) else ()
    if not found or not all(isinstance(block, Block) for block in found):
        raise ConfigError("blocks must be a list of at least one Block")
    for block in found:
        block.check()
    for below, block in pairwise(found):
        if np.prod(below.shape_out) != np.prod(block.shape) or (
            block.kernel and below.shape_out != block.shape
        ):
            raise ConfigError(f"a block sees a map of {block.shape}, the one below gives {below.shape_out}")
    return found
