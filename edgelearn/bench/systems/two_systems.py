"""Two systems: features learned by a local rule and frozen, and a fast memory on them that meets new classes.

The slow system is LLS, two layers of 500, which saw the first classes with their labels; its twins are the same net as
drawn, and by back-propagation. Deep Hebbian filters, learned without labels, stand beside the same filters at random,
and both beside raw values. The fast system is a `Learner`: `imprint` learns from 1 and 5 examples, `slda` a stream.
Rates are those of the systems' own measurements. That LLS stands first, with 16 filters of one layer beside it, and
the goals were settled after a look at the new characters of one seed; words and pictures chose nothing. Convolutional
SoftHebb, seen in the same look, moved too little on 1,400 images to differ from random filters, and is left out.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from edgelearn.bench import backprop, counts, two_systems_picture
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run, spread
from edgelearn.bench.two_systems_tasks import Task, camera, episodes, omniglot, words
from edgelearn.export import to_onnx
from edgelearn.extractor import Extractor
from edgelearn.learner import Learner
from edgelearn.systems import chain
from edgelearn.systems.deep_hebbian import DeepHebbian, Level
from edgelearn.systems.lls import LLS, dense
from edgelearn.types import F32, Array

DATA = ("omniglot_small1", "fsdd_speech", "cifar10_jpeg_subset")
UNITS, EPOCHS, BATCH, EPISODES = 500, 20, 128, 200
FILTERS = (Level(16, 7, 0, 4),)
SHOTS = (1, 5)
EYES = {
    "lls": "LLS",
    "frozen": "the same net as drawn",
    "backprop": "the same net by back-propagation",
    "hebbian": "deep Hebbian filters, without labels",
    "random": "the same filters as drawn",
    "raw": "raw values",
}
NEW = {
    "characters": "omniglot, new alphabets, 20-way",
    "words": "spoken digits, new words, 4-way",
    "speaker": "spoken digits, a new speaker, 10-way",
    "pictures": "CIFAR-10 JPEG, new kinds, 2-way",
}
MEMORIES = {
    "old": "old classes right, before the new come (slda)",
    "after": "the same after all samples of the new ones",
    "joint": "the same when all came together in random order",
    "sgd_after": "ablation: after the new ones, softmax by SGD",
    "sgd_joint": "the same softmax when all came together",
}


def _goal(new: str, shots: int, eye: str) -> Goal | None:
    return Goal(">=", 0.45) if (new, shots, eye) == ("characters", 5, "lls") else None


FIGURES = (
    *(
        Figure(f"two_systems.{new}_{shots}_{eye}", "", f"{said}, {shots}-shot: {what}", _goal(new, shots, eye))
        for new, said in NEW.items()
        for shots in SHOTS
        for eye, what in EYES.items()
    ),
    *(
        Figure(f"two_systems.{task}_{key}", "", f"{task}: {what}")
        for task in ("omniglot", "words", "camera")
        for key, what in MEMORIES.items()
    ),
    Figure("two_systems.gain", "", "omniglot 20-way, 5-shot: LLS less the same net as drawn", Goal(">=", 0.08)),
    Figure("two_systems.forgotten", "", "most of a task: joint less after, slda", Goal("|.|<=", 0.01)),
    Figure("two_systems.sgd_forgotten", "", "least of a task: joint less after, softmax by SGD", Goal(">=", 0.1)),
    Figure("two_systems.shipped", "", "features of the file less ours, of the largest", Goal("<=", 1e-5)),
    Figure("two_systems.quick", "", "omniglot 20-way, 5-shot, LLS 2x300, 10 epochs", Goal(">=", 0.4)),
    Figure("two_systems.quick_gain", "", "the same less the same net as drawn", Goal(">=", 0.05)),
    Figure("two_systems.quick_forgotten", "", "old words: joint less after new ones, slda", Goal("|.|<=", 0.01)),
    Figure("two_systems.quick_sgd", "", "old words: joint less after, softmax by SGD, must fail", Goal(">=", 0.2)),
    *counts.figures("two_systems"),
)  # fmt: skip

ROWS = (
    Row(
        "Two systems: LLS frozen, imprint and SLDA above", "this project", "leaky ReLU", "hebb", "synchrony",
        "omniglot, 20-way 5-shot, new alphabets", "-", "two_systems.characters_5_lls",
        "two_systems.characters_5_frozen",
        ("SGD on top: old characters after new", "two_systems.omniglot_sgd_after"), "two_systems.characters_5_backprop",
        "two_systems.omniglot_joint", "two_systems.omniglot_after", "two_systems",
        "Features learned on old alphabets serve new ones better than the same net as drawn and as well as those of"
        " back-propagation, and statistics above them forget nothing; but local filters, even at random, serve better,"
        " and on words and pictures nothing that was learned beats them.",
    ),
)  # fmt: skip

Eye = Callable[[F32], F32]


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; the full size only when not ``quick``."""
    task = omniglot(run)
    yield from _quick(run, task)
    yield from counts.costs("two_systems", _cost(task), backprop.Backprop(_twin(task, UNITS, EPOCHS)).cost())
    yield Measured("two_systems.shipped", _shipped(task))
    if run.quick:
        return
    rows = [_seed(run, seed) for seed in range(run.seeds)]
    for name in rows[0]:
        value, deviation = spread(row[name] for row in rows)
        yield Measured(f"two_systems.{name}", value, spread=deviation)
    if path := run.picture("two_systems"):
        means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        two_systems_picture.draw(path, task, means, NEW, EYES)


