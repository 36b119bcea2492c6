"""Predictive coding in its three variants, beside back-propagation of the same squared error on the same net.

"frozen" takes no step of relaxation: no error reaches a hidden layer, and the top one learns alone. "reversed" brings
errors down with the wrong sign (in 5 steps: with 20 the units of "standard" diverge at once, and nothing is learned);
not in the deep net, where the sign is wrong twice, and so right, in the first layer.
Rates are those of the reference runs, 1e-3 and for "incremental", which moves its synapses five times a batch, 3e-4;
nothing was chosen here. Accuracies are of the last epoch.
"""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import get_args

import numpy as np

from edgelearn.bench import backprop, counts
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, mnist
from edgelearn.bench.means import means, over_seeds, share
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.systems.adam import Adam
from edgelearn.systems.predictive_coding import PredictiveCoding, Variant, energies
from edgelearn.types import F64, I64, Array

DATA = ("mnist",)
SIZES, DEEP, EPOCHS, BATCH = (784, 300, 10), (784, 300, 100, 10), 10, 64
SHOWN = 50  # steps of relaxation in the picture
TWIN = backprop.Setting(SIZES, "tanh", "squared", epochs=EPOCHS, batch=BATCH)
DEEP_TWIN = TWIN._replace(sizes=DEEP, curve="relu")
Way = Callable[..., PredictiveCoding]  # takes a seed
WAYS: dict[str, Way] = {
    "fixed": partial(PredictiveCoding, SIZES),
    "standard": partial(PredictiveCoding, SIZES, "standard"),
    "incremental": partial(PredictiveCoding, SIZES, "incremental", eta=3e-4),
    "frozen": partial(PredictiveCoding, SIZES, steps=0),
    "reversed": partial(PredictiveCoding, SIZES, reverse=True),
    "standard_reversed": partial(PredictiveCoding, SIZES, "standard", steps=5, reverse=True),
    "incremental_reversed": partial(PredictiveCoding, SIZES, "incremental", eta=3e-4, reverse=True),
    "deep": partial(PredictiveCoding, DEEP, curve="relu"),
    "deep_frozen": partial(PredictiveCoding, DEEP, curve="relu", steps=0),
}
VARIANTS = tuple(WAYS)[:3]

FIGURES = (
    Figure("predictive_coding.fixed", "", "MNIST 60k, 784-300-10 tanh, fixed prediction", Goal(">=", 0.968)),
    Figure("predictive_coding.fixed_gap", "", "the same less back-propagation", Goal("|.|<=", 0.001)),
    Figure("predictive_coding.standard", "", "the same net, standard, 20 steps", Goal(">=", 0.968)),
    Figure("predictive_coding.standard_gap", "", "the same less back-propagation", Goal("|.|<=", 0.005)),
    Figure("predictive_coding.incremental", "", "the same net, incremental, 5 steps", Goal(">=", 0.967)),
    Figure("predictive_coding.incremental_gap", "", "the same less back-propagation", Goal("|.|<=", 0.005)),
    Figure("predictive_coding.backprop", "", "back-propagation: the same net and budget"),
    Figure("predictive_coding.frozen", "", "frozen: no relaxation, the top layer learns alone", Goal("<=", 0.885)),
    Figure("predictive_coding.over_frozen", "", "fixed prediction less frozen", Goal(">=", 0.08)),
    Figure("predictive_coding.reversed", "", "fixed, errors come down with the wrong sign, must fail"),
    Figure("predictive_coding.standard_reversed", "", "standard with 5 steps, the same, must fail"),
    Figure("predictive_coding.incremental_reversed", "", "incremental, the same, must fail"),
    Figure("predictive_coding.reversed_over_frozen", "", "the best of the three less frozen", Goal("<=", -0.2)),
    Figure("predictive_coding.deep", "", "MNIST 60k, 784-300-100-10 ReLU, fixed prediction", Goal(">=", 0.98)),
    Figure("predictive_coding.deep_gap", "", "the same less back-propagation", Goal("|.|<=", 0.001)),
    Figure("predictive_coding.deep_backprop", "", "back-propagation: the same net and budget"),
    Figure("predictive_coding.deep_frozen", "", "frozen: the deep net, the top layer learns alone"),
    Figure("predictive_coding.exact", "", "fixed: distance to the gradient, a share of it, float64", Goal("<=", 1e-10)),
    Figure("predictive_coding.standard_cosine", "", "standard: worst cosine of a layer, 100 steps", Goal("<=", 0.999)),
    Figure("predictive_coding.stream", "", "MNIST 10k once, in random order, fixed (= back-propagation)"),
    Figure("predictive_coding.stream_by_class", "", "the same images class after class"),
    Figure("predictive_coding.standard_stream", "", "MNIST 10k once, in random order, standard"),
    Figure("predictive_coding.standard_stream_by_class", "", "the same images class after class"),
    Figure("predictive_coding.incremental_stream", "", "MNIST 10k once, in random order, incremental"),
    Figure("predictive_coding.incremental_stream_by_class", "", "the same images class after class"),
    Figure("predictive_coding.quick_over_frozen", "", "MNIST 5k, 4 epochs: fixed less frozen", Goal(">=", 0.08)),
    Figure("predictive_coding.quick_standard", "", "the same: standard less frozen", Goal(">=", 0.08)),
    Figure("predictive_coding.quick_incremental", "", "the same: incremental less frozen", Goal(">=", 0.08)),
    Figure("predictive_coding.quick_reversed", "", "the same: fixed, errors reversed, must fail", Goal("<=", 0.2)),
    Figure("predictive_coding.quick_weights", "", "fixed: farthest weight from back-propagation's", Goal("<=", 1e-5)),
    *(figure for variant in VARIANTS for figure in counts.figures(f"predictive_coding.{variant}")),
)  # fmt: skip

