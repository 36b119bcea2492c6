"""Forward-Forward without labels: what its features are worth to a linear readout, beside those of the net as drawn.

The readout is `linear.softmax` on the features of all layers but the first. Part of the measurement `forward_forward`.
"""

from edgelearn.bench import linear
from edgelearn.bench.figure import Figure, Goal
from edgelearn.bench.images import Images
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.systems.forward_forward_unlabelled import BLURS, UnlabelledForwardForward

SHAPE, UNITS, EPOCHS = (28, 28, 1), (500, 500), 10
NAME = "forward_forward.unlabelled"

FIGURES = (
    Figure(NAME, "", "MNIST 60k without labels, 2x500, 10 epochs: a softmax on the features"),
    Figure(f"{NAME}_frozen", "", "frozen: the same readout on features as drawn"),
    Figure(f"{NAME}_over_frozen", "", "learned less frozen", Goal(">=", 0.01)),
    Figure(f"{NAME}_only_real", "", "learned without corrupted samples: the same readout"),
    Figure(f"{NAME}_pixelwise", "", "images mixed pixel by pixel, not in blobs: the same readout"),
    Figure(f"{NAME}_stream", "", "MNIST 10k once, in random order; the readout then sees them all"),
    Figure(f"{NAME}_stream_by_class", "", "the same images class after class"),
)

ROWS = (
    Row(
        "Forward-Forward, no labels", "Hinton 2022", "relu", "hebb", "goodness", "MNIST 60k, 10 epochs",
        "about 0.986, recalled (4x2000, 100 epochs)", NAME, f"{NAME}_frozen",
        ("no corrupted samples", f"{NAME}_only_real"), None,
        f"{NAME}_stream", f"{NAME}_stream_by_class", None,
        "Telling images from mixtures of two makes features that a readout of labels does better on than on random"
        " ones; pixel by pixel the mixtures teach nearly as much here.",
        readout_in_epochs=True,
    ),
)  # fmt: skip


def seed(run: Run, images: Images, number: int) -> dict[str, float]:
    """Return the value of each figure for one seed."""
    few = images.few(10_000)
    found = {
        "": _learned(run, images, number),
        "_frozen": _readout(UnlabelledForwardForward(SHAPE, UNITS, seed=number), images),
        "_only_real": _learned(run, images, number, contrast=False),
        "_pixelwise": _learned(run, images, number, blurs=0),
        "_stream": _learned(run, few, number, epochs=1),
        "_stream_by_class": _learned(run, few.by_class(), number, epochs=1, shuffled=False),
    }
    found["_over_frozen"] = found[""] - found["_frozen"]
    return {f"unlabelled{name}": value for name, value in found.items()}


def _learned(
    run: Run, images: Images, number: int, *, epochs: int = EPOCHS, shuffled: bool = True, contrast: bool = True,
    blurs: int = BLURS,
) -> float:  # fmt: skip
    net = UnlabelledForwardForward(SHAPE, UNITS, contrast=contrast, blurs=blurs, seed=number)
    run.finish(net.fit(images.x, epochs=epochs, shuffled=shuffled), f"no labels, seed {number}", epochs)
    return _readout(net, images)


def _readout(net: UnlabelledForwardForward, images: Images) -> float:
    return linear.softmax(net.features(images.x), images.y, net.features(images.x_test), images.y_test)
