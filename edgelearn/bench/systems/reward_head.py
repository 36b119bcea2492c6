"""Reward head on camera features: what is learned when nobody says what is right, only whether the answer was.

CIFAR-10 (a JPEG copy) through a frozen MobileNet v1 0.25: 4,500 images, each answered by a draw from the head's
shares, reward 1 when right and 0 when wrong; accuracy is that of the best answer on 1,500 test images. The learning
rate of each way is the best of three on a fifth of the training images. Controls: the same head taught with labels,
and not at all. Ablations: one scalar for all units, and rewards of the wrong sign.

A head of one layer that is taught with labels follows the gradient: it is the back-propagated twin. Products are told
from the shapes: scores of the answer, scores again and changes when the reward comes; labels save the first. Goals are
our own, set when first figures were known.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from edgelearn.bench import counts
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.means import over_seeds
from edgelearn.bench.rewards import WAYS, Samples, accuracy, choose_eta, live, live_late
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.types import F64

DATA = ("cifar10_jpeg_subset",)
NETWORKS = ("mobilenet_v1_0.25_128_quant.feat",)
PASSES = 20
ETAS = (0.1, 0.3, 1.0)
LATE = 50  # samples
_VALIDATION_SEED = 1000  # of no run that counts
_WINDOW = 500  # samples of a running accuracy

FIGURES = (
    Figure("reward_head.reward", "", "reward only, one pass", Goal(">=", 0.60)),
    Figure("reward_head.labels", "", "control: the same head taught with labels, one pass"),
    Figure("reward_head.frozen", "", "control: no learning"),
    Figure("reward_head.broadcast", "", "ablation: one scalar for all units; must fail", Goal("<=", 0.40)),
    Figure("reward_head.flipped", "", "ablation: reward of the wrong sign; must fail", Goal("<=", 0.15)),
    Figure("reward_head.gap", "", "taught with labels minus reward only, one pass", Goal("<=", 0.06)),
    Figure("reward_head.gain", "", "reward only, one pass, minus no learning", Goal(">=", 0.50)),
    Figure("reward_head.by_class", "", "reward only, one pass class after class"),
    Figure(
        "reward_head.late", "", f"reward only, up to {LATE} samples late (evenly), through tickets, one pass"
    ),
    Figure(
        "reward_head.late_cost",
        "",
        "reward at once minus reward late, both through tickets",
        Goal("<=", 0.02),
    ),
    Figure("reward_head.reward_passes", "", f"reward only, {PASSES} passes"),
    Figure("reward_head.labels_passes", "", f"control: taught with labels, {PASSES} passes"),
    Figure(
        "reward_head.gap_passes",
        "",
        f"taught with labels minus reward only, {PASSES} passes",
        Goal("<=", 0.03),
    ),
    Figure(
        "reward_head.quick_gain", "", "one seed, reward only, one pass, minus no learning", Goal(">=", 0.4)
    ),
    Figure(
        "reward_head.quick_over_broadcast", "", "the same minus one scalar for all units", Goal(">=", 0.25)
    ),
    *counts.figures("reward_head", "the head taught with labels"),
)

QUICK = "reward_head.quick_gain", "reward_head.quick_over_broadcast"
ROWS = (
    Row(
        "Reward head", "Roelfsema & van Ooyen 2005, one layer", "softmax", "delta", "reward_choice",
        "CIFAR-10 (JPEG) 4,500 through MobileNet v1 0.25, once", "-",
        "reward_head.reward", "reward_head.frozen", ("one scalar for all units", "reward_head.broadcast"),
        "reward_head.labels", "reward_head.reward", "reward_head.by_class", "reward_head",
        "Right or wrong alone teaches nearly what labels teach, where the unit that answered is the one that learns.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; of one seed the two gaps alone when ``quick``."""
    train, test = _camera(run)
    yield from counts.costs("reward_head", *_costs(train))
    if run.quick:
        yield from _quick(run, train, test)
    else:
        yield from _full(run, train, test)


def _quick(run: Run, train: Samples, test: Samples) -> Iterator[Measured]:
    names = ("reward", "frozen", "broadcast")
    etas = _etas(run, train, 1, names)
    reward, frozen, broadcast = (accuracy(live(WAYS[n], train, etas[n], 1, 0)[0], test) for n in names)
    yield Measured("reward_head.quick_gain", reward - frozen, note="one seed")
    yield Measured("reward_head.quick_over_broadcast", reward - broadcast, note="one seed")


