r"""LLS: each layer turns towards a fixed wave of the class, by its own error, and classifies alone; nothing goes back.

.. math::
    h_l &= f(\gamma\, \mathrm{BN}(W_l h_{l-1}) + \beta), \quad q = \bar h_l / \|\bar h_l\|, \quad z = q B^\top \\
    m &= -\partial\, \mathrm{CE}(\mathrm{softmax}(z / \tau), y) / \partial \bar h_l, \quad
    \Delta W_l = \eta\, h_{l-1}^\top\, \mathrm{BN}'(m f')

Neuron leaky ReLU under batch normalisation (`conv_block`), rule `hebb`, signal `synchrony`: B are its square waves.
:math:`\bar h` is what the signal sees of a map (`lls_fields`); of a dense layer h itself. LLS-M learns a factor for
each class, :math:`z_c = M_c\, (q B^\top)_c`; LLS-MxM a matrix, :math:`z = q B^\top M`. Each layer takes its step of
Adam as soon as it has seen a batch. A softmax on the last layer, which teaches no other, answers.

Apolinario, Roy & Roy 2025, WACV (arXiv 2405.15868), "LLS", section 3; waves, pools, rate and sizes of its code,
https://github.com/mapolinario94/LLS-DNN (with Adam and a falling rate in place of its schedule-free one).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar, Literal, get_args

import numpy as np

from edgelearn.bounds import at_least, flag, positive, whole
from edgelearn.conv import Shape
from edgelearn.errors import ConfigError, InputError
from edgelearn.signals import synchrony
from edgelearn.systems import batch_norm, chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.conv_block import Block, Seen, check_chain, learned, named
from edgelearn.systems.epochs import cosine, train
from edgelearn.systems.lls_fields import sights
from edgelearn.systems.net import (
    Net,
    classes,
    he,
    image_shape,
    labels,
    one_hot,
    samples,
    softmax,
    tame,
    widths,
)
from edgelearn.types import F32, I64, Array

Mixing = Literal["", "M", "MxM"]
Basis = Literal["waves", "gaussian"]
_M = 0.01  # deviation of M at the start


class LLS(Net):
    """Layers that learn by synchrony, and a softmax on what the last one says.

    ``blocks`` are the layers, ``fields`` the parts of a side of each one's map that its signal sees (1 without it).
    ``mixing`` is "" for LLS, "M" or "MxM". Controls: ``basis`` "gaussian" draws B from N(0, 1) instead; ``still``
    trains the softmax alone. Raises ConfigError for a setting out of its bounds.
    """

    bounds: ClassVar = {"variance": (0, np.inf)}

    def __init__(
        self,
        blocks: Sequence[Block],
        n_classes: int = 10,
        *,
        fields: Sequence[int] | None = None,
        eta: float = 5e-3,
        tau: float = 0.5,
        mixing: Mixing = "",
        basis: Basis = "waves",
        still: bool = False,
        seed: int = 0,
    ) -> None:
        self.blocks = check_chain(blocks)
        self.sights = sights(self.blocks, fields)
        self.n_classes, self.eta = whole("n_classes", n_classes, 2), float(positive("eta", eta))
        self.signal, self.still = synchrony.signal(n_classes, tau), flag("still", still)
        if mixing not in get_args(Mixing) or basis not in get_args(Basis):
            raise ConfigError(
                f"mixing is one of {get_args(Mixing)} and basis of {get_args(Basis)}, not {mixing!r} and {basis!r}"
            )
        self.mixing = mixing
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.arrays = self._draw(basis)
        self._adam = Adam()

    def fit(
        self, X: F32, y: Array, *, epochs: int = 10, batch: int = 128, shuffled: bool = True
    ) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre) and labels ``y`` (n,), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. Raises InputError for others, before anything is learned,
        ConfigError for a ``batch`` below 2, which has no variance, and InputError where learning runs away.
        """
        X, y = samples(X, self.n_pre), labels(y, len(X), self.n_classes)
        whole("batch", batch, 2)
        self._adam = Adam()

        def step(who: I64, done: float) -> None:
            self.learn(X[who], y[who], self.eta * cosine(done))

        return train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def learn(self, X: F32, y: I64, eta: float) -> None:
        """Take one step on a batch of at least 2: X (n, n_pre), y (n,), at the rate ``eta``.

        Raises InputError for others and ConfigError for a rate below 0, with nothing learned; InputError, before a
        layer learns of it, where learning runs away.
        """
        X = samples(X, self.n_pre)
        y = classes(y, len(X), self.n_classes)
        at_least("eta", eta, 0)
        if len(X) < 2:
            raise InputError("one sample has no variance to be normalised by; give a batch of at least 2")
        teach, below = one_hot(y, self.n_classes), X
        for k, block in enumerate(self.blocks):
            own = learned(self.arrays, k)
            seen = block.forward(own, below)
            tame(f"variance{k}", seen.normal.variance)
            if not self.still:
                self._adam.step(self.arrays, self.asked(k, seen, teach), eta)
            batch_norm.follow(own.mean, own.variance, seen.normal)
            below = block.pooled(seen.out)
        error = (softmax(below @ self.arrays["head"] + self.arrays["bias"]) - teach) / np.float32(len(y))
        self._adam.step(self.arrays, {"head": below.T @ error, "bias": error.sum(axis=0)}, eta)

    @property
    def n_pre(self) -> int:
        """Values of a sample."""
        return int(np.prod(self.blocks[0].shape))

    def predict_many(self, X: F32) -> I64:
        """Return the label (n,) that the softmax on `features` gives."""
        scores = self.features(X) @ self.arrays["head"] + self.arrays["bias"]
        return np.asarray(scores.argmax(axis=1), np.int64)

    def by_layer(self, X: F32) -> list[I64]:
        """Return the label (n,) whose wave each layer by itself is nearest to."""
        X = samples(X, self.n_pre)
        few = [self._scores(X[start : start + chain.FEW]) for start in range(0, len(X) or 1, chain.FEW)]
        return [np.concatenate([z.argmax(axis=1) for z in layer]) for layer in zip(*few, strict=True)]

    def features(self, X: F32) -> F32:
        """Return the activities (n, values) of the last layer."""
        return chain.run(self.frozen(), samples(X, self.n_pre))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        ops: list[chain.Op] = []
        for k, block in enumerate(self.blocks):
            ops += [*block.ops(learned(self.arrays, k)), *block.pools()]
        return ops

    # -- inside ---------------------------------------------------------------------------------------

    def asked(self, k: int, seen: Seen, teach: F32) -> dict[str, Array]:
        """Return minus the changes that layer ``k`` asks for: the gradient of its own mean cross-entropy."""
        n, block = len(teach), self.blocks[k]
        told = synchrony.answers(self.signal.params, self.basis(k), self.sights[k].latent(seen.out), teach)
        pull = self.sights[k].spread(told.third / np.float32(-n))
        found, _ = block.backward(learned(self.arrays, k), seen, pull)
        step = named(found, k)
        if self.mixing:
            by_basis = told.q.T @ told.error / np.float32(n)
            waves = self._waves(k)
            step[f"m{k}"] = (waves * by_basis).sum(axis=0) if self.mixing == "M" else waves.T @ by_basis
        return step

    def basis(self, k: int) -> F32:
        """Return what the latent of layer ``k`` is compared with (n_latent, n_classes): the waves, as M mixes them."""
        if not self.mixing:
            return self._waves(k)
        m = self.arrays[f"m{k}"]
        return np.asarray(self._waves(k) * m if self.mixing == "M" else self._waves(k) @ m)

    def _loaded(self) -> None:
        self._adam = Adam()

    def _scores(self, X: F32) -> list[F32]:
        found = []
        for k, block in enumerate(self.blocks):
            out = chain.run(block.ops(learned(self.arrays, k)), X)
            found.append(self.sights[k].latent(out) @ self.basis(k))
            X = chain.run(block.pools(), out)
        return found

    def _waves(self, k: int) -> F32:
        drawn = self.arrays.get(f"basis{k}")
        return synchrony.basis(self.n_classes, self.sights[k].n_latent) if drawn is None else drawn

    def _draw(self, basis: Basis) -> dict[str, Array]:
        arrays: dict[str, Array] = {}
        for k, block in enumerate(self.blocks):
            arrays |= named(block.draw(self.rng)._asdict(), k)
        width = int(np.prod(self.blocks[-1].shape_out))
        arrays |= {"head": he(self.rng, width, self.n_classes), "bias": np.zeros(self.n_classes, np.float32)}
        for k in range(len(self.blocks)):
            if basis == "gaussian":
                drawn = self.rng.standard_normal((self.sights[k].n_latent, self.n_classes))
                arrays[f"basis{k}"] = drawn.astype(np.float32)
            if self.mixing:
                size = (self.n_classes,) * (1 if self.mixing == "M" else 2)
                arrays[f"m{k}"] = (_M * self.rng.standard_normal(size)).astype(np.float32)
        return arrays


def dense(sizes: Sequence[int]) -> list[Block]:
    """Return dense layers of ``sizes``: the number of inputs, then units of each; raises ConfigError for no layer."""
    found = widths(sizes, 2, "the inputs and at least one layer")
    return [Block((1, 1, n_pre), n_post) for n_pre, n_post in pairwise(found)]


SMALL_FIELDS = (4, 2, 2, 1)


def small_conv(shape: Shape) -> list[Block]:
    """Return the layers of the small net of the paper, for maps whose sides are multiples of 8.

    `SMALL_FIELDS` are its fields.
    """
    height, width, _ = image_shape(shape)
    half, quarter = (height // 2, width // 2), (height // 4, width // 4)
    return [
        Block(shape, 32, 3, "max", 2),
        Block((*half, 32), 64, 3, "max", 2),
        Block((*quarter, 64), 128, 3, "mean", quarter[0] // 2),
        Block((2, 2, 128), 512),
    ]
