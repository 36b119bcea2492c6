"""What a device can learn with, as the twin runs it: a copy of a layer, a nearest class mean, or fixed weights.

A code is a name in `firmware_bridge.protocol.constants.CODES`; whatever is refused changes nothing.
"""

from copy import copy
from typing import NamedTuple, Protocol

import numpy as np

from edgelearn.export import heads
from edgelearn.export.affine import Affine
from edgelearn.fixed import head as fixed
from edgelearn.kernels.checks import all_below
from edgelearn.kernels.order import drive
from edgelearn.layer import CALM, Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.types import F32, Array
from firmware_bridge.protocol.constants import NO_LABEL


class Answer(NamedTuple):
    """A code, the number that goes with it, and, of a prediction, the scores (n_post,)."""

    code: str = "OK"
    detail: int = 0
    scores: Array | None = None
    label: int = NO_LABEL


class Head(Protocol):
    """Predicts and learns from x (n_pre,) of ``dtype``; ``learned`` is what `edgelearn.export` takes the state of."""

    @property
    def dtype(self) -> str: ...

    @property
    def n_pre(self) -> int: ...

    @property
    def n_post(self) -> int: ...

    @property
    def learned(self) -> object: ...

    def predict(self, x: Array) -> Answer: ...

    def learn(self, x: Array, label: int) -> Answer: ...

    def reward(self, x: Array, reward: float) -> Answer: ...


class LayerHead:
    """A layer that goes on learning; the one given stays as it is."""

    dtype = "<f4"

    def __init__(self, layer: Layer) -> None:
        self.learned = copy(layer)
        self.learned.load(layer.state())
        self.n_pre, self.n_post = layer.w.shape
        self._u = np.zeros(self.n_post, np.float32)

    def predict(self, x: F32) -> Answer:
        return _scored(self.learned.transform(x)) if self._calm(x) else Answer("VALUE")

    def learn(self, x: F32, label: int) -> Answer:
        teaches = self.learned.signal.teaches
        if teaches == "reward":
            return Answer("UNABLE")
        if teaches == "label" and not 0 <= label < self.n_post:
            return Answer("LABEL", self.n_post)
        teach = np.zeros(self.learned.n_teach, np.float32)
        if teaches == "label":
            teach[label] = 1.0
        return self._taught(x, teach)

    def reward(self, x: F32, reward: float) -> Answer:
        if self.learned.signal.teaches != "reward":
            return Answer("UNABLE")
        if not abs(reward) < CALM:
            return Answer("VALUE")
        return self._taught(x, np.array([reward], np.float32))

    def _taught(self, x: F32, teach: F32) -> Answer:
        if not self._calm(x):
            return Answer("VALUE")
        return _scored(self.learned.learn_one(x, teach))

    def _calm(self, x: F32) -> bool:
        if not all_below.dispatcher(x, CALM):
            return False
        drive.dispatcher(x, self.learned.w, self._u)
        return bool(all_below.dispatcher(self._u, CALM))


class NCMHead:
    """A nearest class mean that goes on learning the classes it has; the one given stays as it is."""

    dtype = "<f4"

    def __init__(self, ncm: NCM) -> None:
        assert ncm.n_features is not None
        self.n_pre, self.n_post = ncm.n_features, len(ncm.classes_)
        self.learned = NCM()
        self.learned.load(ncm.state(), ncm.classes_, self.n_pre, ncm.n_seen)

    def predict(self, x: F32) -> Answer:
        if not all_below.dispatcher(x, CALM):
            return Answer("VALUE")
        return _scored(self.learned.scores_one(x).astype(np.float32))

    def learn(self, x: F32, label: int) -> Answer:
        if not 0 <= label < self.n_post:
            return Answer("LABEL", self.n_post)
        if not all_below.dispatcher(x, CALM):
            return Answer("VALUE")
        self.learned.learn_one(x, self.learned.classes_[label])
        return Answer()

    def reward(self, x: F32, reward: float) -> Answer:  # noqa: ARG002 (one signature for all heads)
        return Answer("UNABLE")


class AffineHead:
    """Scores that do not change."""

    dtype = "<f4"

    def __init__(self, learned: Affine) -> None:
        self.learned = learned
        self.n_pre, self.n_post = learned.w.shape
        self._u = np.zeros(self.n_post, np.float32)

    def predict(self, x: F32) -> Answer:
        if not all_below.dispatcher(x, CALM):
            return Answer("VALUE")
        drive.dispatcher(x, self.learned.w, self._u)
        return _scored(self.learned.bias + self._u)

    def learn(self, x: F32, label: int) -> Answer:  # noqa: ARG002 (one signature for all heads)
        return Answer("UNABLE")

    def reward(self, x: F32, reward: float) -> Answer:  # noqa: ARG002 (one signature for all heads)
        return Answer("UNABLE")


class FixedHead:
    """A head in fixed point; the one given stays as it is."""

    dtype = "<i2"

    def __init__(self, given: fixed.FixedHead) -> None:
        self.n_pre, self.n_post = given.settings.n_pre, given.settings.n_post
        self.learned = fixed.FixedHead(given.settings)
        self.learned.load_bytes(given.state_bytes())

    def predict(self, x: Array) -> Answer:
        return _answer(self.learned.predict(x))

    def learn(self, x: Array, label: int) -> Answer:
        return _answer(self.learned.learn(x, label))

    def reward(self, x: Array, reward: float) -> Answer:
        return _answer(self.learned.reward(x, reward))


def head(given: object) -> Head:
    """Return a head for the twin that starts as ``given``: what `edgelearn.export.to_c` takes, or its `Written.head`.

    Raises as `edgelearn.export.describe`.
    """
    runs = heads.head_of(given)
    if isinstance(runs, Layer):
        return LayerHead(runs)
    if isinstance(runs, NCM):
        return NCMHead(runs)
    return AffineHead(runs) if isinstance(runs, Affine) else FixedHead(runs)


def _scored(scores: F32) -> Answer:
    return Answer(scores=scores, label=int(scores.argmax()))


def _answer(said: fixed.Said) -> Answer:
    return Answer(said.code, said.detail, said.scores, said.label)
