"""Digits and event recordings as spiking nets see them, and nets trained on them by each way of learning."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from edgelearn.bench import bptt
from edgelearn.bench.images import Images
from edgelearn.bench.run import Run
from edgelearn.rules import stdp_eligibility
from edgelearn.systems import s_tllr
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.systems.tess import Tess
from edgelearn.types import F32, I64, Array

Way = Literal["bp", "bptt", "dfa", "random", "frozen", "tess", "kappa", "shuffled"]
Curve = list[tuple[int, float]]  # epoch, test accuracy
HIDDEN, STEPS = (400, 400), 10
TEACHING: dict[Way, s_tllr.Teaching] = {
    "bp": "bp", "bptt": "bp", "dfa": "dfa", "random": "noise", "frozen": "frozen",
}  # fmt: skip
KAPPA: dict[Way, float] = {"tess": 1.0, "kappa": 100.0, "shuffled": 100.0}
RECORDINGS, SPLITS = 600, 3  # to learn from; draws of them
SHOWN = (1, 2, 4, 8)  # epochs of a learning curve, beside the last


class Task(NamedTuple):
    """Samples to learn from, coded anew each time where the code is random, and those to test on."""

    draw: s_tllr.Draw
    n: int
    x: Array  # (T, n_test, n_in)
    y: Array  # (n_test,)
    batch: int = 64
    a_post: float = 1.0  # of TESS


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

    return Task(draw, len(learn), x[:, test], y[test], batch=32, a_post=-1.0)


def net(task: Task, way: Way, seed: int) -> SpikingNet:
    """Return the net that learns the task ``way``, as it is drawn."""
    sizes = (task.x.shape[2], *HIDDEN, 10)
    if way in KAPPA:
        return Tess(sizes, rule=stdp_eligibility.rule(a_post=task.a_post), kappa=KAPPA[way], seed=seed)
    return SpikingNet(sizes, teaching=TEACHING[way], seed=seed)


def curve(run: Run, task: Task, way: Way, seed: int, epochs: int, shown: tuple[int, ...] = ()) -> Curve:
    """Train a net; return (epoch, test accuracy) after the epochs ``shown`` and the last."""
    learning = net(task, way, seed)
    done = s_tllr.fit(
        learning, task.draw, task.n, epochs=epochs, batch=task.batch, seed=seed,
        gradient={"bptt": bptt.gradient, "shuffled": _astray}.get(way, s_tllr.gradient),
    )  # fmt: skip
    return [
        (epoch, s_tllr.accuracy(learning, task.x, task.y))
        for epoch in run.progress(done, f"{way}, seed {seed}", epochs)
        if epoch == epochs or epoch in shown
    ]


def over_seeds(
    run: Run, task: Task, ways: Sequence[Way], epochs: int
) -> tuple[dict[Way, Array], dict[str, Curve]]:
    """Return the test accuracies (n_seeds,) of each way, and its learning curve of the first seed."""
    scores, curves = dict[Way, Array](), dict[str, Curve]()
    for way in ways:
        curves[way] = curve(run, task, way, 0, epochs, () if run.pictures is None else SHOWN)
        more = [last(run, task, way, seed, epochs) for seed in range(1, run.seeds)]
        scores[way] = np.array([curves[way][-1][1], *more])
    return scores, curves


def over_splits(run: Run, x: F32, y: I64, ways: Sequence[Way], epochs: int) -> tuple[dict[Way, Array], Task]:
    """Return the test accuracies (SPLITS,) of each way on recordings as in `recordings`, and the last task."""
    scores: dict[Way, list[float]] = {way: [] for way in ways}
    for number in range(SPLITS):
        task = recordings(x, y, *split(number, len(y)))
        for way in ways:
            scores[way].append(last(run, task, way, number, epochs))
    return {way: np.array(values) for way, values in scores.items()}, task


def split(number: int, n: int) -> tuple[I64, I64]:
    """Return the numbers of the recordings, of ``n``, to learn from and to test on."""
    order = np.random.default_rng(number).permutation(n)
    return order[:RECORDINGS], order[RECORDINGS:]


def last(run: Run, task: Task, way: Way, seed: int, epochs: int) -> float:
    """Return the test accuracy after the last epoch."""
    return curve(run, task, way, seed, epochs)[-1][1]


def once(run: Run, task: Task, way: Way, seed: int, batch: int, *, shuffled: bool) -> float:
    """Return the test accuracy after one pass, in random order or in that of the task."""
    learning = net(task, way, seed)
    done = s_tllr.fit(learning, task.draw, task.n, epochs=1, batch=batch, seed=seed, shuffled=shuffled)
    list(run.progress(done, f"{way}, one pass, seed {seed}", 1))
    return s_tllr.accuracy(learning, task.x, task.y)


def gaps(ours: Array, by_bptt: Array, frozen: Array) -> dict[str, Array]:
    """Return what is compared, by suffix of the figure: scores (n_seeds,) and what lies between."""
    return {"": ours, "_below_bptt": by_bptt - ours, "_over_frozen": ours - frozen}


def _astray(learning: SpikingNet, x: Array, y: Array) -> dict[str, Array]:
    """Return the gradient where hidden layers hear the labels of other samples, and the readout those of its own."""
    wrong = s_tllr.gradient(learning, x, learning.rng.permutation(y))
    return wrong | {"readout": s_tllr.gradient(learning, x, y)["readout"]}


def _spikes(rng: np.random.Generator, pixels: F32) -> F32:
    return (rng.random((STEPS, *pixels.shape), np.float32) < pixels).astype(np.float32)
