r"""Back-propagation through time in `systems.e_prop.RecurrentNet`: the twin that e-prop is measured against.

.. math::
    \delta y[t] &= (\hat y - y^*)[t] + \kappa\, \delta y[t+1], \qquad
    \delta z[t] = O\, \delta y[t] + W_{rec}\, \delta v[t+1] + \delta a[t+1] \\
    \delta v[t] &= \psi[t]\, \delta z[t] + \alpha\, \delta v[t+1], \qquad
    \delta a[t] = -\beta\, \psi[t]\, \delta z[t] + \rho\, \delta a[t+1]

Same forward pass and surrogate slope, the reset detached; many sequences at once, all steps kept.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.neurons import alif
from edgelearn.systems.e_prop import RecurrentNet
from edgelearn.systems.net import softmax
from edgelearn.types import Array


class Tape(NamedTuple):
    """All steps of n sequences."""

    pre: Array  # (T, n, n_in + n_units) what the units saw
    slope: Array  # (T, n, n_units)
    out: Array  # (T, n, n_units) spikes
    answers: Array  # (T, n, n_out)


def tape(net: RecurrentNet, X: Array) -> Tape:
    """Return the forward pass of ``X`` (n, T, n_in), in the dtype of the weights."""
    p, w, out, n = net.neuron.params, net.arrays["w"], net.arrays["out"], len(X)
    v, a, z, wait = (np.zeros((n, net.n_units), w.dtype) for _ in range(4))
    y, steps = np.zeros((n, net.n_out), w.dtype), []
    for t in range(X.shape[1]):
        pre = np.concatenate((X[:, t], z), axis=1)
        state, z, slope = alif.step(p, alif.State(v, a, z, wait), pre @ w)
        v, a, _, wait = state
        y = net.rule.params.kappa * y + z @ out
        steps.append((pre, slope, z, softmax(y) if net.loss == "softmax" else y))
    return Tape(*(np.stack(part) for part in zip(*steps, strict=True)))


def gradient(
    net: RecurrentNet, X: Array, target: Array, counts: Array, largest: float = np.inf
) -> dict[str, Array]:
    """Return the gradient of the mean loss over sequences of each of ``net.arrays``, as `RecurrentNet.gradient`.

    What reaches a spike on the way back is cut to +- ``largest`` each (Graves 2013, arXiv:1308.0850, section 2.1).
    """
    p, w, out, n = net.neuron.params, net.arrays["w"], net.arrays["out"], len(X)
    seen, kappa = tape(net, X), net.rule.params.kappa
    change, change_out = np.zeros_like(w), np.zeros_like(out)
    dy, dv, da = (np.zeros((n, size), w.dtype) for size in (net.n_out, net.n_units, net.n_units))
    for t in range(X.shape[1] - 1, -1, -1):
        dy = counts[t] * (seen.answers[t] - target[:, t]) + kappa * dy
        dz = np.clip(dy @ out.T + dv @ w[net.n_in :].T + da, -largest, largest)
        dv = seen.slope[t] * dz + p.decay * dv
        da = p.rho * da - p.beta * (seen.slope[t] * dz)
        change += seen.pre[t].T @ dv
        change_out += seen.out[t].T @ dy
    change[net.cut] = 0
    return {"w": change / w.dtype.type(n), "out": change_out / w.dtype.type(n)}