def _quick(run: Run, task: Task) -> Iterator[Measured]:
    new = task.new["characters"]
    eyes = [_lls(run, task, 300, 10, still, 0) for still in (False, True)]
    learned, drawn = (episodes(eye(new.x), new, 5, 60, 0) for eye in eyes)
    yield Measured("two_systems.quick", learned)
    yield Measured("two_systems.quick_gain", learned - drawn)
    spoken = words(run)
    kept = _memories(spoken, _lls(run, spoken, 300, 10, False, 0), 0)
    yield Measured("two_systems.quick_forgotten", kept["joint"] - kept["after"])
    yield Measured("two_systems.quick_sgd", kept["sgd_joint"] - kept["sgd_after"])


def _seed(run: Run, seed: int) -> dict[str, float]:
    """Return every figure of one seed."""
    found: dict[str, float] = {}
    for task in (omniglot(run), words(run), camera(run)):
        eyes = _eyes(run, task, seed)
        for name, new in task.new.items():
            for eye in run.progress(eyes, f"{name}, seed {seed}"):
                seen = eyes[eye](new.x)
                for shots in SHOTS:
                    found[f"{name}_{shots}_{eye}"] = episodes(seen, new, shots, EPISODES, seed)
        found |= {f"{task.name}_{key}": value for key, value in _memories(task, eyes["lls"], seed).items()}
    found["gain"] = found["characters_5_lls"] - found["characters_5_frozen"]
    for key, worst, prefix in (("forgotten", max, ""), ("sgd_forgotten", min, "sgd_")):
        lost = (
            found[f"{name}_{prefix}joint"] - found[f"{name}_{prefix}after"]
            for name in ("omniglot", "words", "camera")
        )
        found[key] = worst(lost)
    return found


def _eyes(run: Run, task: Task, seed: int) -> Mapping[str, Eye]:
    """Return every way to see, none of which met the new classes."""
    hebbian, still = (DeepHebbian(task.shape, FILTERS, seed=seed) for _ in range(2))
    for _ in run.progress(hebbian.fit(task.base.x, epochs=3), f"deep Hebbian on {task.name}", 3):
        pass
    return {
        "lls": _lls(run, task, UNITS, EPOCHS, False, seed),
        "frozen": _lls(run, task, UNITS, EPOCHS, True, seed),
        "backprop": _backprop(run, task, seed),
        "hebbian": hebbian.features,
        "random": still.features,
        "raw": np.asarray,
    }


def _lls(run: Run, task: Task, units: int, epochs: int, still: bool, seed: int) -> Eye:
    net = LLS(dense((task.base.x.shape[1], units, units)), _classes(task), frozen=still, seed=seed)
    fit = net.fit(task.base.x, task.base.y, epochs=epochs, batch=BATCH)
    for _ in run.progress(fit, f"LLS on {task.name}, seed {seed}", epochs):
        pass
    return net.features


def _backprop(run: Run, task: Task, seed: int) -> Eye:
    net = backprop.Backprop(_twin(task, UNITS, EPOCHS), seed)
    for _ in run.progress(net.fit(task.base.x, task.base.y), f"back-propagation on {task.name}", EPOCHS):
        pass
    ops = net.frozen()
    return lambda X: chain.run(ops, X)


def _twin(task: Task, units: int, epochs: int) -> backprop.Setting:
    sizes = (task.base.x.shape[1], units, units, _classes(task))
    return backprop.Setting(sizes, "leaky_relu", normalised=True, eta=5e-3, epochs=epochs, batch=BATCH)


def _classes(task: Task) -> int:
    return int(task.base.y.max()) + 1


def _memories(task: Task, eye: Eye, seed: int) -> dict[str, float]:
    """Return how many old samples are named rightly before and after all new ones came, and when all came together."""
    old, (new, *_) = task.base, task.new.values()
    first, second, test = eye(old.x), eye(new.x), eye(old.x_test)
    order = np.random.default_rng(seed).permutation(len(old.y))
    X, y = (
        np.concatenate((first[order], second)),
        np.concatenate((old.y[order], _classes(task) + new.y.astype(np.int64))),
    )
    late = np.argsort(np.concatenate((np.zeros(len(old.y), np.int64), 1 + new.y)), kind="stable")
    mixed = np.random.default_rng(seed).permutation(len(y))
    found = {"old": _right("slda", X[: len(old.y)], y[: len(old.y)], test, old.y_test)}
    for readout, prefix in (("slda", ""), ("softmax", "sgd_")):
        found[f"{prefix}after"] = _right(readout, X[late], y[late], test, old.y_test)
        found[f"{prefix}joint"] = _right(readout, X[mixed], y[mixed], test, old.y_test)
    return found


def _right(readout: str, X: F32, y: Array, X_test: F32, y_test: Array) -> float:
    memory = Learner(None, readout, reject_rate=None)
    memory.learn_many(X, y.tolist())
    return float(np.mean([d.best for d in memory.predict_many(X_test, tickets=False)] == y_test))


def _cost(task: Task) -> counts.Cost:
    """Return what `imprint` takes for one sample: two activities on the way, and its direction in float64."""
    net = LLS(dense((task.base.x.shape[1], UNITS, UNITS)), _classes(task))
    forward = counted(net.arrays, lambda: net.features(task.base.x[:1]))
    return counts.Cost(4 * (task.base.x.shape[1] + UNITS) + 8 * UNITS, forward + UNITS)


def _shipped(task: Task) -> float:
    """Return how far the features of the shipped file lie from ours, as a share of the largest."""
    net, X = LLS(dense((task.base.x.shape[1], UNITS, UNITS)), _classes(task)), task.base.x[:200]
    for _ in net.fit(X, task.base.y[:200], epochs=1, batch=50):
        pass
    with tempfile.TemporaryDirectory() as folder:
        network = Extractor(to_onnx(net, Path(folder) / "features.onnx").path)
        ours = net.features(X)
        return float(np.abs(network.many(X) - ours).max() / np.abs(ours).max())