def _full(run: Run, train: Samples, test: Samples) -> Iterator[Measured]:
    seeds = range(run.seeds)
    curves: dict[str, F64] = {}
    found: dict[str, list[float]] = {}
    etas = _etas(run, train, 1, tuple(WAYS))
    for name, way in WAYS.items():
        ran = [live(way, train, etas[name], 1, seed) for seed in run.progress(seeds, way.title, len(seeds))]
        found[name] = [accuracy(head, test) for head, _ in ran]
        curves[name] = np.mean([right for _, right in ran], axis=0)
        yield over_seeds(f"reward_head.{name}", found[name], eta=etas[name])
    yield over_seeds("reward_head.gap", _less(found["labels"], found["reward"]))
    yield over_seeds("reward_head.gain", _less(found["reward"], found["frozen"]))
    by_class = train.take(np.argsort(train.y, kind="stable"))
    ran = [live(WAYS["reward"], by_class, etas["reward"], 1, seed, shuffled=False) for seed in seeds]
    yield over_seeds("reward_head.by_class", [accuracy(head, test) for head, _ in ran], eta=etas["reward"])
    yield from _late(run, train, test, etas["reward"], seeds)
    yield from _passes(run, train, test, seeds)
    if (path := run.picture("reward_head")) is not None:
        _draw(path, curves, found)


def _costs(train: Samples) -> tuple[counts.Cost, counts.Cost]:
    """Return what a sample takes by reward and by label: the standardised sample, and what each unit does and hears."""
    n_pre, n_post = train.x.shape[1] + 1, int(train.y.max()) + 1
    kept, products = 4 * (n_pre + 5 * n_post), n_pre * n_post
    return counts.Cost(kept, 3 * products), counts.Cost(kept, 2 * products)


def _camera(run: Run) -> tuple[Samples, Samples]:
    from edgelearn.extractor import Extractor

    images = run.data(DATA[0])
    extractor = Extractor(run.file(f"extractors/{NETWORKS[0]}.onnx"))
    train, test = (
        Samples(extractor.many(images[f"x_{part}"]), images[f"y_{part}"].astype(np.int64))
        for part in ("train", "test")
    )
    return train, test


def _etas(run: Run, train: Samples, passes: int, names: tuple[str, ...]) -> dict[str, float]:
    """Return the rate of each way; that of the wrong sign is the one of the right sign."""
    chosen = [name for name in names if name not in {"frozen", "flipped"}]
    etas = {
        name: choose_eta(WAYS[name], train, passes, ETAS, _VALIDATION_SEED)
        for name in run.progress(chosen, "choosing learning rates", len(chosen))
    }
    return {"frozen": 1.0, "flipped": etas["reward"]} | etas


def _late(run: Run, train: Samples, test: Samples, eta: float, seeds: range) -> Iterator[Measured]:
    at_once, late = [], []
    for seed in run.progress(seeds, "late rewards", len(seeds)):
        at_once.append(accuracy(live_late(train, eta, 0, seed), test))
        late.append(accuracy(live_late(train, eta, LATE, seed), test))
    yield over_seeds("reward_head.late", late, eta=eta)
    yield over_seeds("reward_head.late_cost", _less(at_once, late))


def _passes(run: Run, train: Samples, test: Samples, seeds: range) -> Iterator[Measured]:
    etas = _etas(run, train, PASSES, ("reward", "labels"))
    found = {}
    for name in ("reward", "labels"):
        title = f"{WAYS[name].title}, {PASSES} passes"
        heads = [
            live(WAYS[name], train, etas[name], PASSES, s)[0] for s in run.progress(seeds, title, len(seeds))
        ]
        found[name] = [accuracy(head, test) for head in heads]
        yield over_seeds(f"reward_head.{name}_passes", found[name], eta=etas[name])
    yield over_seeds("reward_head.gap_passes", _less(found["labels"], found["reward"]))


def _less(a: list[float], b: list[float]) -> list[float]:
    return [x - y for x, y in zip(a, b, strict=True)]


def _draw(path: Path, curves: dict[str, F64], found: dict[str, list[float]]) -> None:
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=(9, 5.2), dpi=130, layout="constrained")
    axes = picture.subplots()
    for name, right in curves.items():
        running = np.convolve(right, np.ones(_WINDOW) / _WINDOW, "valid")
        label = f"{WAYS[name].title}: {np.mean(found[name]):.3f} on test images"
        axes.plot(
            np.arange(len(running)) + _WINDOW,
            running,
            label=label,
            linewidth=2.4 if name == "reward" else 1.4,
        )
    axes.set(
        xlabel="images seen, once each", ylabel=f"share of answers that were right, last {_WINDOW}", ylim=(0, None),
        title="A head on a frozen camera network learns from right or wrong alone",
    )  # fmt: skip
    picture.legend(loc="outside lower center", ncols=2, frameon=False)  # inside it would hide a curve
    picture.savefig(path)
