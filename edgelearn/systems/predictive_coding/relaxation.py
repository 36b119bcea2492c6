"""How units settle between the errors on either side while weights hold still; equations: see the package."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from edgelearn.neurons import Neuron
from edgelearn.signals import prediction_error
from edgelearn.systems.net import many
from edgelearn.types import Array

ERROR = prediction_error.signal(alpha=0.0)


class Layer(NamedTuple):
    """What predicts the units above it: w (n_pre, n_post), b (n_post,)."""

    w: Array
    b: Array
    neuron: Neuron
    down: float = 1.0  # share of the errors above that comes down through w


class State(NamedTuple):
    """Of n samples and L layers; the lists stay, the arrays in them are replaced as units settle."""

    values: list[Array]  # x_0 … x_L, each (n, units); those that synapses see
    predictions: list[Array]  # p_1 … p_L
    errors: list[Array]  # e_1 … e_L


def start(layers: Sequence[Layer], X: Array, target: Array) -> State:
    """Return units at their forward pass from ``X`` (n, n_pre), with the last at ``target`` (n, n_post)."""
    state = State([X], [], [])
    for layer in layers:
        state.predictions.append(prediction(layer, state.values[-1]))
        state.values.append(state.predictions[-1])
    state.values[-1] = target
    state.errors.extend(mismatches(state))
    return state


@np.errstate(over="ignore", invalid="ignore")  # units may diverge: whoever learns looks at the energy
def settle(layers: Sequence[Layer], state: State, gamma: float) -> None:
    """Move all hidden units one step down the energy, and the predictions with them."""
    for k, pull in enumerate(pulls(layers, state)):
        state.values[k + 1] = state.values[k + 1] + gamma * pull
    renew(layers, state, first=1)


def settle_errors(layers: Sequence[Layer], state: State, gamma: float) -> None:
    """Take the same step with values and predictions fixed at the forward pass: only errors move."""
    for k, pull in enumerate(pulls(layers, state)):
        state.errors[k] = state.errors[k] + gamma * pull


def renew(layers: Sequence[Layer], state: State, first: int = 0) -> None:
    """Predict anew from layer ``first`` on, after weights or values have moved."""
    for k in range(first, len(layers)):
        state.predictions[k] = prediction(layers[k], state.values[k])
    state.errors[:] = mismatches(state)


def prediction(layer: Layer, x: Array) -> Array:
    """Return p = f(x w + b)."""
    return many(layer.neuron, x @ layer.w + layer.b)


def mismatches(state: State) -> list[Array]:
    """Return e = x - p of each layer."""
    return [many(ERROR, p, x) for p, x in zip(state.predictions, state.values[1:], strict=True)]


def pulls(layers: Sequence[Layer], state: State) -> list[Array]:
    """Return minus the slope of the energy by each hidden x: the error from below against those from above."""
    above = sloped(layers, state)
    next(above)
    return [
        layer.down * (pull @ layer.w.T) - error
        for layer, pull, error in zip(layers[1:], above, state.errors, strict=False)
    ]


def sloped(layers: Sequence[Layer], state: State) -> Iterator[Array]:
    """Yield e f'(z) of each layer: what its synapses and the layer below are told."""
    for layer, p, error in zip(layers, state.predictions, state.errors, strict=True):
        yield error * slope(layer.neuron, p)


def slope(neuron: Neuron, out: Array) -> Array:
    """Return the slope of a unit's curve where its output is ``out``."""
    if neuron.name == "tanh":
        return np.asarray(1 - out * out)
    return np.asarray(out > 0, out.dtype) if neuron.name == "relu" else np.ones_like(out)


@np.errstate(over="ignore", invalid="ignore")
def energies(state: State) -> Array:
    """Return half the squared error (L,) of each layer, a sample's on average."""
    return np.array([0.5 * (e * e).sum(axis=1).mean() for e in state.errors])
