r"""Latent Predictive Learning: a layer makes two views of one thing alike, and keeps its units awake and different.

.. math::
    a_l = \mathrm{ReLU}(W_l h_{l-1} + b_l), \quad h_l = a_l, \quad
    \Delta W_l = \eta\, \tfrac{2}{n\, n_l} \sum_{views} h_{l-1}^\top (m_l \odot [a_l > 0]) \\
    L_l = \langle (a - a')^2 \rangle - \lambda_1 \langle \log(\sigma^2 + \epsilon) \rangle
          + \lambda_2 \langle C_{jk}^2 \rangle_{j \ne k}

Neuron `relu`, rule `hebb` on the slope, signal `latent_prediction`: m is minus half the gradient of L by the activities
of a view, times their number n n_l; variance and covariance C are those of each view over the batch, and their parts
the mean of both views'. Each layer learns by its own L alone; nothing goes back. No label is used. `fit` takes steps of
Adam along these changes. One sample at a time, with statistics that run along, it is
``Layer(n, hebb.rule(sees="slope"), "relu", "latent_prediction")`` on frames that follow each other.

Halvagal & Zenke 2023, Nat. Neurosci. 26:1906, eq. 6 as in the erratum of the authors' code, whose weights of the three
parts are kept: https://github.com/fmi-basel/latent-predictive-learning. Their rate warms up and falls over 800 epochs;
here it stays.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from edgelearn.bounds import positive, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import relu
from edgelearn.signals import latent_prediction
from edgelearn.systems import chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import train
from edgelearn.systems.net import Net, he, many, samples, widths
from edgelearn.systems.views import Pairs
from edgelearn.types import F32, I64, Array

EPSILON = 1e-4  # least variance of a batch, as published


class LPL(Net):
    """Layers of rectified units that learn from pairs of views.

    ``sizes`` are the numbers of inputs and of units in each layer; ``predict``, ``hebb`` and ``decorrelate`` weigh the
    parts of the loss, and 0 takes one away. Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        predict: float = 1.0,
        hebb: float = 1.0,
        decorrelate: float = 10.0,
        eta: float = 1e-3,
        seed: int = 0,
    ) -> None:
        self.sizes = widths(sizes, 2, "the inputs and at least one layer")
        self.eta = float(positive("eta", eta))
        self.neuron = relu.neuron()
        self.signal = latent_prediction.signal(predict, hebb, decorrelate, epsilon=EPSILON)
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.arrays: dict[str, Array] = {}
        for k, (n_pre, n_post) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            self.arrays[f"w{k}"], self.arrays[f"b{k}"] = (
                he(self.rng, n_pre, n_post),
                np.zeros(n_post, np.float32),
            )

    def fit(
        self, X: F32, pairs: Pairs, *, epochs: int = 30, batch: int = 256, shuffled: bool = True
    ) -> Iterator[int]:
        """Learn from ``pairs`` of views of ``X`` (n, n_pre), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. Raises InputError for others and ConfigError for a batch
        of 1, which has no variance, before anything is learned; InputError for views that are none, and for weights
        that would run away, with nothing learned of that batch.
        """
        X = samples(X, self.sizes[0])
        whole("batch", batch, 2)
        if not callable(pairs):
            raise ConfigError(
                "pairs must be a function that draws two views, e.g. views.twice(views.augmented()), "
                f"not {type(pairs).__name__}"
            )
        adam = Adam()

        def step(who: I64, _: float) -> None:
            drawn = pairs(self.rng, X, who)
            if not isinstance(drawn, tuple) or len(drawn) != 2:
                raise InputError(f"pairs must give a tuple of two views, not {type(drawn).__name__}")
            one, two = (samples(view, self.sizes[0]) for view in drawn)
            if len(one) != len(who):
                raise InputError(f"pairs must give two views of {len(who)} samples, not of {len(one)}")
            adam.step(self.arrays, self.gradient(one, two), self.eta)

        return train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def gradient(self, one: Array, two: Array) -> dict[str, Array]:
        """Return the gradient of each layer's loss by its own arrays: two views (n, n_pre).

        Raises InputError for views of fewer than 2 samples, which have no variance, or of unequal shapes.
        """
        if np.shape(one) != np.shape(two) or len(one) < 2:
            raise InputError(
                f"two views of at least 2 samples each are needed, not {np.shape(one)} and {np.shape(two)}"
            )
        found, pre = dict[str, Array](), np.concatenate((one, two))
        for k in range(len(self.sizes) - 1):
            out = many(self.neuron, pre @ self.arrays[f"w{k}"] + self.arrays[f"b{k}"])
            pull = np.where(out > 0, self.errors(out), 0)
            found |= {f"w{k}": pre.T @ pull, f"b{k}": pull.sum(axis=0)}
            pre = out
        return found

    def errors(self, out: Array) -> Array:
        """Return the gradient of a layer's loss by its output ``out`` (2n, units), one view after the other."""
        n = len(out) // 2
        third = np.concatenate(latent_prediction.of_pairs(self.signal.params, out[:n], out[n:]))
        return np.asarray(third * out.dtype.type(-2 / (n * out.shape[1])))

    def activities(self, X: F32) -> list[F32]:
        """Return what each layer makes of ``X`` (n, n_pre): (n, units) each."""
        seen, found = samples(X, self.sizes[0]), list[F32]()
        for k in range(0, 2 * len(self.sizes) - 2, 2):
            seen = chain.run(self.frozen()[k : k + 2], seen)
            found.append(seen)
        return found

    def features(self, X: F32) -> F32:
        """Return the activities of the last layer (n, units)."""
        return chain.run(self.frozen(), samples(X, self.sizes[0]))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        ops: list[chain.Op] = []
        for k in range(len(self.sizes) - 1):
            ops += [chain.Dense(self.arrays[f"w{k}"], self.arrays[f"b{k}"]), chain.Pointwise("relu")]
        return ops
