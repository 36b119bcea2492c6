"""Deep Hebbian beside random filters of the same number: few of them and many, on digits and on colour images.

Frozen is the same network as drawn, its readout trained alike; whitening, where there is any, is settled for both,
and random filters do better without it. The ablation lets all units learn from every patch, and all become one; without
conscience it does not fail. Patches, floors, rates and pools are those of the system's own plan, fixed beforehand; the
handicap of a win, the border of the second layer, the contrast below which a patch is blank on digits, and what
whitening adds to variances were chosen on training images. Everything passes once, but for the back-propagation twin, a
network of as many filters of the same size with padded borders and a softmax, which passes three times. Readouts are
ridge, on features to four decimals: where all units are one, a readout would else learn from the rounding errors
between them.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench import backprop_conv, counts, deep_hebbian_picture, linear
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, cifar_jpeg, mnist
from edgelearn.bench.means import Found, means
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.signals import Signal, conscience, unsupervised
from edgelearn.systems import chain
from edgelearn.systems.conv_block import Block
from edgelearn.systems.deep_hebbian import DeepHebbian, levels
from edgelearn.types import F32

DATA = ("mnist", "cifar10_jpeg")
GREY, COLOUR = (28, 28, 1), (32, 32, 3)
FEW, MORE, MANY = (8, 32), (16, 64), (32, 128)  # filters of both layers
WHITEN = 0.1  # added to the variances
BLANK = {GREY: 0.2, COLOUR: 0.05}  # deviation below which a patch teaches nothing

FIGURES = (
    Figure("deep_hebbian.few", "", "MNIST 10k, 8 and 32 filters", Goal(">=", 0.950)),
    Figure("deep_hebbian.few_random", "", "the same, frozen: filters as drawn"),
    Figure("deep_hebbian.few_gap", "", "the same, learned less frozen", Goal(">=", 0.015)),
    Figure("deep_hebbian.few_first", "", "the same, the first layer alone"),
    Figure("deep_hebbian.few_first_gap", "", "the same, the first layer alone, learned less frozen"),
    Figure("deep_hebbian.no_conscience", "", "the same without conscience: does not fail"),
    Figure("deep_hebbian.no_competition", "", "the same, all units learn every patch, must fail", Goal("<=", 0.2)),
    Figure("deep_hebbian.few_backprop", "", "back-propagation: the same filters, 10k, 3 passes"),
    Figure("deep_hebbian.stream_by_class", "", "MNIST 10k once, class after class, 8 and 32 filters"),
    Figure("deep_hebbian.many", "", "MNIST 60k, 32 and 128 filters", Goal(">=", 0.975)),
    Figure("deep_hebbian.many_random", "", "the same, frozen"),
    Figure("deep_hebbian.many_gap", "", "the same, learned less frozen", Goal(">=", 0.004)),
    Figure("deep_hebbian.many_backprop", "", "back-propagation: the same filters, 60k, 3 passes"),
    Figure("deep_hebbian.cifar", "", "CIFAR-10 (JPEG) 10k, 16 and 64 filters, no whitening"),
    Figure("deep_hebbian.cifar_random", "", "the same, frozen"),
    Figure("deep_hebbian.cifar_gap", "", "the same, learned less frozen: little gain"),
    Figure("deep_hebbian.white", "", "the same, whitened patches"),
    Figure("deep_hebbian.white_random", "", "the same, frozen"),
    Figure("deep_hebbian.white_gap", "", "the same, learned less frozen", Goal(">=", 0.05)),
    Figure("deep_hebbian.white_gain", "", "the same, learned with whitening less without", Goal(">=", 0.04)),
    Figure("deep_hebbian.quick_gap", "", "MNIST 4k, 8 and 32 filters, 2 seeds: learned less frozen", Goal(">=", 0.005)),
    Figure("deep_hebbian.quick_no_competition", "", "the same, all learn every patch, must fail", Goal("<=", 0.3)),
    *counts.figures("deep_hebbian", readout=True),
)  # fmt: skip

QUICK = "deep_hebbian.quick_gap", "deep_hebbian.quick_no_competition"
PARTS = ("linear", "competitive", "conscience")
ROWS = (
    Row(
        "Deep Hebbian, few filters", "own; Coates 2011, DeSieno 1988", *PARTS, "MNIST 10k once, 8 + 32 filters", "-",
        "deep_hebbian.few", "deep_hebbian.few_random", ("no competition", "deep_hebbian.no_competition"),
        ("3 passes, batch 128", "deep_hebbian.few_backprop"), "deep_hebbian.few",
        "deep_hebbian.stream_by_class", "deep_hebbian",
        "With few filters learning them is worth something; the fields, pools and readout do most of the work, and that"
        " readout keeps far more than the layers, and than back-propagation.",
    ),
    Row(
        "Deep Hebbian, many filters", "own; Coates 2011, DeSieno 1988", *PARTS, "MNIST 60k once, 32 + 128 filters", "-",
        "deep_hebbian.many", "deep_hebbian.many_random", None, ("3 passes, batch 128", "deep_hebbian.many_backprop"),
        None, None, None,
        "The more filters, the less it matters that they learned: random ones come close.",
    ),
    Row(
        "Deep Hebbian, whitened", "own; Coates 2011, DeSieno 1988", *PARTS,
        "CIFAR-10 (JPEG) 10k once, 16 + 64 filters",
        "-", "deep_hebbian.white", "deep_hebbian.white_random", None, None, None, None, None,
        "Behind whitening, which is computed once and not local, competition gains much on colour images, though random"
        " filters do better on patches as they are; without whitening it gains little.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; the full size only when not ``quick``."""
    digits = mnist(run)
    yield from _quick(run, digits.few(4000, 3000))
    yield from _costs()
    if not run.quick:
        yield from _full(run, digits)
    if (path := run.picture("deep_hebbian")) is not None:
        shown = [_trained(run, digits.few(10_000), GREY, MORE, 0).arrays["w0"]]
        shown += [
            _trained(run, _colours(run), COLOUR, MORE, 0, whiten=w).arrays["w0"] for w in (None, WHITEN)
        ]
        deep_hebbian_picture.draw(path, shown, _by_number(run, digits))


