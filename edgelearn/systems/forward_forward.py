r"""Forward-Forward: a layer learns to be long for real samples and short for corrupted ones; nothing goes back.

.. math::
    a_l = \mathrm{ReLU}(W_l h_{l-1} + b_l), \quad h_l = a_l / \mathrm{rms}(a_l), \quad
    \Delta W_l = \eta\, h_{l-1}^\top (m_l\, a_l)

Neuron `relu`, rule `hebb`, signal `goodness`: m = 2(c - p), the gradient of the log-likelihood of "real" by the squared
length of a. Every sample is shown with its own label in the first inputs (real) and with a wrong one (corrupted).
Lengths are taken away between layers: else the next layer would read the goodness off them. `fit` averages the changes
of a batch and takes steps of Adam, each synapse by its own two numbers.

Hinton 2022, arXiv 2212.13345, sections 2 and 3.3; steps, peer term and rates of https://github.com/loeweX/Forward-Forward.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from edgelearn.bounds import flag, positive, whole
from edgelearn.errors import ConfigError
from edgelearn.neurons import relu
from edgelearn.signals import goodness
from edgelearn.systems import chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import late_fall, train
from edgelearn.systems.net import Net, he, labels, many, one_hot, samples, softmax
from edgelearn.types import F32, I64, Array

PEER, FOLLOW = (
    np.float32(0.03),
    np.float32(0.1),
)  # weight of the peer term; share of a batch in its running mean


class ForwardForward(Net):
    """Layers of rectified units, and a softmax on the lengthless activities of all but the first.

    ``sizes`` are the numbers of inputs, the first ``n_classes`` of which hold the label while learning, and of units in
    each layer. ``hard`` draws wrong labels as the softmax finds them likely, instead of evenly. Controls: with
    ``normalised`` False layers see each other's lengths; ``frozen`` trains the softmax alone. Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        n_classes: int = 10,
        *,
        eta: float = 1e-3,
        hard: bool = False,
        normalised: bool = True,
        frozen: bool = False,
        seed: int = 0,
    ) -> None:
        self.sizes = tuple(whole("sizes", n, 1) for n in sizes)
        self.n_classes, self.eta = whole("n_classes", n_classes, 2), float(positive("eta", eta))
        self.hard, self.normalised = flag("hard", hard), flag("normalised", normalised)
        self.still = flag("frozen", frozen)
        if len(self.sizes) < 3 or self.sizes[0] < n_classes:
            raise ConfigError(
                f"sizes must name at least {n_classes} inputs, one a class, and two layers, not {tuple(sizes)}"
            )
        self.neuron, self.signal = relu.neuron(), goodness.signal()
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.arrays = self._draw()
        self._adam = Adam()

    def fit(
        self, X: F32, y: Array, *, epochs: int = 10, batch: int = 100, shuffled: bool = True
    ) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre) and labels ``y`` (n,), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. Raises InputError for others, before anything is learned.
        """
        X, y = samples(X, self.sizes[0]), labels(y, len(X), self.n_classes)

        def step(who: I64, done: float) -> None:
            self.learn(X[who], y[who], self.eta * late_fall(done))

        return train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def goodness(self, X: F32, y: Array) -> list[Array]:
        """Return the mean square of each layer's units (n,) when ``X`` is shown with the labels ``y`` (n,)."""
        return [(a * a).mean(axis=1) for a in self._activities(self._marked(X, one_hot(y, self.n_classes)))]

    def by_goodness(self, X: F32) -> I64:
        """Return the label (n,) with which all layers but the first are longest: a pass for each class."""
        X = samples(X, self.sizes[0])
        each = [
            sum(self.goodness(X, np.full(len(X), c))[1:], start=np.zeros(len(X), np.float32))
            for c in range(self.n_classes)
        ]
        return np.asarray(np.argmax(each, axis=0), np.int64)

    def predict_many(self, X: F32) -> I64:
        """Return the label (n,) that the softmax on `features` gives: one pass."""
        return np.asarray((self.features(X) @ self.arrays["head"]).argmax(axis=1), np.int64)

    def features(self, X: F32) -> F32:
        """Return the activities (n, units above the first layer) of ``X`` shown without a label."""
        return chain.run(self.frozen(), samples(X, self.sizes[0]))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        unlabelled = np.arange(self.sizes[0]) < self.n_classes
        ops: list[chain.Op] = [
            chain.Scale(
                (~unlabelled).astype(np.float32), (unlabelled / np.float32(self.n_classes)).astype(np.float32)
            )
        ]
        for k in range(len(self.sizes) - 1):
            ops += [*self._between(), chain.Dense(*self._layer(k)), chain.Pointwise("relu")]
            if k:
                ops += [*self._between(), chain.Tap()]
        return ops

    # -- inside ---------------------------------------------------------------------------------------

    def learn(self, X: F32, y: I64, eta: float) -> None:
        """Take one step on a batch."""
        step = dict[str, Array]() if self.still else self._deeper(X, y)
        features = self.features(X)
        error = softmax(features @ self.arrays["head"]) - one_hot(y, self.n_classes)
        step["head"] = features.T @ error / np.float32(len(y))
        self._adam.step(self.arrays, step, eta)

    def _deeper(self, X: F32, y: I64) -> dict[str, Array]:
        """Return minus the changes that all layers ask for, each by what comes from the one below."""
        real = self._marked(X, one_hot(y, self.n_classes))
        false = self._marked(X, one_hot(self._wrong(X, y), self.n_classes))
        seen, step = np.concatenate((real, false)), dict[str, Array]()
        for k in range(len(self.sizes) - 1):
            pre = self._normal(seen)
            w, b = self._layer(k)
            seen = many(self.neuron, pre @ w + b)
            step |= self._asked(k, pre, seen)
        return step

    def _asked(self, k: int, pre: F32, out: F32) -> dict[str, Array]:
        """Return minus the changes that layer k asks for: pre (2n, n_pre), out (2n, n_post), real samples first."""
        n = len(pre) // 2
        real = (np.arange(2 * n) < n).astype(np.float32)[:, None]
        pull = many(self.signal, out, real) * out / np.float32(2 * n)
        recent = self.arrays[f"recent{k}"]
        recent += FOLLOW * (out[:n].mean(axis=0) - recent)
        pull[:n] -= PEER * FOLLOW * 2 / np.float32(n * len(recent)) * (recent - recent.mean())
        return {f"w{k}": -(pre.T @ pull), f"b{k}": -pull.sum(axis=0)}

    def _wrong(self, X: F32, y: I64) -> I64:
        """Return a label for each sample that is not its own."""
        if not self.hard:
            return (y + self.rng.integers(1, self.n_classes, len(y))) % self.n_classes
        share = softmax(self.features(X) @ self.arrays["head"]) + np.float32(1e-6)
        share[np.arange(len(y)), y] = 0
        reached = share.cumsum(axis=1)
        drawn = self.rng.random((len(y), 1)) * reached[:, -1:]
        return np.asarray((reached < drawn).sum(axis=1), np.int64)

    def _activities(self, seen: F32) -> list[F32]:
        found = []
        for k in range(len(self.sizes) - 1):
            w, b = self._layer(k)
            seen = many(self.neuron, self._normal(seen) @ w + b)
            found.append(seen)
        return found

    def _marked(self, X: F32, label: F32) -> F32:
        marked = np.array(X)
        marked[:, : self.n_classes] = label
        return marked

    def _between(self) -> list[chain.Op]:
        return [chain.RootMeanSquare()] if self.normalised else []

    def _normal(self, X: F32) -> F32:
        return chain.run(self._between(), X)

    def _layer(self, k: int) -> tuple[F32, F32]:
        return self.arrays[f"w{k}"], self.arrays[f"b{k}"]

    def _draw(self) -> dict[str, Array]:
        arrays: dict[str, Array] = {}
        for k, (n_pre, n_post) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            arrays[f"w{k}"], arrays[f"b{k}"] = he(self.rng, n_pre, n_post), np.zeros(n_post, np.float32)
            arrays[f"recent{k}"] = np.full(
                n_post, 0.5, np.float32
            )  # mean activity of each unit, for the peer term
        arrays["head"] = np.zeros((sum(self.sizes[2:]), self.n_classes), np.float32)
        return arrays
