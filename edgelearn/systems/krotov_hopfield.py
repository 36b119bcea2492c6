r"""Krotov–Hopfield: of all hidden units the best moves towards the input, the k-th best away from it.

.. math::
    u_j = \sum_i \mathrm{sgn}(w_{ij}) |w_{ij}|^{p-1} x_i, \quad
    m_j = +1 \text{ (best)}, -\Delta \text{ (k-th)}, 0 \text{ (others)}, \quad
    \Delta w_{ij} = \frac{\eta}{M} \sum_n m_j (x_i - u_j w_{ij}), \quad h_j = \max(0, u_j)^{4.5}

Neuron `ranked`, signal `rank`, rule `krotov_hopfield`, where M is the largest size of an entry of the sum over a
batch; the rate falls linearly to 0. h is the code for a readout: the power makes a few units stand out, as competition
would.

Krotov & Hopfield 2019, "Unsupervised learning by competing hidden units", PNAS 116:7723, eq. 3, 8-10 and fast
implementation; constants of https://github.com/DimaKrotov/Biological_Learning.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bounds import at_least, flag, positive, whole
from edgelearn.errors import InputError
from edgelearn.neurons import ranked
from edgelearn.rules import krotov_hopfield
from edgelearn.signals import rank
from edgelearn.systems import chain
from edgelearn.systems.epochs import train
from edgelearn.systems.net import Net, many, samples, tame
from edgelearn.types import F32, I64, Array

POWER = 4.5  # of the code


class KrotovHopfield(Net):
    """``n_units`` units that compete for ``n_pre`` inputs, which should be of about [0, 1].

    ``k`` is the rank that is pushed away, ``delta`` how hard, ``p`` the norm that comes to 1. Controls: with ``delta``
    0 nobody is pushed away; with ``competing`` False every unit moves towards every input; a network that never fits is
    the random one. ``eta`` is the authors' for hundreds of epochs: for a few, or for more units, take more, until
    `norms` come to 1. Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self, n_pre: int, n_units: int, *, p: float = 2.0, k: int = 2, delta: float = 0.4, eta: float = 0.02,
        competing: bool = True, seed: int = 0,
    ) -> None:  # fmt: skip
        shape = whole("n_pre", n_pre, 1), whole("n_units", n_units, 2)
        self.p, self.eta, self.competing = (
            float(at_least("p", p, 2)),
            float(positive("eta", eta)),
            flag("competing", competing),
        )
        self.neuron, self.signal = ranked.neuron(k), rank.signal(delta)
        self.neuron.init(shape[1])  # which says so where it needs more units
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.arrays: dict[str, Array] = {"w": self.rng.standard_normal(shape, np.float32)}

    def fit(self, X: F32, *, epochs: int = 10, batch: int = 100, shuffled: bool = True) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. Raises InputError for others, before anything is learned.
        """
        X = samples(X, len(self.arrays["w"]))

        def step(who: I64, done: float) -> None:
            self.learn(X[who], self.eta * (1 - done))

        return train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def learn(self, X: F32, eta: float) -> None:
        """Take one step on a batch (n, n_pre), n >= 1: no weight moves further than ``eta``.

        Raises InputError, with nothing learned, for others, and where weights would run away.
        """
        w = self.arrays["w"]
        if not len(samples(X, len(w))):
            raise InputError("X has no samples to learn from; give some")
        drive = X @ self._felt()
        marks = many(self.neuron, drive) if self.competing else np.ones_like(drive)
        third = many(self.signal, marks, np.zeros((len(X), 0), np.float32))
        rule = krotov_hopfield.rule(eta)
        assert rule.batch is not None
        _, moved = rule.batch(rule.params, rule.init(*w.shape), w, X, drive, third)
        w[...] = tame("w", moved)

    def features(self, X: F32) -> F32:
        """Return the code h (n, n_units) of ``X`` (n, n_pre); raises InputError where it would not be finite."""
        with np.errstate(over="ignore"):
            code = chain.run(self.frozen(), samples(X, len(self.arrays["w"])))
        if not np.isfinite(code).all():
            raise InputError(
                f"a drive to the power {POWER} is beyond float32; bring X to values of about [0, 1]"
            )
        return code

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        return [chain.Dense(self._felt()), chain.Pointwise("relu"), chain.Power(POWER)]

    def norms(self) -> F32:
        """Return the p-norm of each unit's weights (n_units,): 1 where it has converged."""
        return np.asarray((np.abs(self.arrays["w"]) ** self.p).sum(axis=0) ** (1 / self.p))

    def winners(self, X: F32) -> int:
        """Return how many units are the best for some sample of ``X`` (n, n_pre)."""
        return len(np.unique(self.features(X).argmax(axis=1)))

    def _felt(self) -> F32:
        """Return what the weights weigh in the drive (n_pre, n_units)."""
        w: F32 = self.arrays["w"]
        return w if self.p == 2 else np.sign(w) * np.abs(w) ** np.float32(self.p - 1)
