r"""Diehl & Cook: spiking units that compete for images, learn by STDP, and never see a label.

At each of 250 steps of 1 ms, x are the inputs that spike and z the unit that does, the highest above its threshold:

.. math::
    v &\leftarrow \lambda v + W^\top x, \quad z_j = 1 \text{ where } v_j > 13 + \theta_j, \quad
    \theta \leftarrow \theta + \theta_+ z, \quad v_k \leftarrow v_k - \text{inhibition for } k \ne j \\
    \Delta w_{ij} &= -\eta_{pre}\, x_i \bar z_j + \eta_{post}\, \bar x_i z_j, \quad w \in [0, 1]

with traces :math:`\bar x, \bar z` that fade in 20 ms. Neuron `lif`, which says how potentials are reset and how long a
unit rests, rule `stdp`, no third factor; all steps of an image in `kernels.stdp_stream`. Input spikes at random, a
pixel of 1 at 128 Hz; an image that moves fewer than 5 spikes is shown again, brighter. After each presentation the
weights of a unit that spiked are scaled to their sum at the start, 0.1 a synapse, and thetas fade, in 10,000 s.

Diehl & Cook 2015, Front. Comput. Neurosci. 9:99, with current-based units and the constants of BindsNET (Hazan et al.
2018, Front. Neuroinform. 12:89, DiehlAndCook2015); units inhibit each other at once, without a layer in between.
"""

from collections.abc import Mapping
from math import exp
from typing import Self

import numpy as np

from edgelearn.bounds import at_least, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.checks import all_finite
from edgelearn.kernels.stdp_stream import Show, stream
from edgelearn.neurons import lif
from edgelearn.rules import stdp
from edgelearn.rules.base import check_array
from edgelearn.systems import votes
from edgelearn.types import F32, Array

STEPS = 250  # of 1 ms
FEW = 500  # images a call of the kernel, which cannot be interrupted
LAST_SEED = 2**63 - 1  # a kernel's whole numbers have 64 bits
LEARNED = {"w", "theta", "n_shown", "seed"}
VOTES = tuple(f"votes.{name}" for name in votes.Votes._fields)


