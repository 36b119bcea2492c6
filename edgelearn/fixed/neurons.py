r"""Units in fixed point: how a drive (12 fraction bits) becomes an output.

- linear: :math:`y = u`; relu: :math:`y = \max(0, u)`; 12 bits.
- softmax: :math:`y_j = 2^{-z_j} / \sum_k 2^{-z_k}`, :math:`z_j = (\max u - u_j)\, t \log_2 e`, 15 bits (a share of 1 is
  32767 / 32768). z is cut to 16 fraction bits, a share smaller than 2**-15 of the largest is 0.
- lif: `edgelearn.neurons.lif`, without slope: potential v (int16) and thresholds in 12 bits, the threshold's own part
  θ in 28 (int32, [0, 8)), so that it follows a fading of 2**-31 a step; what fades is cut towards zero. A spike is 1.

Every function takes drives (n_post,) int16 and returns outputs (n_post,) int16.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed.functions import divisor, power
from edgelearn.fixed.number import DRIVE_BITS, HIGH32, I16, I32, saturated, towards_zero
from edgelearn.types import Array

ONE = 1 << DRIVE_BITS


class Softmax(NamedTuple):
    factor: int  # t log2(e) 2**4 is factor / 2**shift; below 2**15
    shift: int  # 1 to 30


class Lif(NamedTuple):
    decay: int  # potential kept per step, 15 bits
    threshold: int  # 12 bits, as all below but theta
    soft: int  # 1: a spike takes the threshold off; 0: it sets the potential to reset
    reset: int
    refractory: int  # steps
    theta_plus: int  # 28 bits
    fade: int  # of θ lost per step is fade / 2**(15 + fade_shift); fade is below 2**15
    fade_shift: int  # 1 to 30
    inhibition: int
    one_spike: int


class LifState(NamedTuple):
    v: I16  # (n_post,) potential; starts anew with every sample
    theta: I32  # (n_post,) what spikes added to the threshold; stays
    wait: I16  # (n_post,) steps left without input; starts anew with every sample


def lif_state(n_post: int) -> LifState:
    """Return units at rest."""
    return LifState(np.zeros(n_post, np.int16), np.zeros(n_post, np.int32), np.zeros(n_post, np.int16))


def linear(u: Array) -> I16:
    """Return the drives."""
    return np.array(u, np.int16)


def relu(u: Array) -> I16:
    """Return the drives above 0."""
    return np.maximum(u, 0).astype(np.int16)


def softmax(p: Softmax, u: Array) -> I16:
    """Return the shares, 15 bits."""
    top = int(u.max())
    raised = [power(((top - int(v)) * p.factor) >> p.shift) for v in u]
    by = divisor(sum(raised))  # at least 2**15: the highest drive gives that
    return saturated(np.array([(v * by.reciprocal) >> (16 + by.shift) for v in raised]))


def lif(p: Lif, s: LifState, u: Array) -> tuple[LifState, I16]:
    """Return the next state and the spikes, 0 or `ONE`."""
    rested = s.wait <= 0
    v = saturated(towards_zero(s.v.astype(np.int64) * p.decay, 15) + np.where(rested, u, 0)).astype(np.int64)
    theta = s.theta - (((s.theta.astype(np.int64) >> 15) * p.fade) >> p.fade_shift)
    above = v - (p.threshold + (theta >> 16))
    crossed = rested & (above > 0)
    spikes = crossed
    if p.one_spike and crossed.any():
        spikes = np.arange(len(v)) == np.argmax(np.where(crossed, above, LOWEST_ABOVE))
    wait = np.where(crossed, p.refractory, np.where(rested, s.wait, s.wait - 1))
    v = np.where(crossed, above if p.soft else p.reset, v)
    v = np.where(wait > 0, v, saturated(v - p.inhibition * (int(spikes.sum()) - spikes)))
    theta = np.where(crossed, np.minimum(theta + p.theta_plus, HIGH32), theta)
    state = LifState(saturated(v), theta.astype(np.int32), wait.astype(np.int16))
    return state, (spikes * ONE).astype(np.int16)


LOWEST_ABOVE = -(2**31)  # below every height over a threshold
