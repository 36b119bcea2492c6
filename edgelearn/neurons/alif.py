r"""Leaky integrate-and-fire unit whose threshold adapts: what a unit remembers longer than its potential does.

.. math::
    v_j &\leftarrow \alpha\, v_j + u_j - \vartheta z_j, \qquad a_j \leftarrow \rho\, a_j + z_j \\
    h_j &= v_j - (\vartheta + \beta a_j), \qquad z_j \leftarrow 1 \text{ where } h_j > 0 \text{, else } 0

z is the spike of the step before on the right, the one sent now on the left. The reset takes off the fixed threshold
alone, a step later, when the potential has not faded by it; `lif` takes off the adapted one at once. While refractory,
for the next ``refractory`` steps, a unit takes in its drive but sends nothing (z = 0). Slope:
:math:`\psi / \vartheta \cdot \max(0, 1 - |h_j| / \vartheta)`, and 0 while refractory. Nothing outlives a sample.

Bellec et al. 2020, Nat. Commun. 11:3625, "A solution to the learning dilemma for recurrent networks of spiking
neurons", Methods, network models; psi 0.3 as there.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least, fraction, positive, whole
from edgelearn.compiled import compiled
from edgelearn.neurons.base import Neuron
from edgelearn.types import F32, Array


class Params(NamedTuple):
    decay: np.float32  # potential kept per step, exp(-dt/tau), in [0, 1)
    threshold: np.float32  # > 0
    rho: np.float32  # adaptation kept per step, exp(-dt/tau), in [0, 1)
    beta: np.float32  # what a spike adds to its unit's threshold, >= 0
    refractory: np.float32  # steps without a spike after one, >= 0
    psi: np.float32  # slope at the threshold, as a share of 1 / threshold, > 0


class State(NamedTuple):
    v: F32  # (n_post,) potential
    a: F32  # (n_post,) adaptation
    z: F32  # (n_post,) spike of the step before
    wait: F32  # (n_post,) steps left without a spike


def init(n_post: int) -> State:
    """Return units at rest."""
    return State(*(np.zeros(n_post, np.float32) for _ in State._fields))


def step(p: Params, s: State, drive: Array) -> tuple[State, Array, Array]:
    """Return the next state, the spikes (0 or 1) and the slopes."""
    rested = s.wait <= 0
    v = p.decay * s.v + drive - p.threshold * s.z
    a: Array = p.rho * s.a + s.z
    above = v - (p.threshold + p.beta * a)
    spiked = rested & (above > 0)
    out = spiked.astype(drive.dtype)
    wait = np.where(spiked, p.refractory, np.where(rested, s.wait, s.wait - 1))
    near = 1 - np.abs(above) / p.threshold
    slope = p.psi / p.threshold * np.where(rested & (near > 0), near, 0)
    return State(v, a, np.array(out), wait), out, slope


@compiled()
def kernel(
    drive: F32, out: F32, slope: F32, v: F32, a: F32, z: F32, wait: F32, decay: float, threshold: float, rho: float,
    beta: float, refractory: float, psi: float,
) -> None:  # fmt: skip
    """`step` in place."""
    zero, one = np.float32(0.0), np.float32(1.0)
    for j in range(drive.shape[0]):
        rested = wait[j] <= zero
        v[j] = decay * v[j] + drive[j] - threshold * z[j]
        a[j] = rho * a[j] + z[j]
        above = v[j] - (threshold + beta * a[j])
        spiked = rested and above > zero
        out[j] = one if spiked else zero
        z[j] = out[j]
        wait[j] = refractory if spiked else (wait[j] if rested else wait[j] - one)
        near = one - abs(above) / threshold
        slope[j] = psi / threshold * (near if rested and near > zero else zero)


def neuron(
    decay: float = 0.95,
    threshold: float = 1.0,
    rho: float = 0.995,
    beta: float = 0.07,
    refractory: int = 0,
    psi: float = 0.3,
) -> Neuron:
    """Return the unit; with beta 0 its threshold stays. Raises ConfigError for a constant out of its bounds."""
    params = Params(
        fraction("decay", decay),
        positive("threshold", threshold),
        fraction("rho", rho),
        at_least("beta", beta, 0),
        np.float32(whole("refractory", refractory, 0)),
        positive("psi", psi),
    )
    return Neuron("alif", params, init, step, kernel, fades=State._fields, surrogate=True)
