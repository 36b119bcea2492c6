"""What stands beside the device: the same stream, taught in this process to every method."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from edgelearn import readouts
from edgelearn.demo.device import READOUT
from edgelearn.demo.stream import FINAL_DEGREES, Stream
from edgelearn.demo.views import Views
from edgelearn.evaluate.controls import OfflineRidge
from edgelearn.types import F32, F64, Array

METHODS = ("frozen", "softmax", "edgelearn", "offline")


class Outcome(NamedTuple):
    """Accuracies on the held-out digits of all ten classes, by method."""

    curves: Mapping[str, F64]  # at the points asked for, turned as the camera is then
    upright: Mapping[str, float]  # at the end
    turned: Mapping[str, float]  # at the end, the same digits turned by FINAL_DEGREES


def both(upright: Mapping[str, float], turned: Mapping[str, float]) -> dict[str, float]:
    """Return the accuracy over the whole test part seen twice: upright, and turned by FINAL_DEGREES."""
    return {method: (upright[method] + turned[method]) / 2 for method in METHODS}


def follow(stream: Stream, features: F32, points: Sequence[int], views: Views) -> Outcome:
    """Teach the ``features`` (n, D) of a stream to every method; look at ``points``, samples learned, to the end.

    frozen: the network with its own head, 0-4 for ever. softmax: online, in the order of the stream.
    edgelearn: the device's readout, never killed. offline: a ridge on the whole stream at once, the
    future included.
    """
    online = {"softmax": readouts.make("softmax"), "edgelearn": readouts.make(READOUT)}
    predict: dict[str, Callable[[F32], Any]] = {
        name: readout.predict_many for name, readout in online.items()
    }
    predict["offline"] = OfflineRidge(features, stream.y).predict
    curves: dict[str, list[float]] = {method: [] for method in METHODS}

    def look(degrees: float) -> dict[str, float]:
        learned = {method: views.accuracy(labels, degrees) for method, labels in predict.items()}
        return {"frozen": views.frozen(degrees), **learned}

    for start, stop in pairwise([0, *points]):
        for readout in online.values():
            readout.learn_many(features[start:stop], stream.y[start:stop])
        for method, accuracy in look(stream.degrees[stop - 1]).items():
            curves[method].append(accuracy)
    return Outcome({m: np.array(c) for m, c in curves.items()}, look(0.0), look(FINAL_DEGREES))


def taught(features: F32, y: Array) -> Mapping[str, Array]:
    """Return the state of the device's readout after a life without a kill."""
    readout = readouts.make(READOUT)
    readout.learn_many(features, y)
    return readout.state()
