"""SoftHebb on MNIST and on the JPEG copy of CIFAR-10: learned filters against random ones of the same number.

Random: the same network, weights drawn at random, every unit at norm 1, statistics of its inputs from 2,000 images,
the same readout. The ablation is t=0: units share each sample equally, so nothing makes them differ.
Dense settings are those of one pilot on the last 5,000 training images; the convolutional ones are published.
"""

from collections.abc import Iterator

import numpy as np

from edgelearn.bench import linear
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, cifar_jpeg, mnist
from edgelearn.bench.run import Run, spread
from edgelearn.systems.softhebb import PUBLISHED, SoftHebb, conv, dense
from edgelearn.types import F32, Array

DATA = ("mnist", "cifar10_jpeg")
JPEG = "JPEG copy of CIFAR-10 (degraded: not comparable with published figures)"
_TWO = PUBLISHED[:2]
_SETTLE = 2000  # images that a random network takes its statistics from
_STEP = 1000  # images between two moves of a progress bar
COLOUR, GREY = (32, 32, 3), (28, 28, 1)
Bars = dict[str, list[float]]  # what was measured: learned, random, without competition


def _figures(stem: str, what: str, least: float, gap: float) -> tuple[Figure, ...]:
    return (
        Figure(f"softhebb.{stem}", "", what, Goal(">=", least)),
        Figure(f"softhebb.{stem}_random", "", f"control: {what}, random units"),
        Figure(f"softhebb.{stem}_gap", "", f"{what}; learned minus random", Goal(">=", gap)),
    )


