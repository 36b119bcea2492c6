r"""The gradient that local traces give: two vectors a layer, whatever the number of steps.

At each of the last steps :math:`G_{ij} \mathrel{+}= \delta_j (a_{pre} \psi_j \bar x_i + a_{post} \bar\psi_j x_i)`,
with delta the gradient of this step's loss by the spikes of the same step: it goes down the layers, or comes from each
layer's own signal, never back in time. The sum over the steps of `rules.stdp_eligibility` with the third factor -delta
and eta = 1 is -G.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.signals import Signal
from edgelearn.systems.net import many, one_hot
from edgelearn.systems.s_tllr.net import SpikingNet
from edgelearn.systems.s_tllr.units import Activity
from edgelearn.types import Array


class Traces(NamedTuple):
    """What learning remembers of the steps before, one array a hidden layer; none where the rule needs none."""

    pre: list[Array]  # (n_samples, n_pre) inputs, this step's included
    post: list[Array]  # (n_samples, n_post) slopes, this step's not yet


def start(net: SpikingNet, n_samples: int) -> Traces:
    """Return the traces at the start of a sequence."""
    if net.teaching == "frozen":
        return Traces([], [])
    pre = [np.zeros((n_samples, net.inputs(k)), net.dtype) for k in range(len(net.hidden))]
    post = [np.zeros((n_samples, n), net.dtype) for n in net.hidden] if net.rule.params.a_post else []
    return Traces(pre, post)


def gradient(net: SpikingNet, x: Array, y: Array) -> dict[str, Array]:
    """Return the gradient of each of ``net.arrays`` that learns: x (T, n_samples, n_in), y (n_samples,) classes.

    Raises InputError for others, by `SpikingNet.check`.
    """
    net.check(x, y)
    w, now, p = net.synapses(), net.rest(x.shape[1]), net.rule.params
    pre, post = start(net, x.shape[1])
    sums, readout = [np.zeros_like(w[k]) for k in range(len(pre))], np.zeros_like(net.arrays["readout"])
    for t, frame in enumerate(x):
        now, seen = net.advance(w, now, frame)
        pre = [p.lam_pre * trace + value for trace, value in zip(pre, seen, strict=False)]
        if t >= len(x) - net.late:
            error = net.error(now[-1].out, y)
            readout += now[-1].out.T @ error
            for k, delta in enumerate(signals(net, w, now, error, y)):
                sums[k] += pre[k].T @ (p.a_pre * (delta * now[k].slope))
                if post:
                    sums[k] += seen[k].T @ (p.a_post * (delta * post[k]))
        post = [p.lam_post * trace + layer.slope for trace, layer in zip(post, now, strict=False)]
    return net.back(sums, readout)


def signals(net: SpikingNet, w: list[Array], now: list[Activity], error: Array, y: Array) -> list[Array]:
    """Return the gradient of this step's loss by the spikes of each layer, or what stands in for it."""
    if isinstance(net.teaching, Signal):
        target = one_hot(y, net.sizes[-1])
        return [many(net.teaching, layer.out, target) / net.dtype.type(-len(y)) for layer in now]
    if net.teaching == "frozen":
        return []
    if net.teaching == "dfa":
        return [error @ net.arrays[f"feedback{k}"] for k in range(len(now))]
    if net.teaching == "noise":
        return [net.rng.standard_normal(layer.out.shape, np.float32).astype(net.dtype) for layer in now]
    down = [error @ net.arrays["readout"].T]
    for k in range(len(w) - 1, 0, -1):
        down.insert(0, (down[0] * now[k].slope) @ w[k][: net.sizes[k]].T)
    return down