class DiehlCook:
    """``n_post`` units over images of ``n_pre`` pixels.

    ``theta_plus`` is what a spike adds to its unit's threshold (mV), ``inhibition`` what it takes off the potential of
    all others (mV); 0 for either is a control that must fail. ``eta`` is the potentiation at a spike, a hundred times
    the depression; BindsNET's 0.01 suits 1600 units that see each image several times, half of it fewer units.
    Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self,
        n_post: int = 400,
        n_pre: int = 784,
        *,
        theta_plus: float = 0.05,
        inhibition: float = 120.0,
        eta: float = 5e-3,
        seed: int = 0,
    ) -> None:
        self.n_post, self.n_pre = whole("n_post", n_post, 1), whole("n_pre", n_pre, 1)
        self.seed = whole("seed", seed, 0)
        if self.seed > LAST_SEED:
            raise ConfigError(f"seed must be at most {LAST_SEED}, not {seed}")
        at_least("eta", eta, 0)
        self.neuron = lif.neuron(
            decay=exp(-1 / 100),
            threshold=13.0,
            reset=5.0,
            refractory=5,
            theta_plus=theta_plus,
            inhibition=inhibition,
            one_spike=True,
        )
        self.rule = stdp.rule(
            eta_pre=eta / 100, eta_post=eta, decay_pre=exp(-1 / 20), decay_post=exp(-1 / 20)
        )
        self.show = Show(
            steps=STEPS,
            rate=np.float32(0.128),
            raised=np.float32(0.064),
            enough=5,
            tries=16,
            norm=np.float32(0.1 * n_pre),
            fade=np.float32(exp(-STEPS / 1e7)),
        )
        drawn = np.random.default_rng(seed).uniform(size=(n_pre, n_post)).astype(np.float32)
        self.w: F32 = drawn * (self.show.norm / drawn.sum(axis=0))
        self.theta: F32 = np.zeros(n_post, np.float32)
        self.n_shown = 0  # presentations learned from
        self.votes: votes.Votes | None = None

    def fit(self, images: F32) -> Self:
        """Learn from ``images`` (n, n_pre), float32 in [0, 1], in their order, once; further calls go on learning.

        Raises InputError for others, before anything is learned.
        """
        counts = np.empty((FEW, self.n_post), np.float32)
        for few in self._few(images):
            self.n_shown = self._stream(few, counts, self.w, self.theta, learns=True)
        return self

    def counts(self, images: F32) -> F32:
        """Return how often each unit spikes for each of ``images`` (n, n_pre): (n, n_post); nothing changes.

        Each image meets the same noise: its counts do not depend on the others.
        """
        few = self._few(images)
        counts = np.empty((len(images), self.n_post), np.float32)
        for number, part in enumerate(few):
            self._stream(part, counts[number * FEW :], self.w, np.array(self.theta), learns=False)
        return counts

    def label(self, images: F32, labels: Array) -> Self:
        """Give each unit the class it answers most among ``images`` (n, n_pre) with ``labels`` (n,).

        Those must be training images: what is predicted later must not have been among them.
        """
        self.votes = votes.assign(self.counts(images), labels)
        return self

    def predict(self, images: F32, how: votes.How = "activity") -> Array:
        """Return the label (n,) of each of ``images`` (n, n_pre).

        Raises InputError before `label`, ConfigError for another ``how``.
        """
        if self.votes is None:
            raise InputError(
                "the units stand for no class yet: call label(images, labels) with training images"
            )
        return votes.predict(self.votes, self.counts(images), how)

    def state(self) -> dict[str, Array]:
        """Return everything learned, and the seed of the spikes to come, as arrays, views of live ones."""
        numbers = {"n_shown": np.array(self.n_shown, np.int64), "seed": np.array(self.seed, np.int64)}
        named = {} if self.votes is None else dict(zip(VOTES, self.votes, strict=True))
        return {"w": self.w, "theta": self.theta} | numbers | named

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; raises InputError, unchanged, for arrays of another network."""
        if not isinstance(arrays, Mapping) or set(arrays) - set(VOTES) != LEARNED:
            raise InputError(f"a state has {', '.join(sorted(LEARNED))}: give all that state() returned")
        w = check_array("w", arrays["w"], (self.n_pre, self.n_post))
        theta = check_array("theta", arrays["theta"], (self.n_post,))
        if not (all_finite(w.reshape(-1)) and all_finite(theta)):
            raise InputError("w or theta has NaN or infinity; nothing was loaded")
        if w.min() < 0 or theta.min() < 0:
            raise InputError("w or theta has values below 0, which they never have; nothing was loaded")
        n_shown, seed = (int(check_array(name, arrays[name], (), np.int64)) for name in ("n_shown", "seed"))
        if n_shown < 0 or seed < 0:
            raise InputError(f"n_shown and seed must be at least 0, not {n_shown} and {seed}")
        named = [arrays[name] for name in VOTES if name in arrays]
        if named and len(named) < len(VOTES):
            raise InputError(f"the votes need {', '.join(VOTES)}: give all that state() returned")
        self.votes = votes.restored(votes.Votes(*named), self.n_post) if named else None
        self.w, self.theta, self.n_shown, self.seed = np.array(w), np.array(theta), n_shown, seed

    def _few(self, images: F32) -> list[F32]:
        check_array("images", images, None)
        if images.shape[1] != self.n_pre:
            raise InputError(
                f"images must have {self.n_pre} pixels each, shape (n, {self.n_pre}), not {images.shape}"
            )
        if len(images) and not (images.min() >= 0 and images.max() <= 1):
            raise InputError("images must be finite and in [0, 1]; divide bytes by 255")
        return [images[start : start + FEW] for start in range(0, len(images), FEW)]

    def _stream(self, images: F32, counts: F32, w: F32, theta: F32, learns: bool) -> int:
        neuron = self.neuron.params if learns else self.neuron.still
        return stream.dispatcher(
            images, counts, w, theta, self.show, self.seed, self.n_shown, neuron, self.rule.params, learns
        )
