"""LLS beside the same net frozen, taught by shuffled labels, by other bases, and by back-propagation.

Waves, temperature, rate and batch are those of the paper's code, widths and epochs were fixed beforehand, so nothing
was chosen on these images; everything shown is the last epoch. A basis of other amplitude is another temperature: waves
or Gaussian numbers ten times smaller are those of size 1 at tau 5 in place of 0.5, so size and shape are told apart.
"""

from collections.abc import Generator, Iterator
from itertools import product
from typing import get_args

import numpy as np

from edgelearn.bench import backprop, lls_conv, lls_costs, lls_picture
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, mnist
from edgelearn.bench.lls_picture import Shown
from edgelearn.bench.lls_training import Shares, trained
from edgelearn.bench.means import Found, means
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.systems.lls import LLS, Basis, dense

DATA = ("mnist", "cifar10_jpeg")
SIZES, EPOCHS = (784, 500, 500, 500), 10
QUICK_SIZES, QUICK_EPOCHS = (784, 300, 300, 300), 4
TWIN = backprop.Setting((*SIZES, 10), curve="leaky_relu", normalised=True, eta=5e-3, epochs=EPOCHS, batch=128)
WEAK = 5.0  # tau at which a basis of size 1 is one of size .1 at tau .5

FIGURES = (
    Figure("lls.final", "", "MNIST 60k, 3x500, 10 epochs, softmax", Goal(">=", 0.982)),
    Figure("lls.least_layer", "", "the same by the waves of one layer alone, the worst of three", Goal(">=", 0.978)),
    Figure("lls.backprop", "", "back-propagation: the same net and budget"),
    Figure("lls.behind", "", "back-propagation less LLS", Goal("<=", 0.007)),
    Figure("lls.frozen", "", "frozen: the softmax on layers as drawn", Goal("<=", 0.93)),
    Figure("lls.frozen_layers", "", "frozen: the best layer by its waves alone, must fail", Goal("<=", 0.20)),
    Figure("lls.shuffled_layers", "", "labels shuffled while learning: the same, must fail", Goal("<=", 0.20)),
    Figure("lls.m", "", "LLS-M: a learned factor a class, softmax", Goal(">=", 0.98)),
    Figure("lls.m_least_layer", "", "the same by one layer alone", Goal(">=", 0.975)),
    Figure("lls.mxm", "", "LLS-MxM: a learned matrix, softmax", Goal(">=", 0.98)),
    Figure("lls.mxm_least_layer", "", "the same by one layer alone", Goal(">=", 0.975)),
    *(
        Figure(f"lls.few_{name}{what}", "", f"MNIST 10k, 10 epochs: {words}{by}")
        for name, words in (
            ("waves", "waves"), ("gaussian", "a Gaussian basis of the waves' size"),
            ("weak_waves", "waves ten times smaller"), ("weak_gaussian", "a Gaussian basis ten times smaller"),
        )
        for what, by in (("", ", softmax"), ("_layer", ", worst layer alone"))
    ),
    Figure("lls.stream", "", "MNIST 10k once, in random order, softmax"),
    Figure("lls.stream_by_class", "", "the same images class after class, softmax"),
    Figure("lls.quick_least_layer", "", "MNIST 5k, 3x300, 4 epochs: worst layer by its waves alone", Goal(">=", 0.85)),
    Figure("lls.quick_frozen_layers", "", "the same as drawn: best layer, must fail", Goal("<=", 0.25)),
    Figure("lls.quick_shuffled_layers", "", "the same, labels shuffled: best layer, must fail", Goal("<=", 0.25)),
    *lls_conv.FIGURES,
    *lls_costs.FIGURES,
)  # fmt: skip

BARS = {
    "LLS, softmax": "final",
    "LLS, worst layer alone": "least_layer",
    "LLS-M": "m",
    "LLS-MxM": "mxm",
    "as drawn, softmax": "frozen",
    "as drawn, best layer alone": "frozen_layers",
    "labels shuffled, best layer": "shuffled_layers",
    "back-propagation": "backprop",
}
PARTS = ("leaky ReLU", "hebb", "synchrony")


def _row(system: str, ours: str, meaning: str, *, own: bool = False) -> Row:
    """Return a row; controls, stream and costs were measured of LLS alone, whose ``own`` they are."""
    shuffled = "labels shuffled, best layer alone"
    return Row(
        system, "Apolinario et al. 2025", *PARTS, "MNIST 60k, 10 epochs",
        "about 0.994-0.996, recalled (convolutional, 100 epochs)", ours,
        "lls.frozen" if own else ("of LLS", "lls.frozen"),
        (shuffled if own else f"of LLS, {shuffled}", "lls.shuffled_layers"), "lls.backprop",
        "lls.stream" if own else None, "lls.stream_by_class" if own else None, "lls" if own else None, meaning,
    )  # fmt: skip


