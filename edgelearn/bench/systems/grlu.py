"""GRLU as published and in our form, beside the same net with its hidden units frozen, and without what makes it learn.

"frozen" teaches the last layer alone, as published; at our rates such a net runs away. "quiet" does not even push the
units below it, which do nothing with it: a better net, and so a harder control, which the table shows. The goal of the
published form is set against "frozen", as it was calibrated; that of ours against "best frozen": of each seed the best
of the published form frozen, the same quiet, and ours quiet, all with 16 pairs. "stale" hands out the rewards of the
sample before. The twin takes 5 epochs of Adam in batches of 100, where GRLU takes samples one at a time.

Everything shown is the last epoch; rates are those of the source and of the specification, none was chosen on test
images. Noise that differs between the two passes of a pair is no failing ablation: it halves what a pair says, so its
figure is an alignment with the gradient, found by differences.
"""

from collections.abc import Generator, Iterator
from typing import Any

from edgelearn.bench import backprop, counts, grlu_picture
from edgelearn.bench.alignment import alignments
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import Images, mnist
from edgelearn.bench.means import Found, means, share
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.systems.grlu import GRLU, PUBLISHED

DATA = ("mnist",)
SIZES, FEW = (784, 256, 10), (784, 32, 10)
TWIN, FEW_TWIN = (backprop.Setting(sizes, epochs=5) for sizes in (SIZES, FEW))
NETS: dict[str, tuple[int, dict[str, Any]]] = {  # epochs, settings
    "published": (10, PUBLISHED),
    "published_frozen": (10, PUBLISHED | {"still": True}),
    "published_quiet": (10, PUBLISHED | {"quiet": True}),
    "published_one": (10, PUBLISHED | {"pairs": 1}),
    "published_many": (10, PUBLISHED | {"pairs": 128}),
    "published_many_quiet": (10, PUBLISHED | {"pairs": 128, "quiet": True}),
    "improved": (5, {}),
    "quiet": (5, {"quiet": True}),
    "ungated": (5, {"gated": False}),
    "stale": (1, {"stale": True}),
    "small_push": (1, PUBLISHED | {"sigma": 1e-3}),
    "few": (5, {"sizes": FEW}),
    "few_quiet": (5, {"sizes": FEW, "quiet": True}),
    "few_stale": (1, {"sizes": FEW, "stale": True}),
}

FIGURES = (
    Figure("grlu.published", "", "MNIST 60k, 784-256-10, 16 pairs, 10 epochs, as published", Goal(">=", 0.928)),
    Figure("grlu.published_over_frozen", "", "the same less its hidden units frozen", Goal(">=", 0.008)),
    Figure("grlu.published_over_quiet", "", "the same less its hidden units frozen and not pushed"),
    Figure("grlu.published_frozen", "", "its hidden units frozen"),
    Figure("grlu.published_quiet", "", "its hidden units frozen and not pushed"),
    Figure("grlu.published_one", "", "as published with 1 pair"),
    Figure("grlu.published_many", "", "as published with 128 pairs"),
    Figure("grlu.published_many_quiet", "", "the same, its hidden units frozen and not pushed"),
    Figure("grlu.published_many_over_quiet", "", "128 pairs less that"),
    Figure("grlu.improved", "", "divided by the variance and gated, 16 pairs, 5 epochs", Goal(">=", 0.940)),
    Figure("grlu.best_frozen", "", "the best frozen net of either form, pushed or not"),
    Figure("grlu.over_frozen", "", "our form less the best frozen net", Goal(">=", 0.02)),
    Figure("grlu.over_ungated", "", "our form less ungated", Goal(">=", 0.008)),
    Figure("grlu.quiet", "", "our form, its hidden units frozen and not pushed"),
    Figure("grlu.ungated", "", "our form without the gate"),
    Figure("grlu.few", "", "our form with 32 hidden units"),
    Figure("grlu.few_over_quiet", "", "the same less its hidden units frozen, not pushed", Goal(">=", 0.1)),
    Figure("grlu.few_quiet", "", "its hidden units frozen and not pushed"),
    Figure("grlu.few_stale", "", "rewards of the sample before, 1 epoch, must fail", Goal("<=", 0.2)),
    Figure("grlu.few_backprop", "", "back-propagation: the same net, 5 epochs of Adam, batch 100"),
    Figure("grlu.stale", "", "our form, rewards of the sample before, 1 epoch, must fail", Goal("<=", 0.2)),
    Figure("grlu.small_push", "", "as published, pushes of 0.001, 1 epoch, must hardly learn", Goal("<=", 0.5)),
    Figure("grlu.backprop", "", "back-propagation: the same net, 5 epochs of Adam, batch 100"),
    Figure("grlu.stream", "", "MNIST 10k once, in random order, our form"),
    Figure("grlu.stream_by_class", "", "the same images class after class"),
    Figure("grlu.cosine_16", "", "alignment of 16 pairs with the true gradient, 35 units"),
    Figure("grlu.cosine_128", "", "the same of 128 pairs", Goal(">=", 0.85)),
    Figure("grlu.cosine_1024", "", "the same of 1024 pairs"),
    Figure("grlu.cosine_other", "", "the same of 128 pairs, other noise in the second pass of each"),
    Figure("grlu.quick_over_frozen", "", "MNIST 10k, 32 hidden units, 3 epochs, less frozen", Goal(">=", 0.1)),
    Figure("grlu.quick_stale", "", "the same with the rewards of the sample before, must fail", Goal("<=", 0.25)),
    *counts.figures("grlu"),
)  # fmt: skip

