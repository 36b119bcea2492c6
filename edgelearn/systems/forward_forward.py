r"""Forward-Forward: a layer learns to be long for real samples and short for corrupted ones; nothing goes back.

.. math::
    a_l &= \mathrm{ReLU}(W_l h_{l-1} + b_l), \quad h_l = a_l / \mathrm{rms}(a_l), \quad
    h_0 = x / \mathrm{rms}(x) \\
    \Delta W_l &= \eta\, h_{l-1}^\top (m_l\, a_l), \quad m_l = 2\,(c - p_l), \quad
    p_l = \sigma(\textstyle\sum_j a_{lj}^2 - n_l)

Neuron `relu`, rule `hebb`, signal `goodness`: m is the gradient of the log-likelihood of c, 1 for real and 0 for
corrupted, by the squared length of a. Every sample is shown with its own label in the first inputs (real) and with a
wrong one (corrupted). Lengths are taken away between layers: else the next would read the goodness off them. `fit`
averages the changes of a batch and takes steps of Adam, each synapse by its own two numbers.

The peer term keeps units as active as their layer: down the gradient of :math:`0.03\,\mathrm{mean}_j(r_j - \bar r)^2`,
r a running mean of the activity of each unit for real samples. It also reaches units that are silent.

Hinton 2022, arXiv 2212.13345, sections 2 and 3.3; peer term, softmax and fall of the rate as in
https://github.com/loeweX/Forward-Forward, there with plain momentum in place of Adam.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from edgelearn.bounds import flag, positive, whole
from edgelearn.errors import ConfigError
from edgelearn.neurons import relu
from edgelearn.signals import goodness
from edgelearn.systems import chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import late_fall, train
from edgelearn.systems.net import Net, classes, he, labels, many, one_hot, samples, softmax, widths
from edgelearn.types import F32, I64, Array

PEER = np.float32(0.03)  # weight of the peer term
FOLLOW = np.float32(0.1)  # share of a batch in its running means


class GoodnessLayers(Net):
    """Layers of rectified units that learn to tell real samples from corrupted ones, wherever these come from.

    ``sizes`` are the numbers of inputs and of units in each layer, at least two. Controls: with ``normalised`` False
    layers see each other's lengths; with ``contrast`` False corrupted samples teach nothing. Raises ConfigError for a
    setting out of its bounds.
    """

    def __init__(
        self, sizes: Sequence[int], *, eta: float, normalised: bool, contrast: bool, seed: int
    ) -> None:
        self.sizes = widths(sizes, 3, "the inputs and at least two layers")
        self.eta = float(positive("eta", eta))
        self.normalised, self.contrast = flag("normalised", normalised), flag("contrast", contrast)
        self.depth = len(self.sizes) - 1
        self.neuron, self.signal = relu.neuron(), goodness.signal()
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.arrays = {}
        for k, (n_pre, n_post) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            self.arrays |= {f"w{k}": he(self.rng, n_pre, n_post), f"b{k}": np.zeros(n_post, np.float32)}
            self.arrays[f"recent{k}"] = np.full(n_post, 0.5, np.float32)  # mean activities, for the peer term

    def features(self, X: F32) -> F32:
        """Return the lengthless activities (n, units above the first layer) of ``X`` (n, n_pre)."""
        return chain.run(self.frozen(), samples(X, self.sizes[0]))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        ops: list[chain.Op] = [chain.RootMeanSquare()]
        for k in range(self.depth):
            ops += [chain.Dense(*self._layer(k)), chain.Pointwise("relu"), *self._between()]
            if k:
                ops.append(chain.Tap())
        return ops

    def lengths(self, X: F32) -> list[Array]:
        """Return the goodness of each layer, its units' mean square (n,), for ``X`` (n, n_pre) as it is."""
        X = samples(X, self.sizes[0])
        return [(a * a).mean(axis=1) for _, a in self._up(X, self.depth)]

    def apart(self, real: F32, corrupted: F32, layers: Sequence[int]) -> dict[str, Array]:
        """Return minus the changes that ``layers`` ask for, each by what comes from the one below.

        Both inputs (n, n_pre). The running means of the peer term follow.
        """
        found = dict[str, Array]()
        for k, (pre, out) in enumerate(self._up(np.concatenate((real, corrupted)), max(layers) + 1)):
            if k in layers:
                found |= self._asked(k, pre, out)
        return found

    def _asked(self, k: int, pre: F32, out: F32) -> dict[str, Array]:
        """Return minus the changes that layer k asks for: pre (2n, n_pre), out (2n, n_post), real samples first."""
        n = len(pre) // 2
        real = (np.arange(2 * n) < n).astype(np.float32)[:, None]
        pull = many(self.signal, out, real) * out / np.float32(2 * n)
        if not self.contrast:
            pull[n:] = 0
        recent = self.arrays[f"recent{k}"]
        recent += FOLLOW * (out[:n].mean(axis=0) - recent)
        pull[:n] -= PEER * FOLLOW * 2 / np.float32(n * len(recent)) * (recent - recent.mean())
        return {f"w{k}": -(pre.T @ pull), f"b{k}": -pull.sum(axis=0)}

    def _up(self, seen: F32, height: int) -> Iterator[tuple[F32, F32]]:
        """Yield what each layer below ``height`` sees (n, n_pre) and makes of it (n, n_post)."""
        between = self._between()
        seen = chain.RootMeanSquare()(seen)
        for k in range(height):
            w, b = self._layer(k)
            out = many(self.neuron, seen @ w + b)
            yield seen, out
            seen = out
            for op in between:
                seen = op(seen)

    def _train(
        self, asked: Callable[[I64], dict[str, Array]], n: int, epochs: int, batch: int, shuffled: bool
    ) -> Iterator[int]:
        adam = Adam()

        def step(who: I64, done: float) -> None:
            adam.step(self.arrays, asked(who), self.eta * late_fall(done))

        return train(step, n, epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def _parts(self, parts: Sequence[int] | None, n_parts: int) -> tuple[int, ...]:
        if parts is not None and not isinstance(parts, Iterable):
            raise ConfigError(f"parts must be a list of layers, e.g. [{parts}], not {parts!r}")
        chosen = tuple(range(n_parts)) if parts is None else tuple(whole("parts", k, 0) for k in parts)
        if not chosen or max(chosen) >= n_parts:
            raise ConfigError(f"parts must be some of 0..{n_parts - 1}, from the lowest up, not {chosen}")
        return chosen

    def _between(self) -> list[chain.Op]:
        return [chain.RootMeanSquare()] if self.normalised else []

    def _layer(self, k: int) -> tuple[F32, F32]:
        return self.arrays[f"w{k}"], self.arrays[f"b{k}"]


class ForwardForward(GoodnessLayers):
    """Labels in the first ``n_classes`` inputs, and a softmax on the activities of all layers but the first.

    ``hard`` draws wrong labels as the softmax finds them likely, instead of evenly.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        n_classes: int = 10,
        *,
        eta: float = 1e-3,
        hard: bool = False,
        normalised: bool = True,
        contrast: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__(sizes, eta=eta, normalised=normalised, contrast=contrast, seed=seed)
        self.n_classes, self.hard = whole("n_classes", n_classes, 2), flag("hard", hard)
        if self.sizes[0] < n_classes:
            raise ConfigError(
                f"sizes must start with at least {n_classes} inputs, one a class, not {self.sizes[0]}"
            )
        self.arrays["head"] = np.zeros((sum(self.sizes[2:]), n_classes), np.float32)

    def fit(
        self,
        X: F32,
        y: Array,
        *,
        epochs: int = 10,
        batch: int = 100,
        shuffled: bool = True,
        parts: Sequence[int] | None = None,
    ) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre) and labels ``y`` (n,), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. ``parts`` are the layers that learn, 0 the lowest, and
        ``depth``, the softmax: all at once unless given; a call for each is strictly layer after layer, which needs
        Adam's numbers for one layer only. Raises InputError or ConfigError before anything is learned.
        """
        X, y = samples(X, self.sizes[0]), labels(y, len(X), self.n_classes)
        chosen = self._parts(parts, self.depth + 1)
        return self._train(lambda who: self.asked(X[who], y[who], chosen), len(X), epochs, batch, shuffled)

    def asked(self, X: F32, y: I64, parts: Sequence[int]) -> dict[str, Array]:
        """Return minus the changes that a batch asks for: X (n, n_pre), y (n,)."""
        found, own = dict[str, Array](), one_hot(y, self.n_classes)
        features = self.features(X)
        shares = softmax(features @ self.arrays["head"])
        if layers := [k for k in parts if k < self.depth]:
            wrong = one_hot(self._wrong(y, shares), self.n_classes)
            found = self.apart(self._marked(X, own), self._marked(X, wrong), layers)
        if self.depth in parts:
            found["head"] = features.T @ (shares - own) / np.float32(len(y))
        return found

    def goodness(self, X: F32, y: Array) -> list[Array]:
        """Return the mean square of each layer's units (n,) when ``X`` is shown with the labels ``y`` (n,)."""
        X, y = samples(X, self.sizes[0]), classes(y, len(X), self.n_classes)
        return self.lengths(self._marked(X, one_hot(y, self.n_classes)))

    def by_goodness(self, X: F32) -> I64:
        """Return the label (n,) with which all layers but the first are longest: a pass for each class."""
        X = samples(X, self.sizes[0])
        shown = np.eye(self.n_classes, dtype=np.float32)
        each = [np.sum(self.lengths(self._marked(X, own))[1:], axis=0) for own in shown]
        return np.asarray(np.argmax(each, axis=0), np.int64)

    def predict_many(self, X: F32) -> I64:
        """Return the label (n,) that the softmax on `features` gives: one pass."""
        return np.asarray((self.features(X) @ self.arrays["head"]).argmax(axis=1), np.int64)

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`: the label inputs at 1 / n_classes each, then the layers."""
        label = np.arange(self.sizes[0]) < self.n_classes
        shift = label / np.float32(self.n_classes)
        return [chain.Scale((~label).astype(np.float32), shift.astype(np.float32)), *super().frozen()]

    def _wrong(self, y: I64, shares: F32) -> I64:
        """Return a label for each sample that is not its own; shares (n, n_classes) are the softmax's."""
        if not self.hard:
            return (y + self.rng.integers(1, self.n_classes, len(y))) % self.n_classes
        likely = shares + np.float32(1e-6)
        likely[np.arange(len(y)), y] = 0
        reached = likely.cumsum(axis=1)
        drawn = (1 - self.rng.random((len(y), 1))) * reached[
            :, -1:
        ]  # above 0: what is not likely stays undrawn
        return np.asarray((reached < drawn).sum(axis=1), np.int64)

    def _marked(self, X: F32, label: F32) -> F32:
        marked = np.array(X)
        marked[:, : self.n_classes] = label
        return marked
