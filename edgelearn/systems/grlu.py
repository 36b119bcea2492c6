r"""GRLU (global reward, local updates): all units are pushed at random, and one reward tells which pushes helped.

.. math::
    n_l &= \mathrm{LN}(h_{l-1}^\pm), \quad z_l = W_l [n_l, 1], \quad h_l^\pm = \mathrm{ReLU}(z_l) \pm \xi_l, \quad
    \xi_l \sim \sigma\, \mathcal N(0, 1) \\
    R^\pm &= \log \mathrm{softmax}(z_L \pm \xi_L)_y, \quad r = (R^+ - R^-) / 2 \\
    \Delta W_l &= \frac{\eta}{P} \sum_{\text{pairs}} \frac{r\, \xi_l}{\sigma^2}\, g_l\, \bar n_l, \quad
    \bar n_l = (n_l^+ + n_l^-) / 2

Neuron `relu` (the last layer `linear`), rule `hebb`, signal `perturbation` over all units at once: r ξ / σ² is its
third factor, on average the gradient of R by the unit's output. LN is layer normalisation without gain, of the inputs
too; so one mean and deviation for all pixels, as in the source, change nothing. g is the slope of ReLU where ``gated``,
else 1. A line of code for each of these: `grlu_passes`.

As published the step is not divided by σ², so that it falls with its square, and not gated (inactive units learn too):
`PUBLISHED`. The defaults, divided and gated, are ours. Both rates follow half a cosine from epoch to epoch. Samples
come one at a time; several devices could learn one net by sending each other (seed, r) alone.

"Global Reward, Local Updates", 2025, and https://github.com/steve-z-wang/grlu (sizes, rates, schedule); the pushes of
opposite sign are those of evolution strategies (Salimans et al. 2017, arXiv 1703.03864, section 2.1).
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from edgelearn.bounds import flag, positive, whole
from edgelearn.errors import InputError
from edgelearn.kernels.checks import all_below
from edgelearn.kernels.grlu_stream import TINY, Settings, stream
from edgelearn.kernels.noise import WORD
from edgelearn.rules import Rule, hebb
from edgelearn.signals import Signal, perturbation
from edgelearn.systems import chain
from edgelearn.systems.epochs import cosine
from edgelearn.systems.net import Net, classes, he, labels, samples, widths
from edgelearn.types import F32, I64, Array

PUBLISHED = {"eta": 0.1, "divided": False, "gated": False}
FLOOR = 1e-3  # of sigma: below it float32 does not tell the two rewards apart
FEW = 500  # samples a call of the kernel, which cannot be interrupted
LIMIT = np.float32(1e6)  # of a weight; beyond it the net has run away


class GRLU(Net):
    """Layers of rectified units under linear ones for the classes.

    ``sizes`` are the numbers of inputs, of units in each layer and of classes; ``pairs`` is P, ``sigma`` the size of
    the pushes at the start. Controls: ``still`` teaches the last layer alone; ``quiet`` does not even push the units
    below it; ``stale`` hands out the rewards of the sample before. Raises ConfigError for a setting out of its bounds.
    """

    bounds: ClassVar = {"seed": (0, WORD), "sample": (0, np.inf)}

    def __init__(
        self,
        sizes: Sequence[int] = (784, 256, 10),
        *,
        pairs: int = 16,
        eta: float = 3e-3,
        sigma: float = 0.1,
        divided: bool = True,
        gated: bool = True,
        still: bool = False,
        quiet: bool = False,
        stale: bool = False,
        seed: int = 0,
    ) -> None:
        self.sizes = widths(sizes, 3, "inputs, at least one layer, and at least 2 classes", last=2)
        self.pairs, self.eta = whole("pairs", pairs, 1), float(positive("eta", eta))
        self.sigma, self.divided = float(positive("sigma", sigma)), flag("divided", divided)
        self.gated, self.stale = flag("gated", gated), flag("stale", stale)
        last = len(self.sizes) - 2
        self.pushed = last if flag("quiet", quiet) else 0
        self.first = last if flag("still", still) or quiet else 0
        state = perturbation.signal(sigma, seed).init(sum(self.sizes[1:]))
        self.rng = np.random.default_rng(seed)
        self.arrays: dict[str, Array] = {
            f"w{k}": np.vstack([he(self.rng, n_pre, n_post), np.zeros((1, n_post), np.float32)])
            for k, (n_pre, n_post) in enumerate(zip(self.sizes, self.sizes[1:], strict=False))
        }
        self.arrays |= {"seed": state.seed, "sample": state.sample}

    @property
    def w(self) -> tuple[F32, ...]:
        """The weights (n_pre + 1, n_post) of each layer, the last row the biases; live."""
        return tuple(self.arrays[f"w{k}"] for k in range(len(self.sizes) - 1))

    def fit(self, X: F32, y: Array, *, epochs: int = 5, shuffled: bool = True) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre) and labels ``y`` (n,), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. Raises InputError for others, before anything is learned,
        and for weights that run away: those of the last ``FEW`` samples are then taken back.
        """
        X = samples(X, self.sizes[0])
        y, epochs = labels(y, len(X), self.sizes[-1]), whole("epochs", epochs, 1)
        return self._epochs(X, y, epochs, flag("shuffled", shuffled))

    def learn(self, X: F32, y: I64, left: float = 1.0) -> None:
        """Learn from ``X`` (n, n_pre) and ``y`` (n,), one after the other, with this share of the rates left.

        Raises InputError for others and for weights that run away, with nothing learned.

        It equals `grlu_passes.learned` bit for bit.
        """
        X = samples(X, self.sizes[0])
        y = classes(y, len(X), self.sizes[-1])
        rule, signal = self.parts(left)
        settings = Settings(
            int(self.arrays["seed"][0]), self.pairs, signal.params.sigma, rule.params.eta,
            self.gated, self.pushed, self.first, self.stale,
        )  # fmt: skip
        learned = (*self.w, self.arrays["sample"])
        before = [np.array(array) for array in learned]
        stream.dispatcher(inputs(X), y, self.w, self.arrays["sample"], settings)
        if not all(all_below.dispatcher(w.reshape(-1), LIMIT) for w in self.w):
            for array, old in zip(learned, before, strict=True):
                array[...] = old
            raise InputError("the weights run away; lower eta, or take more pairs")

    def predict_many(self, X: F32) -> I64:
        """Return the label (n,) of each of ``X`` (n, n_pre), without pushes."""
        scores = chain.Dense(self.w[-1][:-1], self.w[-1][-1])(self.features(X))
        return np.asarray(scores.argmax(axis=1), np.int64)

    def features(self, X: F32) -> F32:
        """Return what the last layer sees (n, units) of ``X`` (n, n_pre), without pushes."""
        return chain.run(self.frozen(), samples(X, self.sizes[0]))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        ops: list[chain.Op] = [_NORMAL]
        for w in self.w[:-1]:
            ops += [chain.Dense(w[:-1], w[-1]), chain.Pointwise("relu"), _NORMAL]
        return ops

    def parts(self, left: float = 1.0) -> tuple[Rule, Signal]:
        """Return rule and signal with the given share of their rates left; a step of the rule is that of a pair."""
        sigma = max(left * self.sigma, FLOOR) if self.divided else left * self.sigma
        eta = left * self.eta * (1 if self.divided else sigma**2)
        return hebb.rule(eta / self.pairs), perturbation.signal(sigma, int(self.arrays["seed"][0]))

    # -- inside ---------------------------------------------------------------------------------------

    def _epochs(self, X: F32, y: I64, epochs: int, shuffled: bool) -> Iterator[int]:
        for epoch in range(epochs):
            order = self.rng.permutation(len(X)) if shuffled else np.arange(len(X))
            for start in range(0, len(X), FEW):
                few = order[start : start + FEW]
                self.learn(X[few], y[few], cosine(epoch / epochs))
            yield epoch + 1


_NORMAL = chain.LayerNorm(float(TINY))


def inputs(X: F32) -> F32:
    """Return samples (n, n_pre) as the first layer sees them: normalised, and an input of 1 for the biases."""
    ones = np.ones((len(X), 1), np.float32)
    return np.ascontiguousarray(np.hstack([_NORMAL(X), ones]))
