"""S-TLLR against back-propagation through time, against the same net frozen, and without what makes it learn.

Everything shown is the last epoch; no epoch and no constant was chosen on test data. "frozen" trains the readout alone.
The stream is met by another net, that of `online_digits`. On the event camera a linear readout of the same frames is as
good as any spiking net: said beside it.

Goals of MNIST, of N-MNIST and of the cue of slow units are what other code had reached before, less a margin; those of
recurrent and of fast units, of learning online, of memory and of the quick form were set when first figures were known.
"""

from collections.abc import Generator, Iterator

import numpy as np

from edgelearn.bench import bptt, costs, delayed_cue, events, linear, online_digits, spiking_tasks
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.images import mnist
from edgelearn.bench.means import over_seeds
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.bench.spiking_tasks import SPLITS, Curve, Task, Way
from edgelearn.neurons import lif
from edgelearn.rules import stdp_eligibility
from edgelearn.systems import s_tllr
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.types import Array

DATA = ("mnist", "nmnist_events")
IMAGES, EPOCHS, RANDOM_EPOCHS = 10_000, 15, 8
EVENT_EPOCHS = 60
COMPARED: tuple[Way, ...] = ("bp", "bptt", "frozen")

FIGURES = (
    Figure("s_tllr.exact", "", "a_post 0, trace = leak, float64: relative distance to BPTT", Goal("<=", 1e-10)),
    Figure("s_tllr.cue", "", "delayed cue, 8 classes, trace 0.95", Goal(">=", 0.99)),
    Figure("s_tllr.cue_no_trace", "", "the same, no trace: must fail, worse than not learning", Goal("<=", 0.3)),
    Figure("s_tllr.cue_frozen", "", "the same, hidden weights frozen", Goal("<=", 0.93)),
    Figure("s_tllr.cue_bptt", "", "the same net by BPTT"),
    Figure("s_tllr.cue_recurrent", "", "the same with recurrent units of leak 0.5", Goal(">=", 0.95)),
    Figure("s_tllr.cue_recurrent_frozen", "", "the same, hidden weights frozen: must fail", Goal("<=", 0.3)),
    Figure("s_tllr.cue_recurrent_bptt", "", "the same recurrent net by BPTT"),
    Figure("s_tllr.cue_forward", "", "leak 0.5 without recurrent weights: must fail", Goal("<=", 0.3)),
    *costs.figures("s_tllr"),
    Figure("s_tllr.online", "", "MNIST 10k once, learned at each time step, 784-100-10, random feedback"),
    Figure("s_tllr.online_over_frozen", "", "the same less hidden weights frozen", Goal(">=", 0.08)),
    Figure("s_tllr.online_by_class", "", "the same images class after class"),
    Figure("s_tllr.quick_over_frozen", "", "2k MNIST images, 4 epochs: S-TLLR less frozen", Goal(">=", 0.12)),
    Figure("s_tllr.quick_over_no_trace", "", "delayed cue: trace 0.95 less no trace", Goal(">=", 0.5)),
    Figure("s_tllr.nmnist", "", "N-MNIST, 600 to learn from, 150 to test, three splits", Goal(">=", 0.84)),
    Figure("s_tllr.nmnist_bptt", "", "the same nets and splits by BPTT"),
    Figure("s_tllr.nmnist_frozen", "", "the same nets and splits, hidden weights frozen"),
    Figure("s_tllr.nmnist_below_bptt", "", "BPTT less S-TLLR", Goal("<=", 0.05)),
    Figure("s_tllr.nmnist_over_frozen", "", "S-TLLR less frozen", Goal(">=", 0.1)),
    Figure("s_tllr.nmnist_linear", "", "a linear softmax of the same frames, flattened: as good as the nets"),
    Figure("s_tllr.nmnist_random", "", "a random signal in place of the error, one split: must fail", Goal("<=", 0.4)),
    Figure("s_tllr.mnist", "", "rate-coded MNIST 10k, 784-400-400-10, T=10", Goal(">=", 0.955)),
    Figure("s_tllr.mnist_bptt", "", "the same net and seeds by BPTT"),
    Figure("s_tllr.mnist_frozen", "", "the same net and seeds, hidden weights frozen"),
    Figure("s_tllr.mnist_below_bptt", "", "BPTT less S-TLLR", Goal("<=", 0.01)),
    Figure("s_tllr.mnist_over_frozen", "", "S-TLLR less frozen", Goal(">=", 0.12)),
    Figure("s_tllr.mnist_dfa", "", "the same by random feedback"),
    Figure("s_tllr.mnist_random", "", f"a random signal in place of the error, {RANDOM_EPOCHS} epochs: must fail"),
    Figure("s_tllr.mnist_random_below_frozen", "", "frozen less random signal", Goal(">=", 0.2)),
)  # fmt: skip

SOURCE, PARTS = "Apolinario & Roy 2025 (S-TLLR)", ("lif", "stdp_eligibility", "error of the same step")

