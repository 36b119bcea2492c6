"""SoftHebb in convolutional layers, on the JPEG copy of CIFAR-10 and, where it buys nothing, on MNIST.

Settings are the published ones. The twin by back-propagation has the same filters and, like SoftHebb, sees each image
once, in batches of 10; it pools by 2 x 2 where SoftHebb's windows overlap, and its border is zero. SoftHebb's readout
sees the labels of all images 20 times, the twin once: it is no bound on what back-propagation reaches.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench import backprop_conv, counts, linear, softhebb_costs
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, cifar_jpeg
from edgelearn.bench.means import Found, means
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.bench.softhebb_fits import STEP, Bars, bar, fitted, random
from edgelearn.systems.conv_block import Block
from edgelearn.systems.softhebb import PUBLISHED, SoftHebb, conv
from edgelearn.types import F32, Array

JPEG = "JPEG copy of CIFAR-10 (degraded: not comparable with published figures)"
TWO = PUBLISHED[:2]
FIELDS = 4  # the readout sees the mean of each of 4 x 4 parts of a map
COLOUR, GREY = (32, 32, 3), (28, 28, 1)
TWIN = backprop_conv.Setting(
    (
        Block(COLOUR, 96, 5, "max", 2, leak=0.0),
        Block((16, 16, 96), 384, 3, "mean", 4, leak=0.0),  # the 4 x 4 fields that SoftHebb's readout sees
    ),
    eta=1e-3, epochs=1, batch=10,
)  # fmt: skip


def figures(stem: str, what: str, least: float, gap: float) -> tuple[Figure, ...]:
    """Return the declarations of a figure, its control and the gap between."""
    return (
        Figure(f"softhebb.{stem}", "", what, Goal(">=", least)),
        Figure(f"softhebb.{stem}_random", "", f"control: {what}, random units"),
        Figure(f"softhebb.{stem}_gap", "", f"{what}; learned minus random", Goal(">=", gap)),
    )


FIGURES = (
    *figures("conv_1", f"{JPEG} 10k, layer 1 of 96-384, one epoch, softmax", 0.625, 0.03),
    *figures("conv_2", f"{JPEG} 10k, layer 2 of 96-384, one epoch, softmax", 0.675, 0.02),
    Figure("softhebb.conv_2_uniform", "", "control: layer 2 without competition (t=0)"),
    Figure("softhebb.conv_uniform", "", "the same minus random, must fail", Goal("<=", -0.07)),
    Figure("softhebb.conv_backprop", "", "back-propagation: 96-384, one epoch"),
    Figure("softhebb.conv_by_class", "", "layer 2, the images class after class; softmax on all of them"),
    Figure("softhebb.conv_mnist_gap", "", "MNIST 10k, layer 2 of 96-384, learned minus random: no gap there"),
    *figures("conv_full", f"{JPEG} 49k, layer 2 of 96-384, full map", 0.72, 0.025),
    Figure("softhebb.quick_conv_gap", "", f"{JPEG} 2k, 16 units, learned minus random", Goal(">=", 0.03)),
    *counts.figures("softhebb.conv", readout=True),
)  # fmt: skip

ROWS = (
    Row(
        "SoftHebb, convolutional", "Journé et al. 2023", "softmax", "softhebb", "competition",
        "CIFAR-10 JPEG 10k, 96-384, one pass", "about 0.78, recalled (whole CIFAR-10, layer 2; 0.803 with layer 3)",
        "softhebb.conv_2", "softhebb.conv_2_random", ("no competition (t=0)", "softhebb.conv_2_uniform"),
        ("labels once, not 20 times", "softhebb.conv_backprop"), "softhebb.conv_2", "softhebb.conv_by_class",
        "softhebb.conv",
        "Filters learned without a label are worth a little over random ones, in less memory than back-propagation and"
        " as many products; a twin that sees each label once does not come as far. In one pass few units of the first"
        " layer leave their start.",
        readout_in_epochs=True,
    ),
)  # fmt: skip


def measure(run: Run, digits: Images, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    """Yield the figures; 10k and 49k images only when not ``quick``. Bars and filters are for the picture."""
    yield from _quick(run, bars, filters)
    net = conv(COLOUR, TWO)
    net.settle(np.zeros((1, int(np.prod(COLOUR))), np.float32))
    readout = counts.softmax(FIELDS**2 * net.stages[-1].layer.n_post, 10)
    twin = backprop_conv.BackpropConv(TWIN)
    yield from counts.costs("softhebb.conv", softhebb_costs.cost(net), twin.cost(), readout)
    if run.quick:
        return
    run.say("10,000 colour images: about 9 minutes a seed on one core")
    yield from _10k(run, bars, filters)
    yield from _mnist(run, digits.few(10_000))
    run.say("49,000 colour images: about 15 minutes on one core")
    yield from _full(run)


def _10k(run: Run, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    images, rows = cifar_jpeg(run, 10_000, 9_000), []
    for seed in range(run.seeds):
        net = fitted(run, conv(COLOUR, TWO, seed=seed), images.x, f"convolutional, seed {seed}")
        filters["conv"] = net.stages[0].layer.w
        row = _learned_random(
            run, "conv", net, random(conv(COLOUR, TWO, spread=1.0, seed=seed), images.x), images
        )
        uniform = conv(COLOUR, [stage._replace(t=0.0) for stage in TWO], seed=seed)
        row["conv_2_uniform"] = _scores(run, "conv", fitted(run, uniform, images.x, "t=0"), images)["conv_2"]
        row["conv_uniform"] = row["conv_2_uniform"] - row["conv_2_random"]
        sorted_ = fitted(run, conv(COLOUR, TWO, seed=seed), images.by_class().x, "class after class")
        row["conv_by_class"] = _scores(run, "conv", sorted_, images)["conv_2"]
        row["conv_backprop"] = backprop_conv.trained(TWIN, images, seed, run.progress)
        rows.append(row)
    bars["CIFAR-10 (JPEG)\n10k, layer 1"] = bar(rows, "conv_1", "conv_1_random")
    bars["CIFAR-10 (JPEG)\n10k, layer 2"] = bar(rows, "conv_2", "conv_2_random", "conv_2_uniform")
    yield from means("softhebb", rows)


def _mnist(run: Run, images: Images) -> Iterator[Measured]:
    net = fitted(run, conv(GREY, TWO), images.x)
    row = _learned_random(run, "conv_mnist", net, random(conv(GREY, TWO, spread=1.0), images.x), images)
    yield Measured("softhebb.conv_mnist_gap", row["conv_mnist_2_gap"], note="one seed", detail=row)


def _full(run: Run) -> Iterator[Measured]:
    images, row = cifar_jpeg(run, 49_000, 9_000), {}
    for name in ("conv_full", "conv_full_random"):
        if name == "conv_full":
            net = fitted(run, conv(COLOUR, TWO), images.x)
        else:
            net = random(conv(COLOUR, TWO, spread=1.0), images.x)
        train, test = (_whole(run, net, X) for X in (images.x, images.x_test))
        row[name] = linear.softmax(train, images.y, test, images.y_test, epochs=12, drop=0.5)
    row["conv_full_gap"] = row["conv_full"] - row["conv_full_random"]
    for name, value in row.items():
        yield Measured(f"softhebb.{name}", value, note="one seed")


def _quick(run: Run, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    images, first = cifar_jpeg(run, 2_000, 6_000), [TWO[0]._replace(n_units=16)]
    net = fitted(run, conv(COLOUR, first), images.x)
    row = _learned_random(run, "conv", net, random(conv(COLOUR, first, spread=1.0), images.x), images)
    filters["conv"] = net.stages[0].layer.w
    if run.quick:
        bars["CIFAR-10 (JPEG)\n2k, 16 units"] = bar([row], "conv_1", "conv_1_random")
    yield Measured("softhebb.quick_conv_gap", row["conv_1_gap"], note="one seed", detail=row)


def _learned_random(run: Run, name: str, net: SoftHebb, control: SoftHebb, images: Images) -> Found:
    learned, drawn = _scores(run, name, net, images), _scores(run, name, control, images)
    row = learned | {f"{key}_random": value for key, value in drawn.items()}
    return row | {f"{key}_gap": value - drawn[key] for key, value in learned.items()}


def _scores(run: Run, name: str, net: SoftHebb, images: Images) -> Found:
    """Return the accuracy of a softmax on each layer's map, ``name``_1 …, as means over 4 x 4 fields."""
    train, test = (_maps(run, net, X) for X in (images.x, images.x_test))
    return {
        f"{name}_{depth}": linear.softmax(a, images.y, b, images.y_test)
        for depth, (a, b) in enumerate(zip(train, test, strict=True), 1)
    }


