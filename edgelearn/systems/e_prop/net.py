"""A recurrent spiking network that learns forward in time: neuron `alif`, rule `e_prop`.

The network sees its own spikes of the step before as further inputs. Its learning signal is the error of a leaky
readout by the readout's own weights, or by fixed random ones (`signals.feedback`). Changes are summed over a sequence,
averaged over a batch, and taken in steps of Adam, at a rate that falls in the second half.

Bellec et al. 2020, Nat. Commun. 11:3625, "A solution to the learning dilemma for recurrent networks of spiking
neurons".
"""

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np

from edgelearn.bounds import flag, fraction, positive, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.checks import LARGEST
from edgelearn.neurons import Neuron, alif
from edgelearn.rules import e_prop
from edgelearn.rules.base import check_array
from edgelearn.signals import feedback
from edgelearn.systems.adam import Adam
from edgelearn.systems.e_prop.sequence import Task, kernel
from edgelearn.systems.epochs import late_fall, train
from edgelearn.systems.net import Net
from edgelearn.types import F32, I64, Array

Teaching = Literal["symmetric", "random", "frozen"]
Loss = Literal["squared", "softmax"]
RECURRENT = (
    0.3  # of 1 / sqrt(n_units): from all of it the exact gradient explodes (10^4 of e-prop's in 1000 steps)
)
ROUNDED = 1e-3  # so far from 1 the shares of the classes may add up


