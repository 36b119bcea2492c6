r"""Forward-Forward without labels: corrupted samples are mixtures of two images, cut along large blobs.

.. math::
    \tilde x = m \odot x_1 + (1 - m) \odot x_2

A mixture has the short-range correlations of an image and not its shape, so layers that tell it from a real one must
see shape. The mask m starts from random bits, is blurred by [1/4, 1/2, 1/4] along both axes again and again, and cut at
one half. Layers, neuron, rule and signal are those of `forward_forward`; a linear readout on `features` names classes.

Hinton 2022, arXiv 2212.13345, section 3.2.
"""

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from edgelearn.bounds import whole
from edgelearn.errors import InputError
from edgelearn.systems.forward_forward import GoodnessLayers
from edgelearn.systems.net import image_shape, samples, widths
from edgelearn.types import F32, I64, Array

BLURS = 4  # of 0, 4 and 10 the best for 10,000 images of MNIST, judged by training images held out


class UnlabelledForwardForward(GoodnessLayers):
    """Layers of ``units`` over images of ``shape`` (height, width, channels).

    ``blurs`` is how often masks are blurred; 0 is a control: mixtures pixel by pixel, which a look at neighbours gives
    away.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        units: Sequence[int],
        *,
        eta: float = 1e-3,
        blurs: int = BLURS,
        normalised: bool = True,
        contrast: bool = True,
        seed: int = 0,
    ) -> None:
        self.shape = image_shape(shape)
        self.blurs = whole("blurs", blurs, 0)
        layers = widths(units, 2, "at least two layers of units")
        super().__init__(
            (prod(self.shape), *layers), eta=eta, normalised=normalised, contrast=contrast, seed=seed
        )

    def fit(
        self,
        X: F32,
        *,
        epochs: int = 10,
        batch: int = 100,
        shuffled: bool = True,
        parts: Sequence[int] | None = None,
    ) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre), yielding the number of epochs done after each.

        ``shuffled`` and ``parts`` (layers only) as in `ForwardForward.fit`. Raises InputError or ConfigError before
        anything is learned.
        """
        X, chosen = samples(X, self.sizes[0]), self._parts(parts, self.depth)
        whole("batch", batch, 2)  # a mixture takes two images

        def asked(who: I64) -> dict[str, Array]:
            return self.apart(X[who], self.mixed(X[who]), chosen)

        return self._train(asked, len(X), epochs, batch, shuffled)

    def mixed(self, X: F32) -> F32:
        """Return mixtures (n, n_pre) of each of ``X`` (n, n_pre) and another one; raises InputError for less than 2."""
        X = samples(X, self.sizes[0])
        if len(X) < 2:
            raise InputError(f"a mixture takes two images, and X has {len(X)}; give more")
        height, width, channels = self.shape
        first = blobs(self.rng, len(X), height, width, self.blurs).reshape(len(X), -1, 1)
        maps = X.reshape(len(X), height * width, channels)
        other = np.roll(maps, self.rng.integers(1, len(X)), axis=0)
        return np.where(first, maps, other).reshape(X.shape)


def blobs(rng: np.random.Generator, n: int, height: int, width: int, blurs: int) -> Array:
    """Return masks (n, height, width) of booleans whose blobs are wider the more often they are blurred."""
    bits = rng.integers(0, 2, (n, height, width)).astype(np.float32)
    return np.asarray(_blur(height, blurs) @ bits @ _blur(width, blurs).T > 0.5)


def _blur(side: int, times: int) -> F32:
    """Return [1/4, 1/2, 1/4] ``times`` over as a matrix (side, side); beyond an edge is what is at the edge."""
    near = np.pad(np.eye(side), ((1, 1), (0, 0)), mode="edge")
    once = near[:-2] / 4 + near[1:-1] / 2 + near[2:] / 4
    blurred: F32 = np.linalg.matrix_power(once, times).astype(np.float32)
    return blurred
