"""Networks of blocks trained by back-propagation: the twin of convolutional local systems.

The blocks are those of `edgelearn.systems.conv_block`, forwards, by themselves backwards, and with batch normalisation,
exactly as a local system runs them; what back-propagation adds is the error that each hands to the one below. The last
map goes through a softmax; the loss is its cross-entropy. Samples, seeds and budget are the caller's.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from edgelearn.bench.counting import counted
from edgelearn.bench.counts import Cost
from edgelearn.bench.images import Images
from edgelearn.bench.means import share
from edgelearn.bench.run import Progress, quiet
from edgelearn.bench.twin import Twin
from edgelearn.systems import batch_norm, chain
from edgelearn.systems.conv_block import Block, Seen, check_chain, learned, named
from edgelearn.systems.epochs import cosine
from edgelearn.systems.net import he, one_hot, softmax
from edgelearn.types import F32, I64, Array


class Setting(NamedTuple):
    """How the twin is built and trained."""

    blocks: Sequence[Block]
    n_classes: int = 10
    eta: float = 5e-3
    epochs: int = 10
    batch: int = 128
    left: Callable[[float], float] = cosine  # share of the rate left, of the share of steps done


class BackpropConv(Twin):
    """The network."""

    def __init__(self, setting: Setting, seed: int = 0) -> None:
        super().__init__(setting, seed)
        self.setting, self.blocks = setting, check_chain(setting.blocks)
        for k, block in enumerate(self.blocks):
            self.arrays |= named(block.draw(self.rng)._asdict(), k)
        self.arrays["head"] = he(self.rng, int(np.prod(self.blocks[-1].shape_out)), setting.n_classes)
        self.arrays["bias"] = np.zeros(setting.n_classes, np.float32)

    def accuracy(self, X: F32, y: I64) -> float:
        """Return the share of ``X`` (n, n_pre) named rightly, by the running statistics."""
        scores = chain.run([*self.frozen(), chain.Dense(self.arrays["head"], self.arrays["bias"])], X)
        return share(scores.argmax(axis=1), y)

    def frozen(self) -> list[chain.Op]:
        """Return the operations up to the last map, by the running statistics."""
        ops: list[chain.Op] = []
        for k, block in enumerate(self.blocks):
            ops += [*block.ops(learned(self.arrays, k)), *block.pools()]
        return ops

    def gradient(self, X: Array, y: I64) -> dict[str, Array]:
        """Return the gradient of the mean loss by each array; running statistics follow: X (n, n_pre), y (n,)."""
        seen, below = list[Seen](), X
        for k, block in enumerate(self.blocks):
            own = learned(self.arrays, k)
            seen.append(block.forward(own, below))
            batch_norm.follow(own.mean, own.variance, seen[k].normal)
            below = block.pooled(seen[k].out)
        scores = below @ self.arrays["head"] + self.arrays["bias"]
        error = (softmax(scores) - one_hot(y, self.setting.n_classes)) / X.dtype.type(len(y))
        found = {"head": below.T @ error, "bias": error.sum(axis=0)}
        back = error @ self.arrays["head"].T
        for k in reversed(range(len(self.blocks))):
            block, own = self.blocks[k], learned(self.arrays, k)
            step, by_drive = block.backward(own, seen[k], block.unpooled(seen[k].out, back))
            found |= named(step, k)
            if k:
                back = block.below(own, by_drive)
        return found

    def cost(self) -> Cost:
        """Return what one update from one sample takes: the maps of all layers are kept until the way back.

        The error on its way takes the drives of a layer and its input, but in the first layer, which hands none on.
        """
        x, y = np.ones((1, int(np.prod(self.blocks[0].shape))), np.float32), np.zeros(1, np.int64)
        inputs, maps = ([int(np.prod(shape)) for shape in shapes] for shapes in self._shapes())
        way = [a + b for a, b in zip(inputs, maps, strict=True)][1:] or maps
        kept = sum(inputs) + sum(maps) + max(way) + int(np.prod(self.blocks[-1].shape_out))
        return Cost(4 * kept, counted(self.arrays, lambda: self.gradient(x, y)))

    def _shapes(self) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
        return [b.shape for b in self.blocks], [b.shape_map for b in self.blocks]


def trained(setting: Setting, images: Images, seed: int, progress: Progress = quiet) -> float:
    """Return the test accuracy of a twin after its last epoch."""
    return BackpropConv(setting, seed).taught(images, f"back-propagation, seed {seed}", progress)
