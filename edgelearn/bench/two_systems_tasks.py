"""What a frozen network met before, and what a fast memory on it meets afterwards: characters, words, pictures."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from edgelearn.bench.images import Images
from edgelearn.bench.means import share
from edgelearn.bench.run import Run
from edgelearn.conv import Shape
from edgelearn.learner import Learner
from edgelearn.types import F32, Array

QUERIES = 5  # samples asked of each class in an episode
_FRAME, _HOP, _FRAMES, _BANDS, _RATE_HZ = 256, 128, 32, 32, 8000


class New(NamedTuple):
    """Classes that come later: x (n, values), y (n,), and how many of them are told apart at a time."""

    x: F32
    y: Array
    ways: int


class Task(NamedTuple):
    """``base`` is there while features are learned, in ``shape``; each of ``new`` only once they are frozen."""

    name: str
    shape: Shape
    base: Images
    new: Mapping[str, New]

    @property
    def classes(self) -> int:
        """How many classes are there before."""
        return int(self.base.y.max()) + 1


def omniglot(run: Run, old: Sequence[int] = (0, 1, 2), new: Sequence[int] = (3, 4)) -> Task:
    """Characters of ``old`` alphabets (16 drawers to learn from, 4 to test), then those of ``new`` ones; 28 x 28."""
    data = run.data("omniglot_small1")
    ink = np.unpackbits(data["bits"], axis=1)[:, : 105 * 105].reshape(-1, 105, 105)
    x = np.pad(ink, ((0, 0), (3, 4), (3, 4))).reshape(-1, 28, 4, 28, 4).mean(axis=(2, 4), dtype=np.float32)
    known, later = (np.isin(data["alphabet"], which) for which in (old, new))
    base = _split(x, data["character"], known, data["drawer"] >= 16)
    found = New(x[later].reshape(-1, 784), data["character"][later], 20)
    return Task("omniglot", (28, 28, 1), base, {"characters": found})


def words(run: Run) -> Task:
    """Six spoken digits of three speakers, then four other words of theirs, and all ten of a fourth speaker."""
    data = run.data("fsdd_speech")
    edges = data["offset"]
    x = np.stack([spectrum(data["audio"][a:b]) for a, b in pairwise(edges)])
    digit, mine = data["digit"], data["speaker"] < 3
    known = mine & (digit < 6)
    flat, later = x.reshape(len(x), -1), mine & (digit >= 6)
    new = {"words": New(flat[later], digit[later], 4), "speaker": New(flat[~mine], digit[~mine], 10)}
    return Task("words", (_FRAMES, _BANDS, 1), _split(x, digit, known, data["take"] < 10), new)


def camera(run: Run) -> Task:
    """Eight kinds of small colour pictures, then two others."""
    data = run.data("cifar10_jpeg_subset")
    x = np.concatenate((data["x_train"], data["x_test"])).astype(np.float32) / np.float32(255)
    y = np.concatenate((data["y_train"], data["y_test"]))
    known, test = y < 8, np.arange(len(y)) >= len(data["y_train"])
    new = New(x[~known].reshape(-1, 3072), y[~known], 2)
    return Task("camera", (32, 32, 3), _split(x, y, known, test), {"pictures": new})


def spectrum(audio: Array) -> F32:
    """Return 32 frames of 32 mel bands of a word (n,), its middle half second; 0.5 is its mean, 1/6 a deviation."""
    n = _HOP * (_FRAMES - 1) + _FRAME
    audio = np.pad(audio.astype(np.float32), (0, max(0, n - len(audio))))
    start = (len(audio) - n) // 2
    frames = np.lib.stride_tricks.sliding_window_view(audio[start : start + n], _FRAME)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), axis=1)) ** 2
    heard = np.log(power @ _bands() + 1e3)
    return np.asarray((heard - heard.mean()) / (heard.std() + 1e-6) / 6 + 0.5, np.float32)


def _bands() -> Array:
    """Return triangles (bins, bands), evenly spaced on the mel scale."""
    mel = np.linspace(0, 2595 * np.log10(1 + _RATE_HZ / 2 / 700), _BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    bins = np.linspace(0, _RATE_HZ / 2, _FRAME // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    return np.maximum(0, np.minimum(rising, (edges[2:] - bins) / (edges[2:] - edges[1:-1])))


def _split(x: F32, y: Array, known: Array, test: Array) -> Images:
    label = np.unique(y[known], return_inverse=True)[1].astype(np.int64)
    x, test = x[known].reshape(int(known.sum()), -1), test[known]
    return Images(x[~test], label[~test], x[test], label[test])


def episodes(features: F32, new: New, shots: int, n: int, seed: int, readout: str = "imprint") -> float:
    """Return the share of right answers over ``n`` draws of classes, each learned from ``shots`` samples alone."""
    rng, kinds = np.random.default_rng(seed), np.unique(new.y)
    hits = [
        _episode(features, new, rng.permutation(kinds)[: new.ways], shots, rng, readout) for _ in range(n)
    ]
    return float(np.mean(hits))


def _episode(
    features: F32, new: New, kinds: Array, shots: int, rng: np.random.Generator, readout: str
) -> float:
    drawn = np.stack([rng.permutation(np.flatnonzero(new.y == kind))[: shots + QUERIES] for kind in kinds])
    memory = Learner(None, readout, reject_rate=None)
    labels: Sequence[int] = np.repeat(kinds, shots).tolist()
    memory.learn_many(features[drawn[:, :shots].reshape(-1)], labels)
    said = memory.predict_many(features[drawn[:, shots:].reshape(-1)], tickets=False)
    return share([decision.best for decision in said], np.repeat(kinds, QUERIES))
