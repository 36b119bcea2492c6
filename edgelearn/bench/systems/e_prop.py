"""e-prop against back-propagation through time, against the same net frozen, and without what makes it remember.

Two tasks: one second of a wave is drawn (what is left of it, as a share of its variance), and a cue of four classes is
told after 200 ms in which nothing happens: ten leaks of a unit's potential, so that only adapted thresholds still know.
"frozen" trains the readout alone. The gradient of BPTT explodes over so many steps; each derivative is cut to +-1 on
its way back, the best of three cures that were tried. The rates, of BPTT and of e-prop each its own, were chosen on
sequences of other seeds than those tested.

Goals: that of exactness, and a tenth of the wave's error at the start, are those of the published test; all others were
set when first figures were known, with room for the spread of seeds.
"""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

from edgelearn.bench import bptt_adapting, counts, delays
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.bench.means import Found, means, share
from edgelearn.bench.row import Row
from edgelearn.bench.run import Run
from edgelearn.neurons import alif
from edgelearn.systems.adam import Adam
from edgelearn.systems.e_prop import RecurrentNet, define
from edgelearn.systems.e_prop.sequence import Task
from edgelearn.systems.epochs import late_fall, train
from edgelearn.types import Array

DATA = ()
UNITS, PATTERN_UNITS, LEARNED, TESTED = 60, 100, 6400, 1000
EPOCHS, BATCH, ETA, ROUNDS, SHOWN = 3, 32, 1e-3, 500, 10
ETA_BPTT, LARGEST = 3e-4, 1.0
PLAIN, ADAPTING = (alif.neuron(threshold=0.6, rho=0.996, beta=beta) for beta in (0.0, 0.07))
WAYS: dict[str, dict[str, Any]] = {
    "recall": {},
    "recall_no_slow": {"slow": False},
    "recall_frozen": {"teaching": "frozen"},
    "recall_random": {"teaching": "random"},
    "recall_plain": {"neuron": PLAIN},
}

FIGURES = (
    Figure("e_prop.exact", "", "units cut off each other, float64: relative distance to BPTT", Goal("<=", 1e-12)),
    Figure("e_prop.cosine", "", "recurrent units: cosine with the gradient of BPTT, which also looks ahead"),
    Figure("e_prop.pattern", "", f"a wave of 1 s, {ROUNDS} rounds: share of its variance left", Goal("<=", 0.2)),
    Figure("e_prop.pattern_of_start", "", "the same as a share of the error at the start", Goal("<=", 0.1)),
    Figure("e_prop.pattern_bptt", "", "the same net by BPTT, at its own rate"),
    Figure("e_prop.pattern_frozen", "", "the same net, its readout alone learning"),
    Figure("e_prop.recall", "", "4 cues, told after 200 ms of nothing", Goal(">=", 0.9)),
    Figure("e_prop.recall_over_frozen", "", "the same less hidden weights frozen", Goal(">=", 0.1)),
    Figure("e_prop.recall_frozen", "", "the same net, its readout alone learning"),
    Figure("e_prop.recall_no_slow", "", "how synapses move thresholds left out: must fail", Goal("<=", 0.7)),
    Figure("e_prop.recall_plain", "", "thresholds that do not adapt: must fail", Goal("<=", 0.5)),
    Figure("e_prop.recall_random", "", "the error by fixed random weights"),
    Figure("e_prop.recall_bptt", "", "the same net by BPTT, at its own rate"),
    Figure("e_prop.stream", "", "each sequence once, in random order"),
    Figure("e_prop.stream_by_class", "", "the same sequences class after class"),
    Figure("e_prop.quick_over_frozen", "", "3200 sequences once: learned less frozen", Goal(">=", 0.1)),
    Figure("e_prop.quick_over_no_slow", "", "the same: learned less without the slow part", Goal(">=", 0.2)),
    *counts.figures("e_prop", "BPTT over the 240 steps"),
)  # fmt: skip

