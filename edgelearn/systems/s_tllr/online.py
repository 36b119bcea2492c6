"""The same learning one sample at a time, on spike lists, as a device runs it: one hidden layer, random feedback."""

import numpy as np

from edgelearn.bounds import positive, whole
from edgelearn.errors import InputError
from edgelearn.kernels import online_snn
from edgelearn.neurons import Neuron, lif
from edgelearn.rules import Rule, stdp_eligibility
from edgelearn.signals import feedback
from edgelearn.systems.net import Net
from edgelearn.systems.s_tllr import checks
from edgelearn.systems.s_tllr.units import plain, unbounded
from edgelearn.types import F32, Array


class OnlineNet(Net):
    """``n_hidden`` LIF units that learn at every step of a sample, and a softmax readout that learns beside them.

    ``first`` is the step from which a sample teaches, ``spread`` the norm at which the weights of a unit start.
    Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        n_out: int,
        neuron: Neuron | None = None,
        rule: Rule | None = None,
        *,
        eta_readout: float = 0.01,
        first: int = 0,
        spread: float = 4.0,
        seed: int = 0,
    ) -> None:
        n_in, n_out = whole("n_in", n_in, 1), whole("n_out", n_out, 2)
        n = whole("n_hidden", n_hidden, 1)
        unit = plain(lif.neuron() if neuron is None else neuron).params
        rule = unbounded(stdp_eligibility.rule() if rule is None else rule)
        seed = checks.within("seed", seed, 0, checks.SEEDS)
        self.first = whole("first", first, 0)
        cell = unit.decay, unit.threshold, unit.psi, unit.width
        self.constants = np.array([*cell, *rule.params[:5], positive("eta_readout", eta_readout)], np.float32)
        size = float(positive("spread", spread)) / np.sqrt(n_in)
        self.w: F32 = (np.random.default_rng(seed).normal(size=(n_in, n)) * size).astype(np.float32)
        self.readout = np.zeros((n, n_out), np.float32)
        self.back = feedback.signal(n_out, seed).init(n).weights
        self.arrays = {
            "w": self.w,
            "readout": self.readout,
            "back": self.back,
        }  # nothing else outlives a sample
        self._units, self._says = np.zeros((6, n), np.float32), np.zeros((2, n_out), np.float32)
        self._trace, self._lists = np.zeros(n_in, np.float32), np.zeros((3, max(n_in, n)), np.int32)

    @property
    def learning_bytes(self) -> int:
        """Bytes kept for learning besides the weights; no number of steps is in it."""
        kept = self._units, self._says, self._trace, self._lists
        return sum(a.nbytes for a in kept)

    def learn_one(self, active: Array, n_active: Array, label: int) -> None:
        """Learn a sample: step t has the spikes ``active[t, :n_active[t]]``, ascending; both int32.

        Raises InputError for another shape or dtype or a class that does not exist, with nothing learned.
        """
        self._check(active, n_active)
        label = checks.label(label, len(self.back))
        online_snn.learn.dispatcher(
            active, n_active, label, self.first, self.w, self.readout, self.back,
            self._units, self._says, self._trace, self._lists, self.constants,
        )  # fmt: skip

    def predict_one(self, active: Array, n_active: Array) -> int:
        """Return the class whose readout, summed over all steps, is highest."""
        self._check(active, n_active)
        online_snn.scores.dispatcher(
            active, n_active, self.w, self.readout, self._units, self._says, self._lists, self.constants
        )
        return int(self._says[0].argmax())

    def _check(self, active: Array, n_active: Array) -> None:
        checks.spikes(active, n_active)
        if n_active.shape != active.shape[:1] or not online_snn.are_lists.dispatcher(
            active, n_active, len(self.w)
        ):
            raise InputError(
                f"active[t, :n_active[t]] must be inputs in 0..{len(self.w) - 1}, ascending, for each step t"
            )


def spike_lists(spikes: Array) -> tuple[Array, Array]:
    """Return (active, n_active) of spikes (T, n_in), 0 where there is none."""
    n_active = np.count_nonzero(spikes, axis=1).astype(np.int32)
    active = np.zeros((len(spikes), max(1, int(n_active.max(initial=0)))), np.int32)
    steps, inputs = np.nonzero(spikes)
    active[steps, np.arange(len(steps)) - np.repeat(np.cumsum(n_active) - n_active, n_active)] = inputs
    return active, n_active
