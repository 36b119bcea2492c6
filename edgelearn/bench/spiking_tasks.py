"""Digits and event recordings as spiking nets see them, and nets trained on them by each way of learning."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from edgelearn.bench import bptt
from edgelearn.bench.images import Images
from edgelearn.bench.run import Run
from edgelearn.systems import s_tllr
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.types import F32, I64, Array

Way = Literal["bp", "bptt", "dfa", "random", "frozen"]
HIDDEN, STEPS = (400, 400), 10
SHOWN = (1, 2, 4, 8)  # epochs of a learning curve, beside the last


class Task(NamedTuple):
    """Samples to learn from, coded anew each time where the code is random, and those to test on."""

    draw: s_tllr.Draw
    n: int
    x: Array  # (T, n_test, n_in)
    y: Array  # (n_test,)
    batch: int = 64


def digits(images: Images) -> Task:
    """Return the images as spikes: a pixel of value p spikes in a step with chance p; tests are drawn once."""
    tests = [
        _spikes(np.random.default_rng(start), images.x_test[start : start + 500]).astype(bool)
        for start in range(0, len(images.x_test), 500)
    ]

    def draw(rng: np.random.Generator, who: I64) -> tuple[Array, Array]:
        return _spikes(rng, images.x[who]), images.y[who]

    return Task(draw, len(images.x), np.concatenate(tests, axis=1), images.y_test)


def recordings(x: F32, y: I64, learn: I64, test: I64) -> Task:
    """Return frames (T, n, n_in) as they are: ``learn`` and ``test`` number the samples of each part."""

    def draw(_: np.random.Generator, who: I64) -> tuple[Array, Array]:
        return x[:, learn[who]], y[learn[who]]

    return Task(draw, len(learn), x[:, test], y[test], batch=32)


def curve(
    run: Run, task: Task, way: Way, seed: int, epochs: int, shown: tuple[int, ...] = ()
) -> list[tuple[int, float]]:
    """Train a net; return (epoch, test accuracy) after the epochs ``shown`` and the last."""
    teaching: s_tllr.Teaching = "bp" if way == "bptt" else way
    net = SpikingNet((task.x.shape[2], *HIDDEN, 10), teaching=teaching, seed=seed)
    gradient = bptt.gradient if way == "bptt" else s_tllr.gradient
    done = s_tllr.fit(net, task.draw, task.n, epochs=epochs, batch=task.batch, seed=seed, gradient=gradient)
    return [
        (epoch, s_tllr.accuracy(net, task.x, task.y))
        for epoch in run.progress(done, f"{way}, seed {seed}", epochs)
        if epoch == epochs or epoch in shown
    ]


def last(run: Run, task: Task, way: Way, seed: int, epochs: int) -> float:
    """Return the test accuracy after the last epoch."""
    return curve(run, task, way, seed, epochs)[-1][1]


def gaps(scores: Mapping[str, Array]) -> dict[str, Array]:
    """Return what is compared, by suffix of the figure: scores (n_seeds,) of bp, bptt and frozen and their gaps."""
    bp, bptt_, frozen = (scores[way] for way in ("bp", "bptt", "frozen"))
    return {"": bp, "_bptt": bptt_, "_frozen": frozen, "_below_bptt": bptt_ - bp, "_over_frozen": bp - frozen}


def _spikes(rng: np.random.Generator, pixels: F32) -> F32:
    return (rng.random((STEPS, *pixels.shape), np.float32) < pixels).astype(np.float32)
