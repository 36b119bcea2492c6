"""One layer that learns LPL one frame at a time: digits that wander, and objects that a camera walks up to.

"mixed" shows the same frames in random order: units see the same, but nothing follows from anything. "frozen" is the
layer as drawn. Rate, share of a sample in the running statistics and least variance were chosen on training images
50,000-52,000 and, for the objects, on the seventh and eighth tenths of the recording; nothing saw a test sample.
"""

from typing import Literal

import numpy as np

from edgelearn.bench import linear
from edgelearn.bench.images import Images
from edgelearn.bench.run import Run
from edgelearn.layer import Layer
from edgelearn.rules import hebb
from edgelearn.systems.views import moved, shifts
from edgelearn.types import F32, Array

Order = Literal["time", "mixed", "frozen"]
ORDERS: dict[str, Order] = {
    "": "time",
    "_mixed": "mixed",
    "_frozen": "frozen",
}  # by the end of a figure's name
UNITS, ETA, SHAPE, FAR, FRAMES = 200, 1e-3, (28, 28), 3, 8
SHARE = 0.8  # of the objects' recording that is learned; the rest tests
_SECOND = 1000  # frames between two moves of a progress bar


def digits(run: Run, images: Images, order: Order, seed: int) -> float:
    """Return the accuracy on shifted test digits of a ridge trained on centred ones."""
    layer = _taught(run, wandering(images.x, np.random.default_rng(seed)), order, seed)
    shifted = shifts(SHAPE, FAR)(np.random.default_rng(0), images.x_test)
    return linear.ridge(
        layer.transform_many(images.x), images.y, layer.transform_many(shifted), images.y_test
    )


def wandering(X: F32, rng: np.random.Generator) -> F32:
    """Return each image (n, height * width) for some frames (n * FRAMES, …): a pixel a frame, turning at the border."""
    at, step = rng.integers(-FAR, FAR + 1, (2, len(X))), rng.integers(-1, 2, (2, len(X)))
    found = []
    for _ in range(FRAMES):
        found.append(moved(X, SHAPE, *at))
        step = np.where(np.abs(at + step) > FAR, -step, step)
        at = at + step
    return np.stack(found, axis=1).reshape(len(X) * FRAMES, -1)


def objects(run: Run, order: Order, seed: int) -> float:
    """Return the accuracy of a ridge on the last fifth of a recording, trained on what came before."""
    data = run.data("outdoor_objects")
    x, y = np.sqrt(data["x"]), data["y"].astype(np.int64)
    n = int(SHARE * len(x))
    x = np.clip((x - x[:n].mean(axis=0)) / (x[:n].std(axis=0) + 1e-3), -5, 5).astype(np.float32)
    x = np.concatenate((x, np.ones((len(x), 1), np.float32)), axis=1)  # the units' thresholds
    seen = _taught(run, x[:n], order, seed).transform_many(x)
    return linear.ridge(seen[:n], y[:n], seen[n:], y[n:])


def layer(seed: int, units: int = UNITS) -> Layer:
    """Return the layer as it is drawn."""
    return Layer(
        units, hebb.rule(eta=ETA, sees="slope"), "relu", "latent_prediction", spread=2**0.5, seed=seed
    )


def _taught(run: Run, frames: Array, order: Order, seed: int) -> Layer:
    found = layer(seed)
    found.bind(frames.shape[1])
    if order == "frozen":
        return found
    if order == "mixed":
        frames = frames[np.random.default_rng(seed).permutation(len(frames))]
    starts = range(0, len(frames), _SECOND)
    for start in run.progress(starts, f"frame by frame, {order}, seed {seed}", len(starts)):
        for x in frames[start : start + _SECOND]:
            found.learn_one(x)
    return found
