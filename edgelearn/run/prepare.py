"""Every kernel there is, made ready: for an image of a device, so that no device compiles in the field."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from edgelearn import neurons, readouts, rules, signals
from edgelearn.conv import Conv
from edgelearn.layer import Layer
from edgelearn.run.warm import FEATURES, warm_up


def everything() -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the name of each rule, neuron, signal and readout, and what makes its kernels ready."""
    for name in rules.names():
        yield f"rule {name}", partial(_learn, Layer(2, name))
    for name in neurons.names():
        yield f"neuron {name}", partial(_learn, Layer(2, "hebb", neuron=name))
    for name in signals.names():
        yield f"signal {name}", partial(_learn, Layer(2, "hebb", signal=name))
    yield "layer conv", partial(_learn, Conv(2, "hebb", shape=(4, 4, 1), kernel=2))
    for name in readouts.names():
        yield f"readout {name}", partial(warm_up, readouts.make(name))


def _learn(layer: Layer) -> None:
    x = np.ones(FEATURES, np.float32)
    layer.learn_one(x, np.zeros(layer.n_teach, np.float32))
    layer.transform(x)
