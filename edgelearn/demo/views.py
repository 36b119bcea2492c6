"""The held-out digits as the camera sees them at an angle, and what each method says of them."""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import numpy as np

from edgelearn.demo.device import NETWORK
from edgelearn.demo.drift import rotate
from edgelearn.demo.stream import Digits, asset
from edgelearn.extractor import Extractor
from edgelearn.types import F32

WHOLE = "digits04.onnx"


class Views:
    """Features (n, D) and accuracies on the test part, at any angle; what was computed once is kept."""

    def __init__(self, digits: Digits) -> None:
        self.extractor = Extractor(asset(NETWORK))
        self._network = Extractor(asset(WHOLE), cut=None)
        self._images, self._truth = digits.x[digits.test], digits.y[digits.test]
        self._features: dict[float, F32] = {}
        self._frozen: dict[float, float] = {}

    def features(self, images: F32) -> tuple[F32, float]:
        """Return the features (n, D) of images (n, 8, 8), and the median microseconds of the network."""
        rows, took = [], []
        for image in images:
            start = perf_counter_ns()
            rows.append(self.extractor(image))
            took.append((perf_counter_ns() - start) / 1e3)
        return np.stack(rows), float(np.median(took))

    def accuracy(self, predict: Callable[[F32], Any], degrees: float) -> float:
        """Return the accuracy of what turns features (n, D) into labels (n,)."""
        if degrees not in self._features:
            self._features[degrees] = self.extractor.many(rotate(self._images, degrees))
        return self._share(predict(self._features[degrees]))

    def frozen(self, degrees: float) -> float:
        """Return the accuracy of the network with its own head, which knows 0-4."""
        if degrees not in self._frozen:
            logits = self._network.many(rotate(self._images, degrees))
            self._frozen[degrees] = self._share(logits.argmax(axis=1))
        return self._frozen[degrees]

    def _share(self, labels: Any) -> float:
        return float(np.mean(np.array(labels) == self._truth))
