r"""Back-propagation through time, written out: the twin that learning by traces is measured against.

.. math::
    \delta u[t] = \psi[t]\, \big(\delta o[t] + R\, \delta u[t+1]\big) + \lambda\, \delta u[t+1]

Same network, same forward pass, the same surrogate slope psi, the reset detached. It keeps all inputs and slopes
of all steps. Neftci et al. 2019, IEEE Signal Process. Mag. 36(6), "Surrogate gradient learning".
"""

from typing import NamedTuple

import numpy as np

from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.types import Array


class Record(NamedTuple):
    """What the way back needs of one step."""

    seen: list[Array]  # (n_samples, n_pre) inputs of each hidden layer
    slope: list[Array]  # (n_samples, n_post) of each hidden layer
    top: Array  # (n_samples, n_post) spikes under the readout


def tape(net: SpikingNet, w: list[Array], x: Array) -> list[Record]:
    """Return the records of all steps: x (T, n_samples, n_in)."""
    now, records = net.rest(x.shape[1]), []
    for frame in x:
        now, seen = net.advance(w, now, frame)
        records.append(Record(seen, [layer.slope for layer in now], now[-1].out))
    return records


def gradient(net: SpikingNet, x: Array, y: Array) -> dict[str, Array]:
    """Return the gradient of all of ``net.arrays``: x (T, n_samples, n_in), y (n_samples,) classes."""
    net.check(x, y)
    w = net.synapses()
    records = tape(net, w, x)
    sums, readout = [np.zeros_like(a) for a in w], np.zeros_like(net.arrays["readout"])
    future = [np.zeros((x.shape[1], n), net.dtype) for n in net.hidden]
    for t in range(len(x) - 1, -1, -1):
        seen, slope, top = records[t]
        below = np.zeros_like(future[-1])
        if t >= len(x) - net.late:
            error = net.error(top, y)
            readout += top.T @ error
            below = error @ net.arrays["readout"].T
        for k in range(len(w) - 1, -1, -1):
            if net.recurrent:
                below = below + future[k] @ w[k][net.sizes[k] :].T
            future[k] = below * slope[k] + net.neuron.params.decay * future[k]
            sums[k] += seen[k].T @ future[k]
            if k:
                below = future[k] @ w[k][: net.sizes[k]].T
    return net.back(sums, readout)
