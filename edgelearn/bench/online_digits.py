"""Digits as a device would learn them: each image once, a learning step at each time step of its spikes.

The net is not that of `spiking_tasks`: it is 784-100-10, and its hidden units hear the error through random weights.
Rates and leak were chosen on training images that are not learned from here (50,000 and above).
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench.figure import Measured
from edgelearn.bench.images import Images
from edgelearn.bench.means import over_seeds, share
from edgelearn.bench.run import Run
from edgelearn.kernels.spikes import draw
from edgelearn.neurons import lif
from edgelearn.rules import stdp_eligibility
from edgelearn.systems.s_tllr.online import OnlineNet
from edgelearn.types import F32, Array

STEPS, CHANCE = 25, 0.5  # time steps an image; chance of a spike in a step of the brightest pixel
IMAGES = 10_000


def measure(run: Run, digits: Images) -> Iterator[Measured]:
    """Yield accuracy after one pass, its distance to the same net with hidden weights frozen, and class after class."""
    few = digits.few(IMAGES)
    found: dict[str, list[float]] = {"online": [], "online_over_frozen": [], "online_by_class": []}
    for seed in run.progress(range(run.seeds), "MNIST once, online", run.seeds):
        learned = accuracy(few, seed, learns=True)
        found["online"].append(learned)
        found["online_over_frozen"].append(learned - accuracy(few, seed, learns=False))
        found["online_by_class"].append(accuracy(few.by_class(), seed, learns=True))
    for name, values in found.items():
        yield over_seeds(f"s_tllr.{name}", values)


def accuracy(digits: Images, seed: int, *, learns: bool) -> float:
    """Return the share of test images named rightly after one pass over the training images."""
    a_pre, a_post = (1.0, -0.2) if learns else (0.0, 0.0)
    rule = stdp_eligibility.rule(0.01, lam_pre=0.5, a_pre=a_pre, a_post=a_post)
    net = OnlineNet(digits.x.shape[1], 100, 10, lif.neuron(decay=0.5), rule, eta_readout=3e-3, seed=seed)
    for number, (image, label) in enumerate(zip(digits.x, digits.y, strict=True)):
        net.learn_one(*spikes(image, seed, number), int(label))
    said = [
        net.predict_one(*spikes(image, seed, len(digits.x) + number))
        for number, image in enumerate(digits.x_test)
    ]
    return share(said, digits.y_test)


def spikes(image: F32, seed: int, number: int) -> tuple[Array, Array]:
    """Return spike lists of an image (n_in,) in [0, 1]: active (STEPS, n_in) and n_active (STEPS,)."""
    active, n_active = np.empty((STEPS, len(image)), np.int32), np.empty(STEPS, np.int32)
    chance = (image * np.float32(CHANCE * 65535)).astype(np.uint64)
    draw.dispatcher(chance, seed, number, active, n_active)
    return active, n_active
