"""Forward-Forward beside the same net frozen, and without what makes it learn.

"frozen" trains the softmax alone, on layers as they were drawn. Everything shown is the last epoch.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench import backprop, counts
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, mnist
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run, spread
from edgelearn.systems.forward_forward import ForwardForward
from edgelearn.types import F32, I64

DATA = ("mnist",)
SIZES, EPOCHS = (784, 500, 500), 10
TWIN = backprop.Setting((*SIZES, 10), epochs=EPOCHS)

FIGURES = (
    Figure("forward_forward.random", "", "MNIST 60k, 2x500, random wrong labels, goodness rule", Goal(">=", 0.968)),
    Figure("forward_forward.random_head", "", "the same by the softmax on its features", Goal(">=", 0.966)),
    Figure("forward_forward.hard", "", "the same with hard wrong labels, goodness rule", Goal(">=", 0.974)),
    Figure("forward_forward.hard_gain", "", "hard less random wrong labels, goodness rule", Goal(">=", 0.003)),
    Figure("forward_forward.frozen", "", "frozen: the softmax on features as drawn"),
    Figure("forward_forward.over_frozen", "", "softmax: learned less frozen", Goal(">=", 0.04)),
    Figure("forward_forward.frozen_goodness", "", "frozen: the goodness rule, must fail", Goal("<=", 0.15)),
    Figure("forward_forward.shifted", "", "the label field shifted by one class at test, must fail", Goal("<=", 0.02)),
    Figure("forward_forward.backprop", "", "back-propagation: the same net and budget"),
    Figure("forward_forward.stream", "", "MNIST 10k once, in random order, softmax"),
    Figure("forward_forward.stream_by_class", "", "the same images class after class, softmax"),
    Figure("forward_forward.quick_over_frozen", "", "MNIST 5k, 6 epochs: softmax, learned less frozen", Goal(">=", 0.02)),
    Figure("forward_forward.quick_shifted", "", "the same: label field shifted at test, must fail", Goal("<=", 0.05)),
    *counts.figures("forward_forward"),
)  # fmt: skip

ROWS = (
    Row(
        "Forward-Forward, hard wrong labels", "Hinton 2022", "relu", "hebb", "goodness", "MNIST 60k, 10 epochs",
        "0.986 (4x2000, 60 epochs)", "forward_forward.hard", "forward_forward.frozen",
        ("label field shifted", "forward_forward.shifted"), "forward_forward.backprop",
        "forward_forward.stream", "forward_forward.stream_by_class", "forward_forward",
        "Two forward passes and no way back come within a point of back-propagation, but every class must be there.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; the full size only when not ``quick``."""
    images = mnist(run)
    yield from _quick(run, images.few(5000, 2000))
    net = ForwardForward(SIZES)
    yield from counts.costs("forward_forward", _cost(net), backprop.Backprop(TWIN).cost())
    if run.quick:
        return
    yield from _full(run, images)
    yield from _streams(run, images.few(10_000))


def _full(run: Run, images: Images) -> Iterator[Measured]:
    rows = [_seed(run, images, seed) for seed in range(run.seeds)]
    for name in rows[0]:
        mean, deviation = spread(row[name] for row in rows)
        yield Measured(
            f"forward_forward.{name}", mean, spread=deviation, detail={"seeds": [r[name] for r in rows]}
        )


def _seed(run: Run, images: Images, seed: int) -> dict[str, float]:
    random, hard = (_trained(run, images, seed, hard=hard) for hard in (False, True))
    frozen = _trained(run, images, seed, frozen=True)
    x, y = images.x_test, images.y_test
    row = {
        "random": _share(random.by_goodness(x), y),
        "random_head": _share(random.predict_many(x), y),
        "hard": _share(hard.by_goodness(x), y),
        "frozen": _share(frozen.predict_many(x), y),
        "frozen_goodness": _share(frozen.by_goodness(x), y),
        "shifted": _share((random.by_goodness(x) + 1) % 10, y),
        "backprop": backprop.trained(TWIN, images, seed),
    }
    return row | {"hard_gain": row["hard"] - row["random"], "over_frozen": row["random_head"] - row["frozen"]}


def _quick(run: Run, images: Images) -> Iterator[Measured]:
    net, frozen = (_trained(run, images, 0, epochs=6, hard=True, frozen=still) for still in (False, True))
    x, y = images.x_test, images.y_test
    gap = _share(net.predict_many(x), y) - _share(frozen.predict_many(x), y)
    yield Measured("forward_forward.quick_over_frozen", gap, note="one seed")
    yield Measured("forward_forward.quick_shifted", _share((net.by_goodness(x) + 1) % 10, y), note="one seed")


def _streams(run: Run, images: Images) -> Iterator[Measured]:
    for name, stream in (("stream", images), ("stream_by_class", images.by_class())):
        values = []
        for seed in range(run.seeds):
            net = _trained(run, stream, seed, epochs=1, shuffled=name == "stream")
            values.append(_share(net.predict_many(images.x_test), images.y_test))
        mean, deviation = spread(values)
        yield Measured(f"forward_forward.{name}", mean, spread=deviation, detail={"seeds": values})


def _trained(
    run: Run, images: Images, seed: int, *, epochs: int = EPOCHS, hard: bool = False, frozen: bool = False,
    shuffled: bool = True,
) -> ForwardForward:  # fmt: skip
    net = ForwardForward(SIZES, hard=hard, frozen=frozen, seed=seed)
    done = net.fit(images.x, images.y, epochs=epochs, shuffled=shuffled)
    for _ in run.progress(
        done, f"{'frozen' if frozen else 'hard' if hard else 'random'}, seed {seed}", epochs
    ):
        pass
    return net


def _cost(net: ForwardForward) -> counts.Cost:
    """Return what one sample takes: a layer's input and output at a time, real and corrupted one after the other."""
    x, y = np.ones((1, net.sizes[0]), np.float32), np.zeros(1, np.int64)
    kept = max(a + b for a, b in zip(net.sizes, net.sizes[1:], strict=False)) + sum(net.sizes[1:])
    return counts.Cost(4 * kept, counted(net.arrays, lambda: net.learn(x, y, 1e-3)))


def _share(found: I64, y: I64 | F32) -> float:
    return float((found == y).mean())
