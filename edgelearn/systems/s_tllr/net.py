"""A spiking network that learns by local traces: LIF units, STDP eligibility, an instantaneous learning signal.

The neuron is `neurons.lif`, the rule `rules.stdp_eligibility`; their constants are the ones used here, for many
samples at once by matrix products. A recurrent layer sees its own spikes of the step before as further inputs.

Apolinario & Roy 2025, TMLR, "S-TLLR: STDP-inspired Temporal Local Learning Rule for Spiking Neural Networks".
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from edgelearn.bounds import flag, whole
from edgelearn.errors import ConfigError
from edgelearn.neurons import Neuron, lif
from edgelearn.rules import Rule, stdp_eligibility
from edgelearn.signals import Signal
from edgelearn.systems.net import Net
from edgelearn.systems.s_tllr import checks, standardise
from edgelearn.systems.s_tllr.units import Activity, advance, plain, rest, unbounded
from edgelearn.types import Array

Teaching = Literal["bp", "dfa", "noise", "frozen"]


class SpikingNet(Net):
    """Hidden layers of LIF units under a linear readout of their spikes at the same step.

    ``sizes`` are the numbers of inputs, of units in each hidden layer, and of classes. ``teaching`` is where the
    learning signal of a hidden layer comes from: "bp", the error through the weights above at the same step; "dfa",
    the error by fixed random weights; a `Signal` taught by labels, which sees the layer's own spikes alone; and two
    controls: "noise", drawn anew at each step; "frozen", no learning below the readout. The loss sees the last
    ``late`` steps. ``standardised`` weights have one norm and a learned gain a unit.

    ``arrays`` holds everything learned, and the fixed weights of "dfa".

    Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        neuron: Neuron | None = None,
        rule: Rule | None = None,
        *,
        teaching: Teaching | Signal = "bp",
        late: int = 5,
        recurrent: bool = False,
        standardised: bool = True,
        seed: int = 0,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self.sizes = checks.sizes(sizes)
        self.neuron = plain(lif.neuron() if neuron is None else neuron)
        self.rule = unbounded(stdp_eligibility.rule() if rule is None else rule)
        self.late = whole("late", late, 1)
        self.recurrent, self.standardised = flag("recurrent", recurrent), flag("standardised", standardised)
        self.teaching, self.dtype = teaching, checks.real(dtype)
        if not self._can_teach(teaching):
            raise ConfigError(
                f"teaching must be one of {', '.join(get_args(Teaching))}, or a Signal that is told which of "
                f"{self.sizes[-1]} classes it is and has a form for many samples, not "
                f"{getattr(teaching, 'name', teaching)!r}"
            )
        self.rng = np.random.default_rng(checks.within("seed", seed, 0, checks.SEEDS))
        self.arrays = self._draw()
        if teaching == "dfa":
            bound = np.sqrt(6 / self.sizes[-1])
            for k, n in enumerate(self.hidden):
                fixed = self.rng.uniform(-bound, bound, (self.sizes[-1], n))
                self.arrays[f"feedback{k}"] = fixed.astype(dtype)

    @property
    def hidden(self) -> tuple[int, ...]:
        """The numbers of units in the hidden layers."""
        return self.sizes[1:-1]

    def inputs(self, layer: int) -> int:
        """Return how many inputs a hidden layer sees, its own spikes included."""
        return self.sizes[layer] + (self.sizes[layer + 1] if self.recurrent else 0)

    def synapses(self) -> list[Array]:
        """Return the weights (n_pre, n_post) that the spikes of each hidden layer come from."""
        w = [self.arrays[f"w{k}"] for k in range(len(self.hidden))]
        if not self.standardised:
            return w
        return [standardise.forward(a, self.arrays[f"gain{k}"]) for k, a in enumerate(w)]

    def rest(self, n_samples: int) -> list[Activity]:
        """Return all hidden layers at rest: every sequence starts so."""
        return [rest(n_samples, n, self.dtype) for n in self.hidden]

    def advance(self, w: list[Array], now: list[Activity], x: Array) -> tuple[list[Activity], list[Array]]:
        """Return every layer one step later, and what each saw: x (n_samples, n_in), w from `synapses`."""
        after, seen = [], []
        for layer, before in enumerate(now):
            pre = np.concatenate((x, before.out), axis=1) if self.recurrent else x
            after.append(advance(self.neuron.params, before, pre @ w[layer]))
            seen.append(pre)
            x = after[-1].out
        return after, seen

    def scores(self, x: Array, last: int | None = None) -> Array:
        """Return the readout (n_samples, n_classes) summed over the last steps (None: all); x (T, n_samples, n_in).

        Raises InputError by `check`, and ConfigError unless ``last`` is one of 1..T.
        """
        self.check(x)
        last = len(x) if last is None else checks.within("last", last, 1, len(x))
        w, now = self.synapses(), self.rest(x.shape[1])
        total = np.zeros((x.shape[1], self.hidden[-1]), self.dtype)
        for t, frame in enumerate(x):
            now, _ = self.advance(w, now, frame)
            if t >= len(x) - last:
                total += now[-1].out
        return np.asarray(total @ self.arrays["readout"])

    def predict_many(self, x: Array, last: int | None = None) -> Array:
        """Return the class of each sample (n_samples,), by `scores`."""
        return np.asarray(self.scores(x, last).argmax(axis=1))

    def error(self, top: Array, y: Array) -> Array:
        """Return the gradient of a step's mean cross-entropy by the readout, ``top`` being the spikes under it."""
        scores = top @ self.arrays["readout"]
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = raised / raised.sum(axis=1, keepdims=True)
        error[np.arange(len(y)), y] -= 1
        return np.asarray(error / len(y))

    def back(self, sums: list[Array], readout: Array) -> dict[str, Array]:
        """Return the gradients of `arrays` from those of `synapses` and of the readout."""
        gradient = {"readout": readout}
        for layer, grad in enumerate(sums):
            w, gain = f"w{layer}", f"gain{layer}"
            if self.standardised:
                parts = standardise.backward(self.arrays[w], self.arrays[gain], grad)
                gradient[w], gradient[gain] = parts
            else:
                gradient[w] = grad
        return gradient

    def check(self, x: Array, y: Array | None = None) -> None:
        """Raise InputError unless x is (T >= late, n_samples, n_in), of finite values, in the dtype of the net.

        ``y``, where given, must be integers (n_samples,), each a class.
        """
        checks.frames(x, self.late, self.sizes[0], self.dtype)
        if y is not None:
            checks.classes(y, x.shape[1], self.sizes[-1])

    def _can_teach(self, teaching: object) -> bool:
        if not isinstance(teaching, Signal):
            return isinstance(teaching, str) and teaching in get_args(Teaching)
        fits = all(teaching.n_teach(n) == self.sizes[-1] for n in self.hidden)
        return teaching.teaches == "label" and teaching.batch is not None and fits

    def _draw(self) -> dict[str, Array]:
        weights: dict[str, Array] = {}
        for layer, n in enumerate(self.hidden):
            n_pre = self.inputs(layer)
            weights[f"w{layer}"] = (self.rng.normal(size=(n_pre, n)) / np.sqrt(n_pre)).astype(self.dtype)
            if self.standardised:
                weights[f"gain{layer}"] = np.ones(n, self.dtype)
        bound = 1 / np.sqrt(self.hidden[-1])
        weights["readout"] = self.rng.uniform(-bound, bound, self.sizes[-2:]).astype(self.dtype)
        return weights
