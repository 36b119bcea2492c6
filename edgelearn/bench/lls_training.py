"""LLS trained and asked, under a bar: what its softmax gets right, and each of its layers alone."""

from collections.abc import Sequence
from typing import NamedTuple

from edgelearn.bench.images import Images
from edgelearn.bench.means import share
from edgelearn.bench.run import Run
from edgelearn.systems.lls import LLS


class Shares(NamedTuple):
    """Of test images named rightly."""

    final: float
    layers: Sequence[float]


def shares(net: LLS, images: Images) -> Shares:
    """Return what a network gets right of the test images."""
    right = [share(said, images.y_test) for said in net.by_layer(images.x_test)]
    return Shares(share(net.predict_many(images.x_test), images.y_test), right)


def trained(
    run: Run,
    net: LLS,
    images: Images,
    title: str,
    *,
    epochs: int,
    shuffled: bool = True,
    curve: list[Shares] | None = None,
) -> Shares:
    """Train and return what it gets right; ``curve`` gets that of 1,000 test images after each epoch, for a picture."""
    few = images.few(1, 1000)
    for _ in run.progress(net.fit(images.x, images.y, epochs=epochs, shuffled=shuffled), title, epochs):
        if curve is not None:
            curve.append(shares(net, few))
    return shares(net, images)