OWN = "own rate, derivatives cut"
QUICK = "e_prop.quick_over_frozen", "e_prop.quick_over_no_slow"
ROWS = (
    Row(
        "e-prop, adapting thresholds", "Bellec et al. 2020", "alif", "e_prop", "feedback or the readout's weights",
        "a cue told after 200 ms", "near BPTT on several tasks (recalled)", "e_prop.recall", "e_prop.recall_frozen",
        ("no slow trace", "e_prop.recall_no_slow"), (OWN, "e_prop.recall_bptt"),
        "e_prop.stream", "e_prop.stream_by_class", "e_prop",
        "A synapse that remembers how it moved its unit's threshold learns delays that no leak bridges; the exact"
        " gradient explodes on the way back, and fails on some seeds.",
    ),
    Row(
        "e-prop, drawing a wave", "Bellec et al. 2020", "alif", "e_prop", "the readout's weights",
        f"a wave of 1 s, {ROUNDS} rounds: share of its variance left, less is better", "-",
        "e_prop.pattern", "e_prop.pattern_frozen", None, (OWN, "e_prop.pattern_bptt"), None, None, None,
        "Units learn to draw what a readout of random ones cannot; cut, the exact gradient does worse.",
    ),
)  # fmt: skip

Curve = list[tuple[int, float]]


def measure(run: Run) -> Iterator[Measured]:
    """Yield the figures; all but exactness, costs and a small recall only when not ``quick``."""
    yield from _exact()
    yield from counts.costs("e_prop", *_costs())
    yield from _quick(run)
    if run.quick:
        return
    curves = yield from _pattern(run)
    yield from _recall(run)
    yield from _streams(run)
    if (path := run.picture("e_prop")) is not None:
        from edgelearn.bench.e_prop_picture import draw

        draw(path, curves, _net(0, {}), delays.recall(np.random.default_rng(1), 1)[0].x[0])


# -- exactness and costs ------------------------------------------------------------------------------


def _exact() -> Iterator[Measured]:
    alone, together = ([_apart(neuron, both) for neuron in (PLAIN, ADAPTING)] for both in (False, True))
    yield Measured(
        "e_prop.exact", max(far for far, _ in alone), detail={"plain": alone[0][0], "adapting": alone[1][0]}
    )
    yield Measured(
        "e_prop.cosine", together[1][1], note=f"without adaptation {together[0][1]:.2f}, at the start"
    )


def _apart(neuron: Any, recurrent: bool) -> tuple[float, float]:
    rng, net = np.random.default_rng(0), RecurrentNet(12, 20, 3, neuron, recurrent=recurrent)
    net.arrays = {name: a.astype(np.float64) for name, a in net.arrays.items()}
    x, target, asked = (
        (rng.random((1, 80, 12)) < 0.2).astype(np.float64),
        rng.standard_normal((1, 80, 3)),
        np.ones(80),
    )
    truth = bptt_adapting.gradient(net, x, target, asked)["w"]
    w, out = net.arrays["w"], net.arrays["out"]
    back = np.ascontiguousarray(out.T)
    found = -define(x[0], Task(target[0], asked, False), w, out, back, net.neuron.params, net.rule.params)[
        1
    ].w
    found[net.cut] = 0
    cosine = (found * truth).sum() / (np.linalg.norm(found) * np.linalg.norm(truth))
    return float(np.abs(found - truth).max() / np.abs(truth).max()), float(cosine)


def _costs() -> tuple[counts.Cost, counts.Cost]:
    """Return what one sequence takes.

    What compiled kernels do is told from the shapes: five products a synapse and step beside the forward ones, and two
    a weight of the readout. BPTT keeps what was seen, slopes, spikes and answers of all steps, and what is on its way.
    """
    net, (x, target, asked) = _net(0, {}), delays.recall(np.random.default_rng(0), 1)[0]
    w, steps = net.arrays["w"], x.shape[1]
    forward = counted(net.arrays, lambda: bptt_adapting.tape(net, x))
    macs = counted(net.arrays, lambda: bptt_adapting.gradient(net, x, target, asked))
    kept = (
        2 * w.size + len(w) + 6 * net.n_units + 2 * net.n_out
    )  # two traces a synapse, and what fades or is told
    on_tape, on_the_way = steps * (net.n_in + 2 * net.n_units + net.n_out), 2 * net.n_units + net.n_out
    ours = counts.Cost(4 * kept, forward + steps * (5 * w.size + 2 * net.n_units * net.n_out))
    return ours, counts.Cost(4 * (on_tape + on_the_way), macs)


# -- the wave -----------------------------------------------------------------------------------------


