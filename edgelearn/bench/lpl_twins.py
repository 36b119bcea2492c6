"""What stands beside LPL: its last loss sent back through all layers, and labels on the same views."""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench.backprop import Backprop
from edgelearn.bench.images import Images
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import train
from edgelearn.systems.lpl import LPL
from edgelearn.systems.net import many
from edgelearn.systems.views import Draw
from edgelearn.types import I64, Array


class EndToEnd(LPL):
    """LPL whose loss is that of the last layer alone, and goes back through all of them."""

    def gradient(self, one: Array, two: Array) -> dict[str, Array]:
        """Return the gradient of the last layer's loss by each array: two views (n, n_pre)."""
        seen, depth = [np.concatenate((one, two))], len(self.sizes) - 1
        for k in range(depth):
            seen.append(many(self.neuron, seen[k] @ self.arrays[f"w{k}"] + self.arrays[f"b{k}"]))
        error, found = self.errors(seen[depth]), dict[str, Array]()
        for k in range(depth - 1, -1, -1):
            pull = np.where(seen[k + 1] > 0, error, 0)
            found |= {f"w{k}": seen[k].T @ pull, f"b{k}": pull.sum(axis=0)}
            error = pull @ self.arrays[f"w{k}"].T
        return found


def supervised(net: Backprop, images: Images, draw: Draw) -> Iterator[int]:
    """Train ``net`` by the labels of two views of each image that ``draw`` makes, yielding the epochs done."""
    s, adam = net.setting, Adam()

    def step(who: I64, done: float) -> None:
        x = np.concatenate((draw(net.rng, images.x[who]), draw(net.rng, images.x[who])))
        adam.step(net.arrays, net.gradient(x, np.tile(images.y[who], 2)), s.eta * s.left(done))

    return train(step, len(images.x), epochs=s.epochs, batch=s.batch, rng=net.rng)
