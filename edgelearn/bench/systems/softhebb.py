"""SoftHebb on MNIST and on the JPEG copy of CIFAR-10: learned filters against random ones of the same number.

Random: the same network, weights drawn at random, every unit at norm 1, statistics of its inputs from 2,000 images,
the same readout. The ablation is t=0: units share each sample equally, so nothing makes them differ. Dense settings
are those of one pilot on the last 5,000 training images; the convolutional ones (`softhebb_conv`) are published. Twins
by back-propagation have as many rectified units and see each image once, as SoftHebb does, and six times, which the
table shows. What was learned from a stream, in either order, is read out by a ridge on its images in random order.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench import backprop, counts, linear, softhebb_conv, softhebb_costs
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, mnist
from edgelearn.bench.means import Found, means
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.bench.softhebb_conv import GREY, figures
from edgelearn.bench.softhebb_fits import STEP, Bars, bar, fitted, random
from edgelearn.systems.softhebb import SoftHebb, dense
from edgelearn.types import F32

DATA = ("mnist", "cifar10_jpeg")
RATES = {100: 0.2, 2000: 0.5}  # eta by number of units


def _more(k: int) -> tuple[Figure, ...]:
    return (
        Figure(f"softhebb.dense_{k}_backprop", "", f"back-propagation: {k} rectified units, one epoch"),
        Figure(f"softhebb.dense_{k}_backprop_6", "", "the same, six epochs"),
        Figure(f"softhebb.dense_{k}_stream", "", f"MNIST 10k once, in random order, {k} units, ridge"),
        Figure(f"softhebb.dense_{k}_by_class", "", "the same images class after class; ridge on all of them"),
        *counts.figures(f"softhebb.dense_{k}", readout=True),
    )


FIGURES = (
    *figures("dense_100", "MNIST 60k, 100 units, one epoch, ridge", 0.895, 0.07),
    Figure("softhebb.dense_100_uniform", "", "control: no competition (t=0), must fail", Goal("<=", 0.30)),
    Figure("softhebb.dense_100_norm", "", "median norm of the units after one epoch, minus 1", Goal("|.|<=", 0.05)),
    Figure("softhebb.dense_100_winners", "units", "units that win for a test image", Goal(">=", 95)),
    Figure("softhebb.online_100", "", "100 units learned sample by sample by the kernels, as a device does"),
    Figure("softhebb.online_100_gap", "", "the same minus random", Goal(">=", 0.05)),
    *_more(100),
    *figures("dense_2000", "MNIST 60k, 2000 units, one epoch, ridge", 0.967, 0.01),
    Figure("softhebb.dense_2000_uniform", "", "control: no competition (t=0), must fail", Goal("<=", 0.30)),
    *_more(2000),
    *softhebb_conv.FIGURES,
)  # fmt: skip


def _row(k: int, published: str, meaning: str) -> Row:
    stem = f"softhebb.dense_{k}"
    return Row(
        f"SoftHebb, {k} units", "Moraitis et al. 2022", "softmax", "softhebb", "competition",
        "MNIST 60k, one pass, ridge", published, stem, f"{stem}_random", ("no competition (t=0)", f"{stem}_uniform"),
        ("6 epochs, batch 100", f"{stem}_backprop_6"), f"{stem}_stream", f"{stem}_by_class", stem, meaning,
    )  # fmt: skip


QUICK = "softhebb.dense_100_gap", "softhebb.dense_100_uniform"
ROWS = (
    _row(
        100, "-",
        "With few units, what they learn without a label is worth far more than random ones; the order of the classes"
        " hardly matters, and back-propagation of several passes stays ahead.",
    ),
    _row(
        2000, "about 0.969 (2000 units, one epoch)",
        "With many units learning is worth little over random ones; the order of the classes hardly matters, but a"
        " ridge on so many keeps far more than they do.",
    ),
    *softhebb_conv.ROWS,
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; 2000 units, sample by sample, twins, 10k and 49k colour images only when not ``quick``."""
    bars: Bars = {}
    filters: dict[str, F32] = {}
    digits = mnist(run)
    rows = [_hundred(run, digits, seed, filters) for seed in range(run.seeds)]
    bars["MNIST, 100 units"] = bar(rows, "dense_100", "dense_100_random", "dense_100_uniform")
    yield from means("softhebb", rows)
    for k in RATES:
        twin = backprop.Backprop(_twin(k, 1))
        yield from counts.costs(
            f"softhebb.dense_{k}", softhebb_costs.cost(_bound(k)), twin.cost(), counts.ridge(k, 10)
        )
    if not run.quick:
        yield from _full(run, digits, bars)
    yield from softhebb_conv.measure(run, digits, bars, filters)
    if (path := run.picture("softhebb")) is not None:
        from edgelearn.bench.filters import draw

        panels = [
            ("MNIST, 100 units", filters["dense"], GREY),
            ("CIFAR-10 (JPEG), layer 1", filters["conv"], (5, 5, 3)),
        ]
        draw(path, panels, bars, ("learned", "random", "no competition"))