PARTS = ("relu", "hebb", "perturbation")
QUIET, STALE = "neither taught nor pushed", "rewards of the sample before, 1 epoch"

QUICK = "grlu.quick_over_frozen", "grlu.quick_stale"
ROWS = (
    Row(
        "GRLU as published, 16 pairs", "GRLU 2025", *PARTS, "MNIST 60k, 10 epochs",
        "0.928 (top-k units)", "grlu.published", (QUIET, "grlu.published_quiet"),
        ("pushes of 0.001, 1 epoch", "grlu.small_push"), ("5 epochs, batch 100", "grlu.backprop"),
        None, None, "grlu",
        "Random pushes and one reward teach a net, though most of it comes from the last layer alone. The goal is over"
        " hidden units that are pushed and not taught; the control shown, which does not push them, is harder.",
    ),
    Row(
        "GRLU as published, 128 pairs", "GRLU 2025", *PARTS, "MNIST 60k, 10 epochs",
        "0.9445", "grlu.published_many", (QUIET, "grlu.published_many_quiet"),
        None, ("5 epochs, batch 100", "grlu.backprop"), None, None, None,
        "More pairs tell the gradient better, and hidden units begin to count; our form comes as far with 16.",
    ),
    Row(
        "GRLU, divided and gated (ours)", "-", *PARTS, "MNIST 60k, 5 epochs",
        "-", "grlu.improved", ("the best of the frozen nets", "grlu.best_frozen"),
        (STALE, "grlu.stale"), ("batch 100", "grlu.backprop"),
        "grlu.stream", "grlu.stream_by_class", "grlu",
        "Two changes make hidden units learn too, which is worth little where 256 random units do nearly as well.",
    ),
    Row(
        "GRLU, ours, 32 hidden units", "-", *PARTS, "MNIST 60k, 5 epochs",
        "-", "grlu.few", (QUIET, "grlu.few_quiet"), (STALE, "grlu.few_stale"), ("batch 100", "grlu.few_backprop"),
        None, None, None,
        "With few units, which random ones cannot replace, one reward for all teaches most of what the net knows.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; the full size only when not ``quick``."""
    images = mnist(run)
    yield from _quick(run, images.few(10_000))
    yield from counts.costs("grlu", _cost(GRLU(SIZES)), backprop.Backprop(TWIN).cost())
    if run.quick:
        return
    cosines = yield from _cosines(run)
    curves = yield from _full(run, images)
    yield from _streams(run, images.few(10_000))
    if (path := run.picture("grlu")) is not None:
        grlu_picture.draw(path, curves, cosines)


def _full(run: Run, images: Images) -> Generator[Measured, None, dict[str, list[float]]]:
    """Yield the figures; return the accuracies of one seed after each epoch, by net."""
    run.say("16 nets a seed, those of 128 pairs alone six minutes")
    rows = []
    for seed in range(run.seeds):
        curves = {name: _curve(run, images, name, *net, seed) for name, net in NETS.items()}
        rows.append(_row({name: curve[-1] for name, curve in curves.items()}))
        for name, twin in (("backprop", TWIN), ("few_backprop", FEW_TWIN)):
            rows[-1][name] = backprop.trained(twin, images, seed, run.progress)
    yield from means("grlu", rows)
    return curves


def _row(row: Found) -> Found:
    """Return the accuracies of one seed, and what lies between them."""
    best = max(row[name] for name in ("published_frozen", "published_quiet", "quiet"))
    return row | {
        "published_over_frozen": row["published"] - row["published_frozen"],
        "published_over_quiet": row["published"] - row["published_quiet"],
        "published_many_over_quiet": row["published_many"] - row["published_many_quiet"],
        "best_frozen": best,
        "over_frozen": row["improved"] - best,
        "over_ungated": row["improved"] - row["ungated"],
        "few_over_quiet": row["few"] - row["few_quiet"],
    }


def _curve(
    run: Run, images: Images, name: str, epochs: int, settings: dict[str, Any], seed: int
) -> list[float]:
    """Return the test accuracy after each epoch; the last one counts."""
    net = GRLU(**({"sizes": SIZES} | settings), seed=seed)
    done = net.fit(images.x, images.y, epochs=epochs)
    title = f"{name.replace('_', ' ')}, seed {seed}"
    return [_accuracy(net, images) for _ in run.progress(done, title, epochs)]


def _quick(run: Run, images: Images) -> Iterator[Measured]:
    last = {
        name: _curve(run, images, f"quick {name}", 3, {"sizes": FEW} | settings, 0)[-1]
        for name, settings in (("learned", {}), ("quiet", {"quiet": True}), ("stale", {"stale": True}))
    }
    yield Measured("grlu.quick_over_frozen", last["learned"] - last["quiet"], note="one seed")
    yield Measured("grlu.quick_stale", last["stale"], note="one seed")


def _streams(run: Run, images: Images) -> Iterator[Measured]:
    rows = list[Found]()
    for seed in range(run.seeds):
        rows.append({})
        for name, stream in (("stream", images), ("stream_by_class", images.by_class())):
            net = GRLU(SIZES, seed=seed)
            done = net.fit(stream.x, stream.y, epochs=1, shuffled=name == "stream")
            run.finish(done, f"{name}, seed {seed}", 1)
            rows[-1][name] = _accuracy(net, images)
    yield from means("grlu", rows)


def _cosines(run: Run) -> Generator[Measured, None, dict[str, dict[int, float]]]:
    """Yield the figures; return the alignments by noise and number of pairs."""
    noises = ("same", "other")
    found = {noise: alignments(noise) for noise in run.progress(noises, "alignment", len(noises))}
    for pairs in (16, 128, 1024):
        yield Measured(f"grlu.cosine_{pairs}", found["same"][pairs])
    yield Measured("grlu.cosine_other", found["other"][128])
    return found


def _accuracy(net: GRLU, images: Images) -> float:
    return share(net.predict_many(images.x_test), images.y_test)


def _cost(net: GRLU) -> counts.Cost:
    """Return what one sample takes as the kernel has it: all pairs side by side, a lane for each pass.

    A device short of memory would take pair after pair, keep their rewards, and draw their noise again to learn.
    """
    n_pre, *units = (n + 1 for n in net.sizes)
    lanes = 2 * net.pairs
    kept = n_pre + net.sizes[1] + sum(units) * lanes + sum(net.sizes[1:-1]) * lanes
    kept += sum(net.sizes[1:]) * net.pairs + max(net.sizes[1:])  # noise; the change from an input of 1
    above = sum(a * b for a, b in zip(units, net.sizes[2:], strict=False))
    return counts.Cost(4 * kept, 2 * n_pre * net.sizes[1] + above * (lanes + net.pairs))
