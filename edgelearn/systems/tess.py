r"""TESS: a spiking net whose layers learn alone, each from its own traces and spikes, and none from another.

At each of the last steps (t >= T - late) of a sequence, for each layer by itself:

.. math::
    p &= \mathrm{softmax}(\kappa B o / n), \quad \delta = \kappa B^\top (p - y) / n \\
    G_{ij} &\mathrel{+}= \delta_j (a_{pre} \psi_j \bar x_i + a_{post} \bar\psi_j x_i)

with o the spikes of the layer's n units at this step, y its label and B fixed waves. Neuron `lif`, rule
`stdp_eligibility` (the sum over steps is in `s_tllr.traces`), signal `synchrony`, not normalised, tau = 1 / kappa: it
takes the place that back-propagated errors have in S-TLLR. The readout is linear, and learns from its own error.

kappa = 1 is TESS as published: logits are at most 1, the softmax hardly leaves 1 / n_classes, and delta is little more
than a constant for each class. A larger kappa ("TESS-kappa", our variant, 100 for layers of 400 units) lets the error
fall where a layer is already right.

Apolinario, Roy & Frenkel 2025, IJCNN, "TESS: A Scalable Temporally and Spatially Local Learning Rule for Spiking Neural
Networks", and the factors of its code for static images: lam_pre 0.5, lam_post 0.2, a_pre 1, a_post 1 (0 for
recordings of events, where -1 was better here). Its public training loop seems to hand labels to the steps before
T - late, not to those after.
"""

from collections.abc import Sequence

import numpy as np

from edgelearn.bounds import between
from edgelearn.neurons import Neuron
from edgelearn.rules import Rule, stdp_eligibility
from edgelearn.signals import synchrony
from edgelearn.systems.s_tllr import SpikingNet, checks


class Tess(SpikingNet):
    """A `SpikingNet` that is taught layer by layer; `s_tllr.fit` trains it, `s_tllr.gradient` is its gradient.

    ``kappa``, from 1e-6 to 1e6, multiplies the logits of every layer; all else as in `SpikingNet`. Raises ConfigError
    for a setting out of its bounds.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        neuron: Neuron | None = None,
        rule: Rule | None = None,
        *,
        kappa: float = 1.0,
        late: int = 5,
        recurrent: bool = False,
        standardised: bool = True,
        seed: int = 0,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self.kappa = float(between("kappa", kappa, 1e-6, 1e6))
        signal = synchrony.signal(checks.sizes(sizes)[-1], tau=1 / self.kappa, normalised=False)
        super().__init__(
            sizes, neuron, stdp_eligibility.rule(a_post=1.0) if rule is None else rule, teaching=signal, late=late,
            recurrent=recurrent, standardised=standardised, seed=seed, dtype=dtype,
        )  # fmt: skip