class RecurrentNet(Net):
    """``n_units`` spiking units, all to all, between ``n_in`` inputs and a leaky readout of ``n_out`` values.

    ``neuron`` is a `neurons.alif`, of thresholds that stay where its beta is 0. ``kappa`` is the leak of the readout,
    ``loss`` half the squared error or the cross-entropy of a softmax. ``teaching`` says by which weights the error
    reaches the units: those of the readout ("symmetric"), fixed ones ("random"), or none ("frozen", the control: the
    readout alone learns). No unit sees itself; ``recurrent`` False cuts units off each other, too. ``slow`` False, a
    control, leaves out of the eligibility how synapses move thresholds.

    Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        n_in: int,
        n_units: int,
        n_out: int,
        neuron: Neuron | None = None,
        *,
        kappa: float = 0.95,
        loss: Loss = "squared",
        teaching: Teaching = "symmetric",
        recurrent: bool = True,
        slow: bool = True,
        eta: float = 1e-3,
        seed: int = 0,
    ) -> None:
        self.n_in, self.n_units, self.n_out = (
            whole(name, n, 1) for name, n in (("n_in", n_in), ("n_units", n_units), ("n_out", n_out))
        )
        self.neuron = _spiking(alif.neuron() if neuron is None else neuron)
        self.kappa, self.eta = float(fraction("kappa", kappa)), float(positive("eta", eta))
        self.recurrent, self.slow = flag("recurrent", recurrent), flag("slow", slow)
        if loss not in get_args(Loss) or teaching not in get_args(Teaching):
            raise ConfigError(
                f"loss must be one of {', '.join(get_args(Loss))} and teaching one of {', '.join(get_args(Teaching))}, "
                f"not {loss!r} and {teaching!r}"
            )
        if loss == "softmax" and self.n_out < 2:
            raise ConfigError("a softmax needs n_out of at least 2: one class is always told rightly")
        self.loss, self.teaching = loss, teaching
        p = self.neuron.params
        beta = float(p.beta) if self.slow else 0.0
        self.rule = e_prop.rule(1.0, alpha=float(p.decay), rho=float(p.rho), beta=beta, kappa=self.kappa)
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.cut = self._cut()
        self.arrays = self._draw()
        if teaching == "random":
            self.arrays["feedback"] = feedback.signal(self.n_out, seed).init(self.n_units).weights

    def fit(
        self,
        X: F32,
        target: F32,
        counts: F32 | None = None,
        *,
        epochs: int = 1,
        batch: int = 1,
        shuffled: bool = True,
    ) -> Iterator[int]:
        """Learn from sequences ``X`` (n, T, n_in), yielding the number of epochs done after each.

        ``target`` (n, T, n_out) is what to answer, shares for a softmax; ``counts`` (T,) is how much each step counts
        (None: all alike). Raises InputError for others, and for several of one class alone, before anything is learned.
        """
        X, target, asked = self._task(X, target, counts)
        wanted = target[:, asked > 0]
        if self.loss == "softmax" and len(X) > 1 and (wanted == wanted[:1, :1]).all():
            raise InputError("all targets are the same; there is nothing to tell apart: give two classes")
        adam = Adam()

        def step(who: I64, done: float) -> None:
            adam.step(self.arrays, self.gradient(X[who], target[who], asked), self.eta * late_fall(done))

        return train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)

    def answers(self, X: F32) -> F32:
        """Return what the readout says at each step, (n, T, n_out), of ``X`` (n, T, n_in); shares for a softmax."""
        X = self._sequences(X)
        target = np.zeros((*X.shape[:2], self.n_out), np.float32)
        return self._through(X, target, np.zeros(X.shape[1], np.float32), learns=False)[0]

    def gradient(self, X: F32, target: F32, counts: F32 | None = None) -> dict[str, Array]:
        """Return the gradient, by e-prop, of the mean loss over sequences of each of ``arrays`` that learns.

        Takes and raises what `fit` does, and InputError for no sequence.
        """
        X, target, asked = self._task(X, target, counts)
        if not len(X):
            raise InputError("X has no sequence; give at least one")
        _, change, change_out = self._through(X, target, asked, learns=True)
        found: dict[str, Array] = {"out": -change_out / np.float32(len(X))}
        if self.teaching != "frozen":
            change[self.cut] = 0
            found["w"] = -change / np.float32(len(X))
        return found

    # -- inside ---------------------------------------------------------------------------------------

    def _through(self, X: F32, target: F32, counts: F32, learns: bool) -> tuple[F32, F32, F32]:
        w, out = self.arrays["w"], self.arrays["out"]
        back = self.arrays["feedback"] if self.teaching == "random" else np.ascontiguousarray(out.T)
        answers, change, change_out = np.empty_like(target), np.zeros_like(w), np.zeros_like(out)
        state, memory = self.neuron.init(self.n_units), self.rule.init(*w.shape)
        for x, wanted, said in zip(X, target, answers, strict=True):
            for array in (*state, *memory):
                array[...] = 0
            kernel.dispatcher(
                x, Task(wanted, counts, self.loss == "softmax"), w, out, back, self.rule.params.kappa,
                (*state, *self.neuron.params), (*memory, *self.rule.params), change, change_out, said, learns,
            )  # fmt: skip
        return answers, change, change_out

    def _task(self, X: object, target: object, counts: object) -> tuple[F32, F32, F32]:
        """Return what is to be learned; raises InputError."""
        seen = self._sequences(X)
        steps = seen.shape[1:2]
        asked = np.ones(steps, np.float32) if counts is None else _usable("counts", counts, steps)
        if asked.min() < 0:
            raise InputError("counts must be at least 0")
        wanted = _usable("target", target, (*seen.shape[:2], self.n_out))
        shares = wanted[:, asked > 0]
        if self.loss == "softmax" and not (
            (shares >= 0).all() and (abs(shares.sum(axis=2) - 1) < ROUNDED).all()
        ):
            raise InputError(
                "target must be shares of the classes, from 0 on and 1 together, where the loss is a softmax"
            )
        return seen, wanted, asked

    def _sequences(self, X: object) -> F32:
        if not isinstance(X, np.ndarray) or X.ndim != 3 or X.shape[2] != self.n_in or not X.shape[1]:
            found = X.shape if isinstance(X, np.ndarray) else type(X).__name__
            raise InputError(f"X must be sequences (n, T, {self.n_in}), not {found}")
        return _usable("X", X, X.shape)

    def _cut(self) -> Array:
        """Return which synapses (n_in + n_units, n_units) are none."""
        cut = np.zeros((self.n_in + self.n_units, self.n_units), bool)
        cut[self.n_in :] = np.eye(self.n_units, dtype=bool) if self.recurrent else True
        return cut

    def _draw(self) -> dict[str, Array]:
        n_pre = self.n_in + self.n_units
        w = (
            self.rng.standard_normal((n_pre, self.n_units))
            / np.sqrt(np.repeat((self.n_in, self.n_units), (self.n_in, self.n_units)))[:, None]
        )
        w[self.n_in :] *= RECURRENT
        w[self.cut] = 0
        out = self.rng.standard_normal((self.n_units, self.n_out)) / np.sqrt(self.n_units)
        return {"w": w.astype(np.float32), "out": out.astype(np.float32)}


def _spiking(neuron: object) -> Neuron:
    """Return the neuron; raises ConfigError unless it is the one that e-prop's equations are of."""
    if not isinstance(neuron, Neuron) or neuron.name != "alif":
        raise ConfigError(f"neuron must be a neurons.alif, not {getattr(neuron, 'name', neuron)!r}")
    return neuron


def _usable(name: str, value: object, shape: tuple[int, ...]) -> F32:
    found = check_array(name, value, shape)
    if not (np.abs(found) < LARGEST).all():
        raise InputError(f"{name} has NaN, infinity or values above {LARGEST:.1g}; nothing was learned")
    return found