QUICK = "lls.quick_frozen_layers", "lls.quick_shuffled_layers"
ROWS = (
    _row(
        "LLS", "lls.final",
        "Level with back-propagation without a way back, and every layer can answer alone; learned class after class it"
        " forgets.",
        own=True,
    ),
    _row("LLS-M", "lls.m", "A learned factor a class buys nothing at ten classes."),
    _row("LLS-MxM", "lls.mxm", "A learned matrix buys nothing at ten classes."),
    *lls_conv.ROWS,
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; the full size only when not ``quick``."""
    images = mnist(run)
    found, shown = _quick(run, images.few(5000, 2000))
    for name, value in found.items():
        yield Measured(f"lls.{name}", value, note="one seed")
    yield from lls_costs.measure("lls", LLS(dense(SIZES)), backprop.Backprop(TWIN))
    if not run.quick:
        shown = yield from _full(run, images)
    yield from lls_conv.measure(run)
    if (path := run.picture("lls")) is not None:
        lls_picture.draw(path, shown)


def _quick(run: Run, images: Images) -> tuple[Found, Shown]:
    net, curve = LLS(dense(QUICK_SIZES)), list[Shares]()
    ours = trained(run, net, images, "learned", epochs=QUICK_EPOCHS, curve=curve)
    frozen = trained(run, LLS(dense(QUICK_SIZES), still=True), images, "frozen", epochs=QUICK_EPOCHS)
    astray = trained(run, LLS(dense(QUICK_SIZES)), _shuffled(images, 0), "shuffled", epochs=QUICK_EPOCHS)
    found = {
        "quick_least_layer": min(ours.layers),
        "quick_frozen_layers": max(frozen.layers),
        "quick_shuffled_layers": max(astray.layers),
    }
    words = ("learned, worst layer", "as drawn, best layer", "labels shuffled, best layer")
    return found, Shown(net, images, curve, dict(zip(words, found.values(), strict=True)))


def _full(run: Run, images: Images) -> Generator[Measured, None, Shown]:
    run.say("60,000 images: about 4 minutes a seed on one core")
    seeds, few = range(run.seeds), images.few(10_000)
    rows = [_seed(run, images, seed) for seed in seeds]
    mean = yield from means("lls", [row for row, _ in rows])
    yield from means("lls", [_bases(run, few, seed) for seed in seeds])
    yield from means("lls", [_streams(run, few, seed) for seed in seeds])
    return rows[0][1]._replace(bars={words: mean[name] for words, name in BARS.items()})


def _seed(run: Run, images: Images, seed: int) -> tuple[Found, Shown]:
    net, curve = LLS(dense(SIZES), seed=seed), list[Shares]()
    ours = trained(run, net, images, f"LLS, seed {seed}", epochs=EPOCHS, curve=curve)
    m, mxm = (
        trained(run, LLS(dense(SIZES), mixing=mixing, seed=seed), images, f"LLS-{mixing}, seed {seed}", epochs=EPOCHS)
        for mixing in ("M", "MxM")
    )  # fmt: skip
    frozen = trained(
        run, LLS(dense(SIZES), still=True, seed=seed), images, f"frozen, seed {seed}", epochs=EPOCHS
    )
    astray = trained(
        run, LLS(dense(SIZES), seed=seed), _shuffled(images, seed), f"labels shuffled, seed {seed}", epochs=EPOCHS
    )  # fmt: skip
    twin = backprop.trained(TWIN, images, seed, run.progress)
    row = {
        "final": ours.final,
        "least_layer": min(ours.layers),
        "backprop": twin,
        "behind": twin - ours.final,
        "frozen": frozen.final,
        "frozen_layers": max(frozen.layers),
        "shuffled_layers": max(astray.layers),
        "m": m.final,
        "m_least_layer": min(m.layers),
        "mxm": mxm.final,
        "mxm_least_layer": min(mxm.layers),
    }
    return row, Shown(net, images, curve, {})


def _bases(run: Run, images: Images, seed: int) -> Found:
    found = Found()
    for basis, tau in product(get_args(Basis), (0.5, WEAK)):
        name = basis if tau < WEAK else f"weak_{basis}"
        net = LLS(dense(SIZES), basis=basis, tau=tau, seed=seed)
        got = trained(run, net, images, f"10k, {name.replace('_', ' ')}, seed {seed}", epochs=EPOCHS)
        found |= {f"few_{name}": got.final, f"few_{name}_layer": min(got.layers)}
    return found


def _streams(run: Run, images: Images, seed: int) -> Found:
    found = {}
    for name, stream in (("stream", images), ("stream_by_class", images.by_class())):
        net = LLS(dense(SIZES), seed=seed)
        found[name] = trained(
            run, net, stream, f"{name}, seed {seed}", epochs=1, shuffled=name == "stream"
        ).final
    return found


def _shuffled(images: Images, seed: int) -> Images:
    return images._replace(y=np.random.default_rng([seed, 1]).permutation(images.y))