QUICK = "predictive_coding.quick_over_frozen", "predictive_coding.quick_reversed"
ROWS = (
    Row(
        "Predictive coding, fixed prediction", "Millidge et al. 2022", "tanh", "hebb", "prediction_error",
        "MNIST 60k, 10 epochs", "about 0.98, and back-propagation's own curve, recalled",
        "predictive_coding.fixed", "predictive_coding.frozen",
        ("errors with the wrong sign", "predictive_coding.reversed"), "predictive_coding.backprop",
        "predictive_coding.stream", "predictive_coding.stream_by_class", "predictive_coding.fixed",
        "It is back-propagation, bit for bit, in local steps: as accurate, as forgetful, and no smaller.",
    ),
    Row(
        "Predictive coding, standard", "Whittington & Bogacz 2017", "tanh", "hebb", "prediction_error",
        "MNIST 60k, 10 epochs", "about 0.982 (784-600-600-10), recalled",
        "predictive_coding.standard", "predictive_coding.frozen",
        ("wrong sign, 5 steps", "predictive_coding.standard_reversed"), "predictive_coding.backprop",
        "predictive_coding.standard_stream", "predictive_coding.standard_stream_by_class",
        "predictive_coding.standard",
        "Settled units follow another gradient than back-propagation; they learn as much by it, and forget as much.",
    ),
    Row(
        "Predictive coding, incremental", "Salvatori et al. 2024", "tanh", "hebb", "prediction_error",
        "MNIST 60k, 10 epochs", "-",
        "predictive_coding.incremental", "predictive_coding.frozen",
        ("errors with the wrong sign", "predictive_coding.incremental_reversed"), "predictive_coding.backprop",
        "predictive_coding.incremental_stream", "predictive_coding.incremental_stream_by_class",
        "predictive_coding.incremental",
        "Units and synapses move by turns, with no phases; synapses move in each step, which takes far more products.",
    ),
    Row(
        "Predictive coding, fixed prediction, 784-300-100-10", "Millidge et al. 2022", "relu", "hebb",
        "prediction_error", "MNIST 60k, 10 epochs", "about 0.982, recalled",
        "predictive_coding.deep", "predictive_coding.deep_frozen",
        None, "predictive_coding.deep_backprop", None, None, None,
        "Through a second hidden layer as well it is back-propagation.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; the full size only when not ``quick``."""
    images = mnist(run)
    few = images.few(BATCH)
    yield Measured(
        "predictive_coding.exact", max(_distance(WAYS[way](seed=0), few) for way in ("fixed", "deep"))
    )
    standard = PredictiveCoding(SIZES, "standard", steps=100)
    yield Measured("predictive_coding.standard_cosine", float(_course(standard, few)[1][-1].min()))
    yield from _quick(run, images.few(5000, 2000))
    for variant in VARIANTS:
        net = WAYS[variant](seed=0)
        yield from counts.costs(f"predictive_coding.{variant}", _cost(net), backprop.Backprop(TWIN).cost())
    if not run.quick:
        curves = yield from _full(run, images)
        yield from _streams(run, images.few(10_000))
        _draw(run, few, curves)


def _full(run: Run, images: Images) -> Generator[Measured, None, dict[str, list[float]]]:
    rows, curves = list[dict[str, float]](), dict[str, list[float]]()
    for seed in range(run.seeds):
        found = {way: _trained(run, images, way, seed)[1] for way in WAYS}
        curves = curves or found
        row = {way: curve[-1] for way, curve in found.items()}
        row |= {"backprop": backprop.trained(TWIN, images, seed)}
        row |= {"deep_backprop": backprop.trained(DEEP_TWIN, images, seed)}
        row |= {f"{way}_gap": row[way] - row["backprop"] for way in VARIANTS}
        best = max(row[way] for way in ("reversed", "standard_reversed", "incremental_reversed"))
        row |= {"reversed_over_frozen": best - row["frozen"]}
        row |= {"deep_gap": row["deep"] - row["deep_backprop"], "over_frozen": row["fixed"] - row["frozen"]}
        rows.append(row)
    yield from means("predictive_coding", rows)
    return curves


def _quick(run: Run, images: Images) -> Iterator[Measured]:
    found = {way: _trained(run, images, way, 0, epochs=4) for way in (*VARIANTS, "frozen", "reversed")}
    scores = {way: curve[-1] for way, (_, curve) in found.items()}
    for way, name in zip(VARIANTS, ("over_frozen", "standard", "incremental"), strict=True):
        gap = scores[way] - scores["frozen"]
        yield Measured(f"predictive_coding.quick_{name}", gap, note="one seed", detail=scores)
    yield Measured("predictive_coding.quick_reversed", scores["reversed"], note="one seed")
    twin = backprop.Backprop(TWIN._replace(epochs=4))
    for _ in twin.fit(images.x, images.y):
        pass
    ours = found["fixed"][0].arrays
    yield Measured(
        "predictive_coding.quick_weights",
        max(float(np.abs(ours[name] - theirs).max()) for name, theirs in twin.arrays.items()),
        note="one seed",
    )


def _streams(run: Run, images: Images) -> Iterator[Measured]:
    for variant in VARIANTS:
        for name, stream in (("stream", images), ("stream_by_class", images.by_class())):
            scores = [
                _trained(run, stream, variant, seed, epochs=1, shuffled=name == "stream")[1][-1]
                for seed in range(run.seeds)
            ]
            own = name if variant == "fixed" else f"{variant}_{name}"
            yield over_seeds(f"predictive_coding.{own}", scores)


def _trained(
    run: Run, images: Images, way: str, seed: int, *, epochs: int = EPOCHS, shuffled: bool = True
) -> tuple[PredictiveCoding, list[float]]:
    """Return a net and its accuracy on the test images after each epoch; only the last one is a figure."""
    net, curve = WAYS[way](seed=seed), []
    done = net.fit(images.x, images.y, epochs=epochs, batch=BATCH, shuffled=shuffled)
    for _ in run.progress(done, f"{way.replace('_', ' ')}, seed {seed}", epochs):
        curve.append(share(net.predict_many(images.x_test), images.y_test))
    return net, curve


def _cost(net: PredictiveCoding) -> counts.Cost:
    """Return what one sample takes: the values that synapses see, and the error of each unit that predicts.

    A device has predictions from these two: they are the values themselves ("fixed"), or values less errors.
    """
    x, y = np.ones((1, net.sizes[0]), np.float32), np.zeros(1, np.int64)
    state = next(net.relaxing(x, y))
    kept = sum(a.nbytes for a in (*state.values[:-1], *state.errors))
    return counts.Cost(kept, counted(net.arrays, lambda: net.learn(x, y, 1e-3)))


# -- in float64, beside the true gradient -----------------------------------------------------------------


def _course(net: PredictiveCoding, images: Images) -> tuple[F64, F64]:
    """Return energies (steps + 1, L) as units settle, and cosines of what a layer's synapses ask for to the gradient.

    An "incremental" net learns meanwhile; the gradient is that of its weights by then. NaN: nothing is asked for.
    """
    twin, adam, course = _twin(net), Adam(), list[tuple[Array, list[float]]]()
    for state in net.relaxing(*_double(images)):
        asked, true = net.asked(state), twin.gradient(*_double(images))
        cosines = [_cosine(asked[f"w{k}"], true[f"w{k}"]) for k in range(len(net.sizes) - 1)]
        if course and net.variant == "incremental":
            adam.step(net.arrays, asked, net.eta)
        course.append((energies(state), cosines))
    return np.array([e for e, _ in course]), np.array([c for _, c in course])


def _distance(net: PredictiveCoding, images: Images) -> float:
    """Return how far the change is from the gradient, as a share of it, in the worst layer."""
    true = _twin(net).gradient(*_double(images))
    for state in net.relaxing(*_double(images)):
        asked = net.asked(state)
    return max(float(np.linalg.norm(asked[name] - g) / np.linalg.norm(g)) for name, g in true.items())


def _twin(net: PredictiveCoding) -> backprop.Backprop:
    """Return the twin on the net's own weights, which are made float64."""
    net.arrays = {name: a.astype(np.float64) for name, a in net.arrays.items()}
    twin = backprop.Backprop(TWIN._replace(sizes=net.sizes, curve=net.curve))
    twin.arrays = net.arrays
    return twin


def _double(images: Images) -> tuple[F64, I64]:
    return images.x.astype(np.float64), images.y.astype(np.int64)


def _cosine(one: Array, other: Array) -> float:
    norms = np.linalg.norm(one) * np.linalg.norm(other)
    return float((one * other).sum() / norms) if norms else np.nan


def _draw(run: Run, images: Images, curves: dict[str, list[float]]) -> None:
    if (path := run.picture("predictive_coding")) is not None:
        from edgelearn.bench.predictive_coding_picture import draw

        settle: dict[str, tuple[F64, F64]] = {
            variant: _course(PredictiveCoding(DEEP, variant, gamma=0.1, steps=SHOWN, eta=3e-4), images)
            for variant in get_args(Variant)
        }
        draw(path, settle, {name: curves[name] for name in (*VARIANTS, "frozen")})
