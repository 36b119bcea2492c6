"""GRLU by nothing but its parts: the definition of what `kernels.grlu_stream` does with a sample, in any dtype."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from edgelearn.kernels.functions import define_exp, define_log
from edgelearn.kernels.grlu_stream import TINY
from edgelearn.kernels.order import define_drive, in_order
from edgelearn.neurons import linear, relu
from edgelearn.signals import Signal, perturbation
from edgelearn.systems.grlu import GRLU
from edgelearn.types import F32, Array


class Seen(NamedTuple):
    """One pass: what each layer saw (n_pre + 1,), the slopes of its units (n_post,), and the reward."""

    pres: list[Array]
    slopes: list[Array]
    reward: Array


def shown(w: Sequence[Array], x: Array, label: int, push: Array) -> Seen:
    """Return what a sample does: x (n_pre + 1,) as `inputs`, push (units of all layers,) added to their outputs."""
    pres, slopes, unit = [x], list[Array](), 0
    for k, each in enumerate(w):
        neuron: Any = relu.neuron() if k < len(w) - 1 else linear.neuron()
        n = each.shape[1]
        _, out, slope = neuron.step(neuron.params, neuron.init(n), define_drive(pres[-1], each))
        h, unit = out + push[unit : unit + n], unit + n
        slopes.append(slope)
        pres.append(np.append(_normal(h), h.dtype.type(1)))
    top = h.max()
    return Seen(pres[:-1], slopes, (h[label] - top) - define_log(in_order(define_exp(h - top))))


def paired(
    w: Sequence[Array], x: Array, label: int, signal: Signal, state: Any, pushed: int = 0
) -> tuple[Any, Array, Seen, Seen]:
    """Return the signal's next state, the third factors (units of all layers,) of a pair of passes, and both passes.

    Layers below ``pushed`` are not pushed.
    """
    n, still = sum(each.shape[1] for each in w), sum(each.shape[1] for each in w[:pushed])
    push = perturbation.noise(signal.params, state, n).astype(x.dtype)
    push[:still] = 0
    plus, minus = shown(w, x, label, push), shown(w, x, label, -push)
    teach = (plus.reward - minus.reward) * x.dtype.type(0.5)
    state, third = signal.step(signal.params, state, np.zeros(n, x.dtype), teach[None])
    return state, third, plus, minus


def learned(net: GRLU, x: F32, label: int, left: float = 1.0) -> list[F32]:
    """Return the weights of each layer after ``net`` learned x (n_pre + 1,), as `inputs`; the net stays as it was."""
    rule, signal = net.parts(left)
    state = perturbation.State(net.arrays["seed"], net.arrays["sample"])
    pairs: list[tuple[Array, Seen, Seen]] = []
    for _ in range(net.pairs):
        state, third, plus, minus = paired(net.w, x, label, signal, state, net.pushed)
        pairs.append((third, plus, minus))
    w, ends = [np.array(each) for each in net.w], np.cumsum(net.sizes[1:])
    for k in range(net.first, len(w)):
        units = np.s_[ends[k] - net.sizes[k + 1] : ends[k]]
        steps = [(*_ends(net, k, plus, minus), third[units]) for third, plus, minus in pairs]
        if k == 0:  # the input has no push: one step along the sum
            steps = [(*steps[0][:2], in_order(np.stack([third for *_, third in steps])))]
        for step in steps:
            _, w[k] = rule.step(rule.params, rule.init(*w[k].shape), w[k], *step)
    return w


def _ends(net: GRLU, k: int, plus: Seen, minus: Seen) -> tuple[Array, Array]:
    """Return pre and post of layer k in a pair of passes."""
    half = np.float32(0.5)
    gated = net.gated and k < len(net.sizes) - 2
    slope = (plus.slopes[k] + minus.slopes[k]) * half
    return (plus.pres[k] + minus.pres[k]) * half, slope if gated else np.ones_like(slope)


def _normal(h: Array) -> Array:
    n = h.dtype.type(len(h))
    apart = h - in_order(h) / n
    return np.asarray(apart * (1 / (np.sqrt(in_order(apart * apart) / n) + h.dtype.type(TINY))))