QUICK = "s_tllr.quick_over_frozen", "s_tllr.quick_over_no_trace"
ROWS = (
    Row(
        "S-TLLR", SOURCE, *PARTS, "MNIST 10k, rate-coded, 15 epochs", "-",
        "s_tllr.mnist", "s_tllr.mnist_frozen",
        (f"random signal, {RANDOM_EPOCHS} epochs, one seed", "s_tllr.mnist_random"), "s_tllr.mnist_bptt",
        ("another net: 784-100-10, random feedback", "s_tllr.online"), "s_tllr.online_by_class", "s_tllr",
        "Two traces a layer learn what BPTT learns, in memory that does not grow with time; classes must come mixed.",
    ),
    Row(
        "S-TLLR", SOURCE, *PARTS, "N-MNIST 600, 60 epochs", "0.977 (DVS Gesture, VGG-9)",
        "s_tllr.nmnist", "s_tllr.nmnist_frozen", ("random signal, one split", "s_tllr.nmnist_random"),
        "s_tllr.nmnist_bptt",
        None, None, None,
        "As good as BPTT on an event camera; so is a linear readout of the same frames: so few need no spiking net.",
    ),
    Row(
        "S-TLLR", SOURCE, *PARTS, "delayed cue, 8 classes", "-",
        "s_tllr.cue", "s_tllr.cue_frozen", ("no trace", "s_tllr.cue_no_trace"), "s_tllr.cue_bptt",
        None, None, None,
        "The trace is what bridges the delay: without it learning does worse than none.",
    ),
)  # fmt: skip


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; only exactness, costs, and the gaps to frozen and to no trace when ``quick``."""
    yield _exact()
    yield from costs.measure("s_tllr", SpikingNet, a_post=-1.0)
    images = mnist(run)
    few = spiking_tasks.digits(images.few(2000, 2000))
    learned, frozen = (spiking_tasks.last(run, few, way, 0, epochs=4) for way in ("bp", "frozen"))
    yield Measured("s_tllr.quick_over_frozen", learned - frozen, note="one seed")
    if run.quick:
        cue, no_trace = (delayed_cue.accuracy(lam_pre) for lam_pre in (0.95, 0.0))
        yield Measured("s_tllr.quick_over_no_trace", cue - no_trace, note="one seed")
        return
    yield from delayed_cue.measure(run, "s_tllr", delayed_cue.VARIANTS)
    yield from online_digits.measure(run, images)
    yield from _nmnist(run)
    task = spiking_tasks.digits(images.few(IMAGES))
    curves = yield from _mnist(run, task)
    if (path := run.picture("s_tllr")) is not None:
        from edgelearn.bench.spiking_picture import draw

        draw(path, curves, delayed_cue.over_lambda(run), _memory(), task.x[:, 0])


def _memory() -> list[tuple[int, int, int]]:
    """Return (T, numbers kept by traces, by BPTT)."""
    net = SpikingNet(costs.SIZES)
    return [(n, costs.kept_by_traces(net), costs.kept_by_bptt(net, n)) for n in costs.LENGTHS]


def _exact() -> Measured:
    rng = np.random.default_rng(0)
    x, y = (rng.random((20, 8, 40)) < 0.2).astype(np.float64), rng.integers(0, 5, 8)
    rule = stdp_eligibility.rule(lam_pre=0.9, a_post=0)
    net = SpikingNet((40, 30, 5), lif.neuron(decay=0.9), rule, dtype=np.float64)
    found, truth = s_tllr.gradient(net, x, y), bptt.gradient(net, x, y)
    apart = {name: float(np.abs(found[name] - a).max() / np.abs(a).max()) for name, a in truth.items()}
    return Measured("s_tllr.exact", max(apart.values()), detail=apart)


def _nmnist(run: Run) -> Iterator[Measured]:
    x, y = events.frames(run.data("nmnist_events"))
    flat = x.transpose(1, 0, 2).reshape(len(y), -1)
    scores, task = spiking_tasks.over_splits(run, x, y, COMPARED, EVENT_EPOCHS)
    yield from _compared("nmnist", scores)
    by_line = []
    for number in range(SPLITS):
        learn, test = spiking_tasks.split(number, len(y))
        by_line.append(linear.softmax(flat[learn], y[learn], flat[test], y[test], epochs=EVENT_EPOCHS))
    yield over_seeds("s_tllr.nmnist_linear", by_line)
    random = spiking_tasks.last(run, task, "random", SPLITS - 1, EVENT_EPOCHS)
    yield Measured("s_tllr.nmnist_random", random, note="one split")


def _mnist(run: Run, task: Task) -> Generator[Measured, None, dict[str, Curve]]:
    scores, curves = spiking_tasks.over_seeds(run, task, COMPARED, EPOCHS)
    yield from _compared("mnist", scores)
    yield Measured("s_tllr.mnist_dfa", spiking_tasks.last(run, task, "dfa", 0, EPOCHS), note="one seed")
    random = spiking_tasks.last(run, task, "random", 0, RANDOM_EPOCHS)
    yield Measured("s_tllr.mnist_random", random, note="one seed")
    yield Measured("s_tllr.mnist_random_below_frozen", float(scores["frozen"][0]) - random, note="one seed")
    return curves


def _compared(name: str, scores: dict[Way, Array]) -> Iterator[Measured]:
    found = spiking_tasks.gaps(scores["bp"], scores["bptt"], scores["frozen"])
    for suffix, values in (found | {f"_{way}": scores[way] for way in COMPARED[1:]}).items():
        yield over_seeds(f"s_tllr.{name}{suffix}", values)
