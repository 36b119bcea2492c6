r"""One sequence through the network, and what every synapse asks for on the way.

.. math::
    z[t] &= \mathrm{alif}(W^\top (x[t], z[t-1])) \\
    y[t] &= \kappa\, y[t-1] + O^\top z[t] \\
    m_j[t] &= \sum_k B_{kj}\, (y^*_k[t] - \hat y_k[t])

with the rule `e_prop` on W and, on O, the same error times spikes filtered by kappa. :math:`\hat y` is y, or its
softmax. `define` is the definition, from those of its parts, in any dtype; `kernel` the same compiled, bit for bit.
"""

from typing import Any, NamedTuple

import numpy as np

from edgelearn.compiled import compiled
from edgelearn.kernels.functions import define_exp, exp
from edgelearn.kernels.order import define_drive, drive, in_order
from edgelearn.neurons import alif
from edgelearn.neurons.alif import kernel as spike
from edgelearn.rules import e_prop
from edgelearn.rules.e_prop import kernel as learn
from edgelearn.types import F32, Array


class Changes(NamedTuple):
    """What a sequence asks for: minus the gradient of its summed loss."""

    w: Array  # (n_in + n_units, n_units)
    out: Array  # (n_units, n_out)


class Task(NamedTuple):
    """What is to be answered, and when."""

    target: Array  # (T, n_out)
    counts: Array  # (T,) weight of the loss at each step, 0 where nobody asks
    shares: bool  # the answer is the softmax of the readout


def define(
    x: Array, task: Task, w: Array, out: Array, back: Array, neuron: alif.Params, rule: e_prop.Params
) -> tuple[Array, Changes]:
    """Return the answers (T, n_out) and the changes: x (T, n_in), weights as in `Changes`, back (n_out, n_units).

    ``rule.eta`` is 1. Everything is at rest at the start.
    """
    n, kind = w.shape[1], w.dtype
    state, memory = _rest(alif.init(n), kind), _rest(e_prop.init(*w.shape), kind)
    answers, filtered, y = np.zeros_like(task.target), np.zeros(n, kind), np.zeros(out.shape[1], kind)
    change, change_out, z = np.zeros_like(w), np.zeros_like(out), np.zeros(n, kind)
    for t in range(len(x)):
        pre = np.concatenate((x[t], z))
        state, z, slope = alif.step(neuron, state, define_drive(pre, w))
        y = rule.kappa * y + define_drive(z, out)
        filtered = rule.kappa * filtered + z
        answers[t] = _define_shares(y) if task.shares else y
        error = task.counts[t] * (task.target[t] - answers[t])
        memory, change = e_prop.step(rule, memory, change, pre, slope, define_drive(error, back))
        change_out = change_out + filtered[:, None] * error
    return answers, Changes(change, change_out)


def _rest(state: Any, kind: Any) -> Any:
    return type(state)(*(a.astype(kind) for a in state))


def _define_shares(y: Array) -> Array:
    raised = define_exp(y - y.max())
    return np.asarray(raised / in_order(raised))


@compiled()
def kernel(
    x: F32, task: Task, w: F32, out: F32, back: F32, kappa: float, units: Any, synapses: Any,
    change: F32, change_out: F32, answers: F32, learns: bool,
) -> None:  # fmt: skip
    """`define`: fills answers and, with ``learns``, adds to change and change_out.

    units and synapses are the state, at rest, and then the params of `neurons.alif` and of `rules.e_prop`.
    """
    n_in, n, n_out = x.shape[1], w.shape[1], out.shape[1]
    pre = np.zeros(n_in + n, np.float32)
    u, z, slope = np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.float32)
    filtered, third = np.zeros(n, np.float32), np.zeros(n, np.float32)
    y, now, error = np.zeros(n_out, np.float32), np.zeros(n_out, np.float32), np.zeros(n_out, np.float32)
    for t in range(x.shape[0]):
        pre[:n_in] = x[t]
        pre[n_in:] = z
        drive(pre, w, u)
        spike(u, z, slope, *units)
        drive(z, out, now)
        for k in range(n_out):
            y[k] = kappa * y[k] + now[k]
            answers[t, k] = y[k]
        if task.shares:
            _shares(answers[t])
        if learns:
            for j in range(n):
                filtered[j] = kappa * filtered[j] + z[j]
            for k in range(n_out):
                error[k] = task.counts[t] * (task.target[t, k] - answers[t, k])
            drive(error, back, third)
            learn(change, pre, slope, third, *synapses)
            for j in range(n):
                for k in range(n_out):
                    change_out[j, k] += filtered[j] * error[k]


@compiled()
def _shares(y: F32) -> None:
    top, total = y[0], np.float32(0.0)
    for k in range(y.shape[0]):
        top = y[k] if y[k] > top or y[k] != y[k] else top
    for k in range(y.shape[0]):
        y[k] = exp(y[k] - top)
        total += y[k]
    for k in range(y.shape[0]):
        y[k] = y[k] / total
