r"""Leaky integrate-and-fire unit in discrete time, driven by a current; a potential of 0 is rest.

.. math::
    v_j &\leftarrow \lambda\, v_j + u_j \quad (u_j = 0 \text{ while refractory}) \\
    \theta_j &\leftarrow \lambda_\theta\, \theta_j, \qquad a_j = v_j - (\vartheta + \theta_j) \\
    v_j &\leftarrow a_j \text{ (soft) or } v_\text{reset} \text{ (hard)}, \quad \theta_j \leftarrow \theta_j + \theta_+
    \quad \text{where } a_j > 0 \text{ and not refractory}

Such a unit crosses its threshold, and spikes. It is refractory for the next ``refractory`` steps: it takes no drive
and no inhibition. Each spike lowers all other units by ``inhibition`` at once. With ``one_spike`` only one of the units
that cross sends its spike, that with the highest a, of equals the first; the others are reset in silence. The
threshold's own part θ outlives a sample. Slope: :math:`\psi \max(0, 1 - |a_j| / \text{width})`.

Soft reset and slope: Apolinario & Roy 2025, TMLR, "S-TLLR", eq. 1-2 and its code. Adaptive threshold, hard reset and
refractory steps: Diehl & Cook 2015, Front. Comput. Neurosci. 9:99, section 2.1-2.4, current-based as in BindsNET
(Hazan et al. 2018, Front. Neuroinform. 12:89), which draws the unit that sends its spike, and inhibits a step later.

A float32 θ cannot follow a fading of less than about 1e-6 a step; where it is slower, fade it once a sample.
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least, between, finite, flag, fraction, positive, whole
from edgelearn.compiled import compiled
from edgelearn.errors import ConfigError
from edgelearn.kernels.order import in_order
from edgelearn.neurons.base import Local, Neuron
from edgelearn.types import F32, Array


class Params(NamedTuple):
    decay: np.float32  # potential kept per step, exp(-dt/tau), in [0, 1)
    threshold: np.float32  # > 0
    soft: np.float32  # 1: a spike takes the threshold off the potential; 0: it sets it to reset
    reset: np.float32  # below threshold
    refractory: np.float32  # steps without input after a spike, >= 0
    theta_plus: np.float32  # what a spike adds to its unit's threshold, >= 0
    theta_decay: np.float32  # of that kept per step, in [0, 1]
    inhibition: np.float32  # what a spike takes off the potential of all others, >= 0
    one_spike: np.float32  # 1: at most one unit spikes a step
    psi: np.float32  # slope at the threshold, > 0
    width: np.float32  # distance from the threshold at which the slope ends, > 0


class State(NamedTuple):
    v: F32  # (n_post,) potential
    theta: F32  # (n_post,) what spikes added to the threshold
    wait: F32  # (n_post,) steps left without input


def init(n_post: int) -> State:
    """Return units at rest."""
    return State(*(np.zeros(n_post, np.float32) for _ in State._fields))


def step(p: Params, s: State, drive: Array) -> tuple[State, Array, Array]:
    """Return the next state, the spikes (0 or 1) and the slopes."""
    rested = s.wait <= 0
    v = p.decay * s.v + np.where(rested, drive, 0)
    theta: Array = p.theta_decay * s.theta
    above = v - (p.threshold + theta)
    crossed = rested & (above > 0)
    out = crossed.astype(drive.dtype)
    if p.one_spike:
        out = np.where(np.arange(len(v)) == np.argmax(np.where(crossed, above, -np.inf)), out, 0)
    wait = np.where(crossed, p.refractory, np.where(rested, s.wait, s.wait - 1))
    v = np.where(crossed, above if p.soft else p.reset, v)
    v = np.where(wait > 0, v, v - p.inhibition * (in_order(out) - out))
    near = 1 - np.abs(above) / p.width
    slope = p.psi * np.where(near < 0, 0, near)
    return State(v, np.where(crossed, theta + p.theta_plus, theta), wait), out, slope


@compiled()
def kernel(
    drive: F32, out: F32, slope: F32, v: F32, theta: F32, wait: F32, decay: float, threshold: float, soft: float,
    reset: float, refractory: float, theta_plus: float, theta_decay: float, inhibition: float, one_spike: float,
    psi: float, width: float,
) -> None:  # fmt: skip
    """`step` in place; ``slope`` holds the heights above threshold until the end."""
    zero, one = np.float32(0.0), np.float32(1.0)
    n, best, spikes = drive.shape[0], -1, zero
    for j in range(n):
        rested = wait[j] <= zero
        v[j] = decay * v[j] + (drive[j] if rested else zero)
        theta[j] = theta_decay * theta[j]
        slope[j] = v[j] - (threshold + theta[j])
        out[j] = zero
        wait[j] = wait[j] if rested else wait[j] - one
        if rested and slope[j] > zero:
            out[j] = one
            best = j if best < 0 or slope[j] > slope[best] else best
            spikes += one
            v[j] = slope[j] if soft > zero else reset
            theta[j] = theta[j] + theta_plus
            wait[j] = refractory
    if one_spike > zero and best >= 0:
        for j in range(n):
            out[j] = one if j == best else zero
        spikes = one
    for j in range(n):
        v[j] = v[j] if wait[j] > zero else v[j] - inhibition * (spikes - out[j])
        near = one - abs(slope[j]) / width
        slope[j] = psi * (zero if near < zero else near)


def neuron(
    decay: float = 0.5,
    threshold: float = 0.6,
    reset: float | None = None,
    refractory: int = 0,
    theta_plus: float = 0.0,
    theta_decay: float = 1.0,
    inhibition: float = 0.0,
    one_spike: bool = False,
    psi: float = 0.3,
    width: float = 1.0,
) -> Neuron:
    """Return the unit; ``reset`` None is the soft reset. Raises ConfigError for a constant out of its bounds."""
    params = Params(
        fraction("decay", decay),
        positive("threshold", threshold),
        np.float32(reset is None),
        finite("reset", 0.0 if reset is None else reset),
        np.float32(whole("refractory", refractory, 0)),
        at_least("theta_plus", theta_plus, 0),
        between("theta_decay", theta_decay, 0, 1),
        at_least("inhibition", inhibition, 0),
        np.float32(flag("one_spike", one_spike)),
        positive("psi", psi),
        positive("width", width),
    )
    if params.reset >= params.threshold:
        raise ConfigError(f"reset must be below threshold={threshold!r}, not {reset!r}")
    still = params._replace(theta_plus=np.float32(0.0), theta_decay=np.float32(1.0))
    local: Local = "layer" if params.inhibition or params.one_spike else "unit"
    return Neuron(
        "lif", params, init, step, kernel, still=still, fades=("v", "wait"), local=local, surrogate=True
    )