def _full(run: Run, digits: Images) -> Iterator[Measured]:
    seeds = range(run.seeds)
    yield from means("deep_hebbian", [_few(run, digits.few(10_000), seed) for seed in seeds], FIGURES)
    run.say("60,000 digits: about 2 minutes a seed on one core")
    yield from means("deep_hebbian", [_many(run, digits, seed) for seed in seeds], FIGURES)
    colours = _colours(run)
    yield from means("deep_hebbian", [_colour(run, colours, seed) for seed in seeds], FIGURES)


def _quick(run: Run, images: Images) -> Iterator[Measured]:
    rows = [_learned(run, "quick", images, GREY, FEW, seed) for seed in range(2)]
    yield from means("deep_hebbian", rows, FIGURES)
    failing = _trained(run, images, GREY, FEW, 0, signal=unsupervised.signal())
    yield Measured("deep_hebbian.quick_no_competition", _score(failing, images), note="one seed")


def _few(run: Run, images: Images, seed: int) -> Found:
    row = _learned(run, "few", images, GREY, FEW, seed)
    ordered = _trained(run, images.by_class(), GREY, FEW, seed, shuffled=False)
    plain = _trained(run, images, GREY, FEW, seed, signal=conscience.signal(0.0))
    failing = _trained(run, images, GREY, FEW, seed, signal=unsupervised.signal())
    return row | {
        "no_conscience": _score(plain, images),
        "no_competition": _score(failing, images),
        "stream_by_class": _score(ordered, images),
        "few_backprop": backprop_conv.trained(_twin(*FEW), images, seed, run.progress),
    }


def _many(run: Run, images: Images, seed: int) -> Found:
    row = _learned(run, "many", images, GREY, MANY, seed, looks=4)
    return row | {"many_backprop": backprop_conv.trained(_twin(*MANY), images, seed, run.progress)}


