"""Rules, neurons and signals as the runner takes them: state as one row of float32, changed in place."""

from collections.abc import Iterable, Mapping

import numpy as np

from edgelearn.types import F32, Array
from firmware_bridge.protocol.constants import NEURONS, RULES, SIGNALS
from tests.bridge.rules.machines import Machine

TWINS = ("delta", "three_factor", "softhebb", "stdp")
FADES = {"lif": ("v", "wait")}


def row(arrays: Iterable[Array]) -> F32:
    """Return arrays and scalars one after the other; one 0 where there are none, for a pointer to point at."""
    return np.concatenate([np.ravel(np.asarray(a, np.float32)) for a in arrays] or [np.zeros(1, np.float32)])


def unrow(values: F32, like: Mapping[str, Array]) -> dict[str, F32]:
    """Return the arrays, shaped as ``like``, that lie one after the other in ``values``."""
    found, at = {}, 0
    for name, array in like.items():
        found[name] = values[at : at + array.size].reshape(array.shape)
        at += array.size
    return found


def rule(
    machine: Machine, name: str, params: F32, state: F32, w: F32, pre: F32, post: F32, third: F32
) -> None:
    machine.call("run_rule", RULES[name], params, state, w, pre, post, third, *w.shape)


def neuron(machine: Machine, name: str, params: F32, state: F32, fading: F32, drive: F32) -> tuple[F32, F32]:
    """Return out and slope (n,)."""
    out, slope = np.full_like(drive, 7), np.full_like(drive, 7)
    machine.call("run_neuron", NEURONS[name], params, state, fading, drive, out, slope, len(drive))
    return out, slope


def signal(machine: Machine, name: str, params: F32, state: F32, out: F32, teach: F32) -> F32:
    """Return the third factor (n,)."""
    third = np.full_like(out, 7)
    machine.call("run_signal", SIGNALS[name], params, state, out, row([teach]), third, len(out))
    return third