FIGURES = (
    *_figures("dense_100", "MNIST 60k, 100 units, one epoch, ridge", 0.895, 0.07),
    Figure(
        "softhebb.dense_100_uniform",
        "",
        "control: 100 units without competition (t=0), must fail",
        Goal("<=", 0.30),
    ),
    Figure(
        "softhebb.dense_100_norm",
        "",
        "median norm of the units after one epoch, minus 1",
        Goal("|.|<=", 0.05),
    ),
    Figure("softhebb.dense_100_winners", "units", "units that win for a test image", Goal(">=", 95)),
    Figure("softhebb.online_100", "", "100 units learned sample by sample by the kernels, as a device does"),
    Figure(
        "softhebb.online_100_gap", "", "100 units learned sample by sample, minus random", Goal(">=", 0.05)
    ),
    *_figures("dense_2000", "MNIST 60k, 2000 units, one epoch, ridge", 0.967, 0.01),
    *_figures("conv_1", f"{JPEG} 10k, layer 1 of 96-384, one epoch, softmax", 0.625, 0.03),
    *_figures("conv_2", f"{JPEG} 10k, layer 2 of 96-384, one epoch, softmax", 0.675, 0.02),
    Figure(
        "softhebb.conv_uniform",
        "",
        "control: layer 2 without competition (t=0), minus random, must fail",
        Goal("<=", -0.07),
    ),
    Figure("softhebb.conv_mnist_gap", "", "MNIST 10k, layer 2 of 96-384, learned minus random: no gap there"),
    *_figures("conv_full", f"{JPEG} 49k, layer 2 of 96-384, full map", 0.72, 0.025),
    Figure("softhebb.conv_quick_gap", "", f"{JPEG} 5k, layer 1, learned minus random", Goal(">=", 0.03)),
)


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; 2000 units, 10k and 49k images only when not ``quick``."""
    bars: Bars = {}
    filters: dict[str, F32] = {}
    digits = mnist(run)
    yield from _dense_100(run, digits, bars, filters)
    if run.quick:
        yield from _conv_quick(run, bars, filters)
    else:
        yield from _full(run, digits, bars, filters)
    if (path := run.picture("softhebb")) is not None:
        from edgelearn.bench.filters import draw

        panels = [
            ("MNIST, 100 units", filters["dense"], GREY),
            ("CIFAR-10 (JPEG), layer 1", filters["conv"], (5, 5, 3)),
        ]
        draw(path, panels, bars, ("learned", "random", "no competition"))


def _full(run: Run, digits: Images, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    yield from _dense_2000(run, digits)
    yield from _conv_quick(run, {}, {})
    run.say("10,000 colour images: about 6 minutes a seed on one core")
    yield from _conv_10k(run, bars, filters)
    yield from _conv_mnist(run, digits.few(10_000))
    run.say("49,000 colour images: about 15 minutes on one core")
    yield from _conv_full(run)


# -- dense --------------------------------------------------------------------------------------------


def _dense_100(run: Run, digits: Images, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    rows = []
    for seed in range(run.seeds):
        net = _fitted(run, dense(100, eta=0.2, seed=seed), digits.x)
        w = filters["dense"] = net.stages[0].layer.w
        rows.append(
            {
                "dense_100": _ridge(net, digits),
                "dense_100_random": _ridge(_random(dense(100, spread=1.0, seed=seed), digits.x), digits),
                "dense_100_uniform": _ridge(
                    _fitted(run, dense(100, eta=0.2, t=0.0, seed=seed), digits.x), digits
                ),
                "dense_100_norm": float(np.median(np.linalg.norm(w, axis=0))) - 1,
                "dense_100_winners": len(np.unique((digits.x_test @ w).argmax(axis=1))),
                "online_100": _ridge(_online(run, dense(100, eta=0.2, seed=seed), digits.x), digits),
            }
        )
        rows[-1] |= {
            f"{name}_gap": rows[-1][name] - rows[-1]["dense_100_random"]
            for name in ("dense_100", "online_100")
        }
    bars["MNIST, 100 units"] = _bars(rows, "dense_100", "dense_100_random", "dense_100_uniform")
    yield from _means(rows)


def _dense_2000(run: Run, digits: Images) -> Iterator[Measured]:
    rows = []
    for seed in range(run.seeds):
        learned = _ridge(_fitted(run, dense(2000, eta=0.5, seed=seed), digits.x), digits)
        random = _ridge(_random(dense(2000, spread=1.0, seed=seed), digits.x), digits)
        rows.append({"dense_2000": learned, "dense_2000_random": random, "dense_2000_gap": learned - random})
    yield from _means(rows)


def _online(run: Run, net: SoftHebb, X: F32) -> SoftHebb:
    layer = net.stages[0].layer
    for start in run.progress(range(0, len(X), _STEP), "learning sample by sample", len(X) // _STEP):
        for x in X[start : start + _STEP]:
            layer.learn_one(x)
    return net


def _ridge(net: SoftHebb, images: Images) -> float:
    return linear.ridge(net.features(images.x), images.y, net.features(images.x_test), images.y_test)


# -- convolutional ------------------------------------------------------------------------------------


def _conv_10k(run: Run, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    images, rows = cifar_jpeg(run, 10_000, 9_000), []
    for seed in range(run.seeds):
        net = _fitted(run, conv(COLOUR, _TWO, seed=seed), images.x)
        filters["conv"] = net.stages[0].layer.w
        row = _learned_random(
            run, "conv", net, _random(conv(COLOUR, _TWO, spread=1.0, seed=seed), images.x), images
        )
        uniform = _fitted(run, conv(COLOUR, [stage._replace(t=0.0) for stage in _TWO], seed=seed), images.x)
        row |= {f"{name}_uniform": value for name, value in _scores(run, "conv", uniform, images).items()}
        rows.append(row | {"conv_uniform": row["conv_2_uniform"] - row["conv_2_random"]})
    for name in ("conv_1", "conv_2"):
        bars[f"CIFAR-10 (JPEG)\n10k, layer {name[-1]}"] = _bars(
            rows, name, f"{name}_random", f"{name}_uniform"
        )
    yield from _means(rows)


def _conv_mnist(run: Run, images: Images) -> Iterator[Measured]:
    net = _fitted(run, conv(GREY, _TWO), images.x)
    row = _learned_random(run, "conv_mnist", net, _random(conv(GREY, _TWO, spread=1.0), images.x), images)
    yield Measured("softhebb.conv_mnist_gap", row["conv_mnist_2_gap"], note="one seed", detail=row)


def _conv_full(run: Run) -> Iterator[Measured]:
    images, row = cifar_jpeg(run, 49_000, 9_000), {}
    for name in ("conv_full", "conv_full_random"):
        if name == "conv_full":
            net = _fitted(run, conv(COLOUR, _TWO), images.x)
        else:
            net = _random(conv(COLOUR, _TWO, spread=1.0), images.x)
        train, test = (_whole(run, net, X) for X in (images.x, images.x_test))
        row[name] = linear.softmax(train, images.y, test, images.y_test, epochs=12, drop=0.5)
    row["conv_full_gap"] = row["conv_full"] - row["conv_full_random"]
    for name, value in row.items():
        yield Measured(f"softhebb.{name}", value, note="one seed")


def _conv_quick(run: Run, bars: Bars, filters: dict[str, F32]) -> Iterator[Measured]:
    images, first = cifar_jpeg(run, 5_000, 5_000), _TWO[:1]
    net = _fitted(run, conv(COLOUR, first), images.x)
    row = _learned_random(run, "conv_quick", net, _random(conv(COLOUR, first, spread=1.0), images.x), images)
    filters["conv"] = net.stages[0].layer.w
    bars["CIFAR-10 (JPEG)\n5k, layer 1"] = _bars([row], "conv_quick_1", "conv_quick_1_random")
    yield Measured("softhebb.conv_quick_gap", row["conv_quick_1_gap"], note="one seed", detail=row)


def _learned_random(run: Run, name: str, net: SoftHebb, random: SoftHebb, images: Images) -> dict[str, float]:
    learned, control = _scores(run, name, net, images), _scores(run, name, random, images)
    row = learned | {f"{key}_random": value for key, value in control.items()}
    return row | {f"{key}_gap": value - control[key] for key, value in learned.items()}


def _scores(run: Run, name: str, net: SoftHebb, images: Images) -> dict[str, float]:
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
            blocks.append(_coarse(seen.reshape(len(seen), *stage.shape_out), 4))
    return [np.concatenate(blocks) for blocks in found]


def _whole(run: Run, net: SoftHebb, X: F32) -> Array:
    """Return the last map as it is, in float16: 49,000 of them take 2.4 GB."""
    height, width, channels = net.stages[-1].shape_out
    found = np.empty((len(X), height * width * channels), np.float16)
    for start in run.progress(range(0, len(X), _STEP), "features", len(X) // _STEP):
        found[start : start + _STEP] = net.features(X[start : start + _STEP])
    return found


def _coarse(maps: Array, fields: int) -> Array:
    """Return the means of ``fields`` x ``fields`` parts of maps (n, height, width, channels), flat."""
    for axis in (1, 2):
        starts = np.linspace(0, maps.shape[axis], fields, endpoint=False).astype(int)
        counts = np.diff(starts, append=maps.shape[axis]).astype(np.float32)
        sums = np.add.reduceat(maps, starts, axis=axis)
        maps = sums / counts.reshape([-1 if i == axis else 1 for i in range(4)])
    return maps.reshape(len(maps), -1)


# -- both ---------------------------------------------------------------------------------------------


def _fitted(run: Run, net: SoftHebb, X: F32) -> SoftHebb:
    for start in run.progress(range(0, len(X), _STEP), "learning", len(X) // _STEP):
        net.fit(X[start : start + _STEP])
    return net


def _random(net: SoftHebb, X: F32) -> SoftHebb:
    """Return the network as it was drawn, every unit at norm 1, with the statistics of its inputs."""
    net.settle(X[:1])
    for stage in net.stages:
        stage.layer.w /= np.linalg.norm(stage.layer.w, axis=0)
    return net.settle(X[:_SETTLE])


def _means(rows: list[dict[str, float]]) -> Iterator[Measured]:
    for figure in FIGURES:
        name = figure.name.removeprefix("softhebb.")
        if name in rows[0]:
            mean, deviation = spread(row[name] for row in rows)
            yield Measured(figure.name, mean, spread=deviation, detail={"seeds": [row[name] for row in rows]})


def _bars(rows: list[dict[str, float]], *names: str) -> list[float]:
    return [float(np.mean([row[name] for row in rows])) for name in names]
