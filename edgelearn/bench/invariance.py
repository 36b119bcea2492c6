"""How alike a network makes views of one image, and how many directions its features still use."""

from typing import NamedTuple

import numpy as np

from edgelearn.bench import linear
from edgelearn.bench.images import Images
from edgelearn.systems.lpl import LPL
from edgelearn.systems.views import augmented, shifts
from edgelearn.types import F32, F64, Array


class Distances(NamedTuple):
    """Euclidean, each (n,): between two views of one image, and between views of two different images."""

    within: Array
    between: Array

    @property
    def ratio(self) -> float:
        """Mean of within over mean of between; NaN where all features are alike."""
        return float(self.within.mean() / self.between.mean()) if self.between.any() else float("nan")


def distances(one: F32, two: F32) -> Distances:
    """Return the distances between features (n, d) of two views of the same images, one an image."""
    others = np.roll(two, 1, axis=0)
    return Distances(np.linalg.norm(one - two, axis=1), np.linalg.norm(one - others, axis=1))


def participation(features: F32) -> float:
    """Return the participation ratio of features (n, d), the number of directions they spread over; 0 for none.

    The trace of the covariance, squared, over the trace of its square.
    """
    c: F64 = np.atleast_2d(np.cov(features.T.astype(np.float64)))
    squares = float((c * c).sum())
    return float(np.trace(c)) ** 2 / squares if squares else 0.0


def readout(net: LPL, images: Images, x_test: F32, layer: int = 3) -> float:
    """Return the accuracy on ``x_test`` of a ridge trained on ``images`` as they are."""
    train, test = (net.activities(x)[layer - 1] for x in (images.x, x_test))
    return linear.ridge(train, images.y, test, images.y_test)


def shifted_test(images: Images) -> F32:
    """Return the test images, each moved by up to 3 pixels, the same for every net."""
    return shifts()(np.random.default_rng(0), images.x_test)


def viewed(net: LPL, x: F32) -> Distances:
    """Return how far the features of two views of each of ``x`` lie apart."""
    rng, draw = np.random.default_rng(0), augmented()
    return distances(net.features(draw(rng, x)), net.features(draw(rng, x)))
