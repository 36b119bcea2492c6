"""LLS in convolutional layers, on the JPEG copy of CIFAR-10: the small net of the paper beside its controls."""

from collections.abc import Iterator

from edgelearn.bench import backprop_conv, lls_costs
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import cifar_jpeg
from edgelearn.bench.lls_training import trained
from edgelearn.bench.means import Found, means
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.systems.lls import LLS, SMALL_FIELDS, small_conv

EPOCHS = 8
BLOCKS = tuple(small_conv((32, 32, 3)))
TWIN = backprop_conv.Setting(BLOCKS, epochs=EPOCHS)
JPEG = "JPEG copy of CIFAR-10 (degraded: not comparable with published figures) 10k, 32-64-128-512"

FIGURES = (
    Figure("lls.conv_final", "", f"{JPEG}, {EPOCHS} epochs, softmax", Goal(">=", 0.55)),
    Figure("lls.conv_last_layer", "", "the same by the last layer's own wave", Goal(">=", 0.55)),
    Figure("lls.conv_first_layer", "", "the same by the first layer's own wave: three by three pixels see little"),
    Figure("lls.conv_frozen", "", "frozen: the softmax on layers as drawn"),
    Figure("lls.conv_gain", "", "learned less frozen", Goal(">=", 0.05)),
    Figure("lls.conv_frozen_layers", "", "frozen: the best layer's own wave, must fail", Goal("<=", 0.20)),
    Figure("lls.conv_backprop", "", "back-propagation: the same net and budget"),
    Figure("lls.conv_stream", "", "the same images once, in random order"),
    Figure("lls.conv_stream_by_class", "", "the same images once, class after class"),
)  # fmt: skip

ROWS = (
    Row(
        "LLS, convolutional", "Apolinario et al. 2025", "leaky ReLU", "hebb", "synchrony",
        f"CIFAR-10 JPEG 10k, {EPOCHS} epochs", "about 0.88-0.91, recalled (VGG8, whole CIFAR-10, 300 epochs)",
        "lls.conv_final", "lls.conv_frozen",
        ("as drawn, the best layer's own wave, no softmax", "lls.conv_frozen_layers"), "lls.conv_backprop",
        "lls.conv_stream", "lls.conv_stream_by_class", "lls.conv",
        "Bringing all layers their errors takes far fewer products than by back-propagation, and learning keeps less;"
        " what that costs in accuracy stands beside it.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; those that need no data alone when ``quick``."""
    yield from lls_costs.measure("lls.conv", net(0), backprop_conv.BackpropConv(TWIN))
    if not run.quick:
        run.say("10,000 colour images: about 6 minutes a seed on one core")
        yield from means("lls", [_seed(run, seed) for seed in range(run.seeds)])


def net(seed: int, *, still: bool = False) -> LLS:
    """Return the network of the paper, for three colours."""
    return LLS(BLOCKS, fields=SMALL_FIELDS, still=still, seed=seed)


def _seed(run: Run, seed: int) -> Found:
    images = cifar_jpeg(run, 10_000, 9_000)
    found = trained(run, net(seed), images, f"convolutional, seed {seed}", epochs=EPOCHS)
    frozen = trained(run, net(seed, still=True), images, f"convolutional, frozen, seed {seed}", epochs=EPOCHS)
    streams = {
        name: trained(
            run, net(seed), stream, f"convolutional, {name}, seed {seed}", epochs=1, shuffled=name == "stream"
        )
        for name, stream in (("stream", images), ("stream_by_class", images.by_class()))
    }
    return {
        "conv_final": found.final,
        "conv_last_layer": found.layers[-1],
        "conv_first_layer": found.layers[0],
        "conv_frozen": frozen.final,
        "conv_gain": found.final - frozen.final,
        "conv_frozen_layers": max(frozen.layers),
        "conv_backprop": backprop_conv.trained(TWIN, images, seed, run.progress),
        **{f"conv_{name}": value.final for name, value in streams.items()},
    }
