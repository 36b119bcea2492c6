"""What twins by back-propagation share: how they are trained, by Adam at a rate that falls, and asked."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from edgelearn.bench.images import Images
from edgelearn.bench.run import Progress
from edgelearn.systems.adam import Adam
from edgelearn.systems.epochs import train
from edgelearn.types import F32, I64, Array


class Budget(Protocol):
    """What a setting says of training."""

    @property
    def eta(self) -> float: ...
    @property
    def epochs(self) -> int: ...
    @property
    def batch(self) -> int: ...
    @property
    def left(self) -> Callable[[float], float]:
        """The share of the rate left, of the share of steps done."""


class Twin(ABC):
    """A network; ``arrays`` holds what it learned, in float32 unless they are replaced by others."""

    def __init__(self, budget: Budget, seed: int) -> None:
        self.rng, self.arrays = np.random.default_rng(seed), dict[str, Array]()
        self._budget, self._adam = budget, Adam()

    @abstractmethod
    def gradient(self, X: Array, y: I64) -> dict[str, Array]:
        """Return the gradient of the mean loss by each array: X (n, n_pre), y (n,)."""

    @abstractmethod
    def accuracy(self, X: F32, y: I64) -> float:
        """Return the share of ``X`` (n, n_pre) named rightly."""

    def fit(self, X: F32, y: I64) -> Iterator[int]:
        """Learn, yielding the number of epochs done after each: X (n, n_pre), y (n,)."""
        b = self._budget

        def step(who: I64, done: float) -> None:
            self._adam.step(self.arrays, self.gradient(X[who], y[who]), b.eta * b.left(done))

        return train(step, len(X), epochs=b.epochs, batch=b.batch, rng=self.rng)

    def taught(self, images: Images, title: str, progress: Progress) -> float:
        """Learn the training images under a bar and return the accuracy on test images after the last epoch."""
        for _ in progress(self.fit(images.x, images.y), title, self._budget.epochs):
            pass
        return self.accuracy(images.x_test, images.y_test)