def _colour(run: Run, images: Images, seed: int) -> Found:
    row = _learned(run, "cifar", images, COLOUR, MORE, seed)
    row |= _learned(run, "white", images, COLOUR, MORE, seed, whiten=WHITEN)
    return row | {"white_gain": row["white"] - row["cifar"]}


def _colours(run: Run) -> Images:
    return cifar_jpeg(run, 10_000, 9_000)


def _learned(
    run: Run, name: str, images: Images, shape: tuple[int, int, int], units: tuple[int, int], seed: int, *,
    whiten: float | None = None, looks: int = 20,
) -> Found:  # fmt: skip
    """Return the accuracy of learned and of random filters, of both layers and of the first alone."""
    net = _trained(run, images, shape, units, seed, whiten=whiten, looks=looks)
    random = DeepHebbian(shape, levels(*units), whiten=whiten, blank=BLANK[shape], seed=seed)
    random.settle(images.x)
    both, first = zip(*(_scores(each, images) for each in (net, random)), strict=True)
    return {
        name: both[0], f"{name}_random": both[1], f"{name}_gap": both[0] - both[1],
        f"{name}_first": first[0], f"{name}_first_gap": first[0] - first[1],
    }  # fmt: skip


def _trained(
    run: Run, images: Images, shape: tuple[int, int, int], units: tuple[int, int], seed: int, *,
    signal: Signal | None = None, whiten: float | None = None, looks: int = 20, shuffled: bool = True,
) -> DeepHebbian:  # fmt: skip
    net = DeepHebbian(
        shape, levels(*units), signal=signal, whiten=whiten, blank=BLANK[shape], looks=looks, seed=seed
    )
    steps = net.fit(images.x, shuffled=shuffled)
    run.finish(steps, f"{units[0]} + {units[1]} filters, seed {seed}", 1)
    return net


def _score(net: DeepHebbian, images: Images) -> float:
    return linear.ridge(_features(net, images.x), images.y, _features(net, images.x_test), images.y_test)


def _features(net: DeepHebbian, X: F32) -> F32:
    return np.round(net.features(X), 4)


def _scores(net: DeepHebbian, images: Images) -> tuple[float, float]:
    """Return the accuracy by the maps of both layers, and by that of the first alone."""
    train, test = _features(net, images.x), _features(net, images.x_test)
    first = int(np.prod(net.shapes[1]))
    both = linear.ridge(train, images.y, test, images.y_test)
    return both, linear.ridge(train[:, :first], images.y, test[:, :first], images.y_test)


def _by_number(run: Run, digits: Images) -> dict[int, tuple[float, float]]:
    """Return the accuracy with learned and with random filters by the number of the first layer's, MNIST 3k."""
    found = {}
    for first in (2, 4, 8, 16, 32):
        row = _learned(run, "of", digits.few(3000, 5000), GREY, (first, 4 * first), 0)
        found[first] = row["of"], row["of_random"]
    return found


def _twin(first: int, second: int) -> backprop_conv.Setting:
    blocks = (Block(GREY, first, 7, window=4), Block((7, 7, first), second, 3))
    return backprop_conv.Setting(blocks, epochs=3)


def _costs() -> Iterator[Measured]:
    """Yield what one image takes, all its looks: the maps that the readout sees, and products for each patch.

    Kept are the image and those maps, a patch, drives and marks of a layer, and what each unit knows of its wins.
    """
    net = DeepHebbian(GREY, levels(*FEW))
    macs = counted(net.arrays, lambda: chain.run(net.frozen(), np.ones((1, 784), np.float32)))
    weights: list[F32] = [net.arrays["w0"], net.arrays["w1"]]
    macs += net.looks * sum(w.size + len(w) for w in weights)
    maps = sum(int(np.prod(shape)) for shape in net.shapes)
    kept = max(len(w) + 2 * w.shape[1] for w in weights) + 2 * sum(w.shape[1] for w in weights)
    ours, readout = counts.Cost(4 * (maps + kept), macs), counts.ridge(maps - 784, 10)
    yield from counts.costs("deep_hebbian", ours, backprop_conv.BackpropConv(_twin(*FEW)).cost(), readout)
