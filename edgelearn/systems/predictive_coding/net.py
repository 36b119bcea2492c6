"""The network: how it relaxes and learns from batches; equations: see the package."""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import numpy as np

from edgelearn import neurons
from edgelearn.bounds import at_least, between, flag, positive, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.systems import chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import cosine, train
from edgelearn.systems.net import Net, classes, he, labels, one_hot, samples, widths
from edgelearn.systems.predictive_coding.relaxation import (
    Layer,
    State,
    energies,
    renew,
    settle,
    settle_errors,
    sloped,
    start,
)  # fmt: skip
from edgelearn.types import F32, I64, Array

Variant = Literal["fixed", "standard", "incremental"]
Curve = Literal["relu", "tanh"]
STEPS = {"standard": 20, "incremental": 5}
ROOM = 10  # times its start, and 1 more, that the energy of a batch may reach: it should only fall
LARGEST = 1e15  # energy at which squares of float32 gradients may still be summed


class PredictiveCoding(Net):
    """Hidden layers of one curve under linear units, one a class, whose target is the one-hot label.

    ``sizes`` are the numbers of inputs, of units in each hidden layer, and of classes. ``gamma`` in (0, 1] is the size
    of a step of relaxation and ``steps`` their number: without them 1 and one less than the layers for "fixed", else
    0.1 and 20 ("standard") or 5 ("incremental"). Controls: with 0 ``steps`` no error comes down, and the top layer
    learns alone, on hidden layers as they were drawn; ``reverse`` brings errors down with the wrong sign.

    Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        variant: Variant = "fixed",
        *,
        curve: Curve = "tanh",
        gamma: float | None = None,
        steps: int | None = None,
        eta: float = 1e-3,
        reverse: bool = False,
        seed: int = 0,
    ) -> None:
        self.sizes = widths(sizes, 3, "inputs, hidden layers and two classes", last=2)
        for name, value, known in (("variant", variant, Variant), ("curve", curve, Curve)):
            if value not in get_args(known):
                raise ConfigError(f"{name} must be one of {', '.join(get_args(known))}, not {value!r}")
        gamma = (1.0 if variant == "fixed" else 0.1) if gamma is None else gamma
        positive("eta", eta), positive("gamma", gamma), between("gamma", gamma, 0, 1)
        self.variant, self.eta, self.gamma = variant, float(eta), float(gamma)
        plenty = STEPS.get(variant, len(self.sizes) - 2)
        self.steps = whole("steps", plenty if steps is None else steps, int(variant == "incremental"))
        self._down = -1.0 if flag("reverse", reverse) else 1.0
        self.curve = curve
        self._neurons = [*(neurons.make(curve) for _ in self.sizes[2:]), neurons.make("linear")]
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.arrays: dict[str, Array] = {}
        for k, (n_pre, n_post) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            self.arrays |= {f"w{k}": he(self.rng, n_pre, n_post), f"b{k}": np.zeros(n_post, np.float32)}
        self._adam = Adam()

    def fit(
        self, X: F32, y: Array, *, epochs: int = 10, batch: int = 64, shuffled: bool = True
    ) -> Iterator[int]:
        """Learn from ``X`` (n, n_pre) and labels ``y`` (n,), yielding the number of epochs done after each.

        ``shuffled`` False keeps the samples in their order. Raises InputError for others, before anything is learned,
        and ConfigError where units diverge.
        """
        X, y = samples(X, self.sizes[0]), labels(y, len(X), self.sizes[-1])
        self._adam = Adam()

        def step(who: I64, done: float) -> None:
            self.learn(X[who], y[who], self.eta * cosine(done))

        return train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def predict_many(self, X: F32) -> I64:
        """Return the label (n,) that the top layer predicts most of: a forward pass, nothing to relax."""
        top = len(self._neurons) - 1
        scores = self.features(X) @ self.arrays[f"w{top}"] + self.arrays[f"b{top}"]
        return np.asarray(scores.argmax(axis=1), np.int64)

    def features(self, X: F32) -> F32:
        """Return the activities (n, units) of the last hidden layer for ``X`` (n, n_pre)."""
        return chain.run(self.frozen(), samples(X, self.sizes[0]))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        ops: list[chain.Op] = []
        for layer in self._layers()[:-1]:
            ops += [chain.Dense(layer.w, layer.b), chain.Pointwise(self.curve)]
        return ops

    def learn(self, X: Array, y: I64, eta: float) -> None:
        """Relax and learn on one batch, at the rate ``eta``.

        Raises InputError for others and ConfigError for a rate below 0, with nothing learned, and ConfigError where
        units diverge: before synapses learn of it, but for "incremental", whose synapses move at every step.
        """
        at_least("eta", eta, 0)
        X = samples(X, self.sizes[0], self.arrays["w0"].dtype)
        y, most = classes(y, len(X), self.sizes[-1]), np.inf
        for number, state in enumerate(self.relaxing(X, y)):
            if not number:
                most = _most(state)
            elif self.variant == "incremental":
                self._move(state, eta, most)
        if self.variant != "incremental":
            self._move(state, eta, most)

    def relaxing(self, X: Array, y: I64) -> Iterator[State]:
        """Yield the one state of ``X`` (n, n_pre) with labels ``y`` (n,): at the forward pass, then after each step.

        Weights may be moved meanwhile if the net is "incremental".
        """
        state = start(self._layers(), X, one_hot(y, self.sizes[-1]).astype(X.dtype))
        yield state
        for number in range(self.steps):
            if self.variant == "fixed":
                settle_errors(self._layers(), state, self.gamma)
            else:
                if self.variant == "incremental" and number:
                    renew(self._layers(), state)
                settle(self._layers(), state, self.gamma)
            yield state

    def asked(self, state: State) -> dict[str, Array]:
        """Return minus the changes that all synapses ask for in a state, the mean over its samples."""
        found: dict[str, Array] = {}
        for k, third in enumerate(sloped(self._layers(), state)):
            pull = third / third.dtype.type(-len(third))
            found |= {f"w{k}": state.values[k].T @ pull, f"b{k}": pull.sum(axis=0)}
        return found

    # -- inside ---------------------------------------------------------------------------------------

    def _move(self, state: State, eta: float, most: float) -> None:
        if self.variant != "fixed" and not energies(state).sum() < most:
            moving = f" while weights move with eta={eta:g}" if self.variant == "incremental" else ""
            raise ConfigError(f"units diverge with gamma={self.gamma:g}{moving}; take a smaller one")
        self._adam.step(self.arrays, self.asked(state), eta)

    def _loaded(self) -> None:
        self._adam = Adam()

    def _layers(self) -> list[Layer]:
        return [
            Layer(self.arrays[f"w{k}"], self.arrays[f"b{k}"], neuron, self._down)
            for k, neuron in enumerate(self._neurons)
        ]


def _most(start: State) -> float:
    """Return the energy above which units have diverged; raises InputError where they start too far off."""
    energy = float(energies(start).sum())
    if not energy < LARGEST:
        raise InputError(
            f"the first predictions are off by {energy:.1g}; lower eta, or bring X to values of about 1"
        )
    return ROOM * (1 + energy)