def _pattern(run: Run) -> Generator[Measured, None, dict[str, Curve]]:
    rows, curves = list[Found](), dict[str, Curve]()
    for seed in range(run.seeds):
        rows.append({})
        for name in ("pattern", "pattern_bptt", "pattern_frozen"):
            net = RecurrentNet(
                20,
                PATTERN_UNITS,
                1,
                ADAPTING,
                eta=ETA_BPTT if name == "pattern_bptt" else ETA,
                teaching="frozen" if "frozen" in name else "symmetric",
                seed=seed,
            )
            start, curve = _drawn(run, net, seed, bptt=name == "pattern_bptt")
            rows[-1][name] = curve[-1][1]
            curves.setdefault(name, curve)
            if name == "pattern":
                rows[-1]["pattern_of_start"] = curve[-1][1] / start
    yield from means("e_prop", rows)
    return curves


def _drawn(run: Run, net: RecurrentNet, seed: int, bptt: bool) -> tuple[float, Curve]:
    """Return the share of the variance left at the start, and on the way."""
    task = delays.pattern(seed)

    def left() -> float:
        return float(((net.answers(task.x) - task.target) ** 2).mean() / task.target.var())

    start, curve = left(), list[tuple[int, float]]()
    done = _by_bptt(net, task, ROUNDS, 1) if bptt else net.fit(*task, epochs=ROUNDS)
    for number in run.progress(done, f"wave, seed {seed}", ROUNDS):
        if number % SHOWN == 0:
            curve.append((number, left()))
    return start, curve


# -- the cue ------------------------------------------------------------------------------------------


def _recall(run: Run) -> Iterator[Measured]:
    rows = []
    for seed in range(run.seeds):
        row = {name: _told(run, seed, settings) for name, settings in WAYS.items()}
        row["recall_bptt"] = _told(run, seed, {"eta": ETA_BPTT}, bptt=True)
        rows.append(row | {"recall_over_frozen": row["recall"] - row["recall_frozen"]})
    yield from means("e_prop", rows)


def _streams(run: Run) -> Iterator[Measured]:
    ways = {"stream": False, "stream_by_class": True}
    rows = [
        {name: _told(run, seed, {}, epochs=1, by_class=by_class) for name, by_class in ways.items()}
        for seed in range(run.seeds)
    ]
    yield from means("e_prop", rows)


def _quick(run: Run) -> Iterator[Measured]:
    learned, frozen, without = (
        _told(run, 0, WAYS[name], n=LEARNED // 2, epochs=1)
        for name in ("recall", "recall_frozen", "recall_no_slow")
    )
    yield Measured("e_prop.quick_over_frozen", learned - frozen, note="one seed", detail={"learned": learned})
    yield Measured("e_prop.quick_over_no_slow", learned - without, note="one seed")


def _told(
    run: Run, seed: int, settings: dict[str, Any], *, n: int = LEARNED, epochs: int = EPOCHS,
    by_class: bool = False, bptt: bool = False,
) -> float:  # fmt: skip
    """Return the share of other sequences told rightly, after learning."""
    task, y = delays.recall(np.random.default_rng(seed), n)
    net, order = _net(seed, settings), np.argsort(y, kind="stable") if by_class else np.arange(n)
    task = task._replace(x=task.x[order], target=task.target[order])
    if bptt:
        done = _by_bptt(net, task, epochs, BATCH)
    else:
        done = net.fit(*task, epochs=epochs, batch=BATCH, shuffled=not by_class)
    run.finish(done, f"cue, seed {seed}", epochs)
    test, y_test = delays.recall(np.random.default_rng(1_000_000 + seed), TESTED)
    said = net.answers(test.x)[:, -delays.GO :].sum(axis=1)
    return share(said.argmax(axis=1), y_test)


def _net(seed: int, settings: dict[str, Any]) -> RecurrentNet:
    usual: dict[str, Any] = {"neuron": ADAPTING, "eta": ETA, "loss": "softmax", "seed": seed}
    return RecurrentNet(delays.CHANNELS + 1, UNITS, delays.CLASSES, **(usual | settings))


def _by_bptt(net: RecurrentNet, task: delays.Sequences, epochs: int, batch: int) -> Iterator[int]:
    adam = Adam()

    def step(who: Array, done: float) -> None:
        slope = bptt_adapting.gradient(net, task.x[who], task.target[who], task.counts, LARGEST)
        adam.step(net.arrays, slope, net.eta * late_fall(done))

    return train(step, len(task.x), epochs=epochs, batch=batch, rng=net.rng)
