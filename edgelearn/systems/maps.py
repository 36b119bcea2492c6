"""What lies between convolutional layers: channels of equal mean and spread, and pools."""

from collections.abc import Mapping

import numpy as np

from edgelearn.errors import InputError
from edgelearn.rules.base import check_array
from edgelearn.types import F32, Array

_SMALL = np.float32(1e-5)
POOLS = ("max", "mean")
_FOLLOW = 0.01  # share of a batch in the running statistics


class Standard:
    """Batch normalisation without gain and offset: mean 0 and variance 1 in every channel.

    Ioffe & Szegedy 2015, ICML: while learning by the statistics of the batch, afterwards by running ones, which
    follow the batches by 1/k at the k-th, later by 1 %.
    """

    def __init__(self, channels: int) -> None:
        self.mean, self.variance = np.zeros(channels, np.float32), np.ones(channels, np.float32)
        self.batches = 0

    def learn(self, X: F32) -> F32:
        """Follow ``X`` (n, positions * channels) and return it by its own statistics.

        Raises InputError, unchanged, when those are not finite: no later batch would make them so again.
        """
        pixels = X.reshape(-1, len(self.mean))
        with np.errstate(over="ignore", invalid="ignore"):
            mean, variance = pixels.mean(axis=0), pixels.var(axis=0)
        if not (np.isfinite(mean).all() and np.isfinite(variance).all()):
            raise InputError("the batch has a mean or variance beyond what float32 holds; scale it")
        self.batches += 1
        share = np.float32(max(1 / self.batches, _FOLLOW))
        self.mean += share * (mean - self.mean)
        self.variance += share * (variance - self.variance)
        return _standard(pixels, mean, variance).reshape(X.shape)

    def transform(self, X: F32) -> F32:
        """Return ``X`` (n, positions * channels) by the running statistics."""
        return _standard(X.reshape(-1, len(self.mean)), self.mean, self.variance).reshape(X.shape)

    def affine(self) -> tuple[F32, F32]:
        """Return gain and offset (channels,) that do what `transform` does."""
        gain = 1 / np.sqrt(self.variance + _SMALL)
        return gain, -self.mean * gain

    def state(self) -> dict[str, Array]:
        """Return the running statistics as arrays, views of live ones."""
        return {"mean": self.mean, "variance": self.variance, "batches": np.array(self.batches, np.int64)}

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; raises InputError, unchanged, for others and for what cannot be."""
        mine = self.state()
        if set(arrays) != set(mine):
            raise InputError(f"statistics are {', '.join(mine)}, not {', '.join(arrays) or 'nothing'}")
        for name, value in mine.items():
            check_array(name, arrays[name], value.shape, value.dtype)
            if not np.isfinite(arrays[name]).all() or (name != "mean" and (arrays[name] < 0).any()):
                raise InputError(
                    f"{name} has NaN, infinity or what is below 0 and never is; nothing was loaded"
                )
        self.mean[...], self.variance[...] = arrays["mean"], arrays["variance"]
        self.batches = int(arrays["batches"])


def _standard(pixels: F32, mean: F32, variance: F32) -> F32:
    centred = pixels - mean
    centred *= 1 / np.sqrt(variance + _SMALL)
    return centred


def pooled(maps: F32, how: str, window: int) -> F32:
    """Return maps (n, height, width, channels), even and at least 0, pooled to half their sides: "max" or "mean".

    A window wider than 2 pixels reaches as far over either border, where there are zeros.
    """
    n, height, width, channels = maps.shape
    reach = (window - 2) // 2
    rows = np.zeros((n, height // 2, width + 2 * reach, channels), np.float32)
    inside = rows[:, :, reach : reach + width]
    padded = np.zeros((n, height + 2 * reach, width, channels), np.float32)
    padded[:, reach : reach + height] = maps
    join = np.maximum if how == "max" else np.add
    for k in range(window):
        join(inside, padded[:, k : k + height - 1 : 2], out=inside)
    out = np.zeros((n, height // 2, width // 2, channels), np.float32)
    for k in range(window):
        join(out, rows[:, :, k : k + width - 1 : 2], out=out)
    if how == "mean":
        out /= np.float32(window * window)
    return out
