"""The images of the public data sets, as layers see them: float32 in [0, 1], flat."""

import io
from typing import NamedTuple

import numpy as np

from edgelearn.bench.run import Run, reading
from edgelearn.errors import MissingExtraError
from edgelearn.types import F32, Array


class Images(NamedTuple):
    """x (n, height * width * channels) and y (n,), for training and test."""

    x: F32
    y: Array
    x_test: F32
    y_test: Array

    def few(self, n: int, n_test: int | None = None) -> "Images":
        """Return the first ``n`` of training and ``n_test`` (all without it) of test."""
        return Images(self.x[:n], self.y[:n], self.x_test[:n_test], self.y_test[:n_test])

    def by_class(self) -> "Images":
        """Return the training images class after class, each class in its own order."""
        order = np.argsort(self.y, kind="stable")
        return self._replace(x=self.x[order], y=self.y[order])


def mnist(run: Run) -> Images:
    """Return MNIST, (28, 28, 1)."""
    data = run.data("mnist")
    return Images(_flat(data["x_train"]), data["y_train"], _flat(data["x_test"]), data["y_test"])


def cifar_jpeg(run: Run, n: int, n_test: int) -> Images:
    """Return the first images of the JPEG copy of CIFAR-10, (32, 32, 3): degraded, not the published set."""
    data = run.data("cifar10_jpeg")
    with reading(run.file("cifar10_jpeg.npz")):
        x, x_test = (
            _flat(np.stack([_decode(item) for item in items]))
            for items in (
                _items(data["jpeg_train"], data["offset_train"], n),
                _items(data["jpeg_test"], data["offset_test"], n_test),
            )
        )
    return Images(x, data["y_train"][:n], x_test, data["y_test"][:n_test])


def _flat(images: Array) -> F32:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def _items(content: Array, offset: Array, count: int) -> list[bytes]:
    count = min(count, len(offset) - 1)
    return [content[offset[i] : offset[i + 1]].tobytes() for i in range(count)]


def _decode(content: bytes) -> Array:
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtraError("JPEG images need Pillow: pip install 'edgelearn[images]'") from None
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