def _maps(run: Run, net: SoftHebb, X: F32) -> list[Array]:
    """Return the map of each layer as means over 4 x 4 fields (n, 16 * units)."""
    found: list[list[Array]] = [[] for _ in net.stages]
    for start in run.progress(range(0, len(X), net.batch), "features", len(X) // net.batch):
        seen = X[start : start + net.batch]
        for stage, blocks in zip(net.stages, found, strict=True):
            seen = stage.see(seen)
            blocks.append(_coarse(seen.reshape(len(seen), *stage.shape_out), FIELDS))
    return [np.concatenate(blocks) for blocks in found]


def _whole(run: Run, net: SoftHebb, X: F32) -> Array:
    """Return the last map as it is, in float16: 49,000 of them take 2.4 GB."""
    height, width, channels = net.stages[-1].shape_out
    found = np.empty((len(X), height * width * channels), np.float16)
    for start in run.progress(range(0, len(X), STEP), "features", len(X) // STEP):
        found[start : start + STEP] = net.features(X[start : start + STEP])
    return found


def _coarse(maps: Array, fields: int) -> Array:
    """Return the means of ``fields`` x ``fields`` parts of maps (n, height, width, channels), flat."""
    for axis in (1, 2):
        starts = np.linspace(0, maps.shape[axis], fields, endpoint=False).astype(int)
        sizes = np.diff(starts, append=maps.shape[axis]).astype(np.float32)
        sums = np.add.reduceat(maps, starts, axis=axis)
        maps = sums / sizes.reshape([-1 if i == axis else 1 for i in range(4)])
    return maps.reshape(len(maps), -1)