def _hundred(run: Run, digits: Images, seed: int, filters: dict[str, F32]) -> Found:
    net = fitted(run, dense(100, eta=RATES[100], seed=seed), digits.x, f"100 units, seed {seed}")
    w = filters["dense"] = net.stages[0].layer.w
    return _compared(run, net, digits, seed) | {
        "dense_100_norm": float(np.median(np.linalg.norm(w, axis=0))) - 1,
        "dense_100_winners": len(np.unique((digits.x_test @ w).argmax(axis=1))),
    }


def _compared(run: Run, net: SoftHebb, digits: Images, seed: int) -> Found:
    """Return what the learned units are worth, random ones, and those that learned without competition."""
    k, stem = net.stages[0].layer.n_post, f"dense_{net.stages[0].layer.n_post}"
    drawn = random(dense(k, spread=1.0, seed=seed), digits.x)
    uniform = fitted(run, dense(k, eta=RATES[k], t=0.0, seed=seed), digits.x, f"{k} units, t=0, seed {seed}")
    row = {stem: _ridge(net, digits), f"{stem}_random": _ridge(drawn, digits)}
    return row | {
        f"{stem}_uniform": _ridge(uniform, digits),
        f"{stem}_gap": row[stem] - row[f"{stem}_random"],
    }


def _full(run: Run, digits: Images, bars: Bars) -> Iterator[Measured]:
    rows = []
    for seed in range(run.seeds):
        net = fitted(run, dense(2000, eta=RATES[2000], seed=seed), digits.x, f"2000 units, seed {seed}")
        row = _compared(run, net, digits, seed)
        drawn = random(dense(100, spread=1.0, seed=seed), digits.x)
        row["online_100"] = _ridge(_online(run, dense(100, eta=RATES[100], seed=seed), digits.x), digits)
        row["online_100_gap"] = row["online_100"] - _ridge(drawn, digits)
        for k in RATES:
            row |= _streams(run, k, digits.few(10_000), seed)
            for epochs, name in ((1, "backprop"), (6, "backprop_6")):
                row[f"dense_{k}_{name}"] = backprop.trained(_twin(k, epochs), digits, seed, run.progress)
        rows.append(row)
    bars["MNIST, 2000 units"] = bar(rows, "dense_2000", "dense_2000_random", "dense_2000_uniform")
    yield from means("softhebb", rows)


def _online(run: Run, net: SoftHebb, X: F32) -> SoftHebb:
    layer = net.stages[0].layer
    for start in run.progress(range(0, len(X), STEP), "learning sample by sample", len(X) // STEP):
        for x in X[start : start + STEP]:
            layer.learn_one(x)
    return net


def _streams(run: Run, k: int, images: Images, seed: int) -> Found:
    return {
        f"dense_{k}_{name}": _ridge(fitted(run, dense(k, eta=RATES[k], seed=seed), stream.x, name), images)
        for name, stream in (("stream", images), ("by_class", images.by_class()))
    }


def _ridge(net: SoftHebb, images: Images) -> float:
    return linear.ridge(net.features(images.x), images.y, net.features(images.x_test), images.y_test)


def _twin(k: int, epochs: int) -> backprop.Setting:
    return backprop.Setting((784, k, 10), epochs=epochs)


def _bound(k: int) -> SoftHebb:
    return dense(k).settle(np.zeros((1, 784), np.float32))
