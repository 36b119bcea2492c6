"""What learning in spiking nets costs: products counted while they are made, and the numbers that are kept.

S-TLLR makes fewer products than BPTT because it learns in the last steps only: on every step it makes as many, and
with a second term (a_post other than 0) more. TESS saves besides what carries errors between layers. What either keeps
does not depend on the number of steps.

Every number is taken for one of 4 bytes. With its spikes as bits BPTT keeps about 2.5 times what traces do at T=10, in
place of 6: its slopes are what grows.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from edgelearn.bench import bptt, counts
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Figure, Goal, Measured
from edgelearn.rules import stdp_eligibility
from edgelearn.systems import s_tllr
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.systems.s_tllr.traces import signals, start
from edgelearn.types import Array

SIZES, LATE, LENGTHS = (784, 400, 400, 10), 5, (10, 25, 100)
Y = np.zeros(1, np.int64)
Row = dict[str, int]
Table = dict[str, Row]


def macs(net: SpikingNet, work: Callable[[Array], object], steps: int) -> int:
    """Return the multiply-accumulates of ``work(x)`` on one sample x (steps, 1, n_in), net's weights counting."""
    return counted(net.arrays, lambda: work(np.ones((steps, 1, net.sizes[0]), net.dtype)))


def forward(net: SpikingNet, steps: int) -> int:
    """Return the multiply-accumulates of the forward pass, the readout of its late steps included."""

    def work(x: Array) -> None:
        w, now = net.synapses(), net.rest(1)
        for t, frame in enumerate(x):
            now, _ = net.advance(w, now, frame)
            if t >= len(x) - net.late:
                net.error(now[-1].out, Y)

    return macs(net, work, steps)


def signal(net: SpikingNet) -> int:
    """Return the multiply-accumulates that bring a learning signal to every layer, in all late steps."""

    def work(x: Array) -> None:
        w = net.synapses()
        now, _ = net.advance(w, net.rest(1), x[0])
        signals(net, w, now, np.ones((1, net.sizes[-1]), net.dtype), Y)

    return net.late * (
        macs(net, work, 1) - macs(net, lambda x: net.advance(net.synapses(), net.rest(1), x[0]), 1)
    )


def kept_by_traces(net: SpikingNet) -> int:
    """Return how many numbers a sample keeps from step to step: the state of the units, and the traces."""
    return _numbers(a for part in (*net.rest(1), *start(net, 1)) for a in part)


def kept_by_bptt(net: SpikingNet, steps: int) -> int:
    """Return how many numbers a sample keeps until the way back: the tape, and the state of the units."""
    records = bptt.tape(net, net.synapses(), np.ones((steps, 1, net.sizes[0]), net.dtype))
    on_tape = (a for seen, slope, top in records for a in (*seen, *slope, top))
    return _numbers(a for arrays in (on_tape, *net.rest(1)) for a in arrays)


def _numbers(arrays: Iterable[Array]) -> int:
    return sum({a.__array_interface__["data"][0]: a.size for a in arrays}.values())


def figures(system: str) -> tuple[Figure, ...]:
    """Return the declarations of what `measure` yields."""
    return (
        *(Figure(f"{system}.macs_t{n}", "x", f"fewer products back than BPTT, T={n}, loss on last 5") for n in LENGTHS),
        Figure(f"{system}.macs_all_t10", "x", "the same, T=10, loss on every step: below 1 is more than BPTT"),
        *(Figure(f"{system}.signal_t{n}", "x", f"the same without changes of weights, T={n}") for n in LENGTHS),
        Figure(f"{system}.signal_all_t10", "x", "the same, T=10, loss on every step"),
        Figure(f"{system}.memory_t10", "x", "fewer numbers kept for learning than BPTT, T=10"),
        Figure(f"{system}.memory_t100", "x", "the same, T=100", Goal(">=", 20)),
        Figure(f"{system}.memory_growth", "numbers", "kept for learning at T=100 less at T=10", Goal("|.|<=", 0)),
        *counts.figures(system, "BPTT"),
    )  # fmt: skip


def measure(system: str, make: Callable[..., SpikingNet], a_post: float) -> Iterator[Measured]:
    """Yield the figures of nets that ``make(SIZES, rule=, late=)`` returns, with this a_post and, in notes, with 0."""
    table = tables(make, a_post)
    for what in ("macs", "signal"):
        for name, steps, late in (*((f"t{n}", n, LATE) for n in LENGTHS), ("all_t10", 10, 10)):
            two, one = (table[title(steps, late, a)] for a in (a_post, 0.0))
            note = f"with a_post 0: {_fewer(one, what):.2f}"
            yield Measured(f"{system}.{what}_{name}", _fewer(two, what), note=note)
    for steps in (10, 100):
        row = table[title(steps, LATE, a_post)]
        yield Measured(f"{system}.memory_t{steps}", row["kept, BPTT"] / row["kept"], detail=table)
    first, last = (table[title(steps, LATE, a_post)] for steps in (10, 100))
    yield Measured(f"{system}.memory_growth", last["kept"] - first["kept"])
    ours, theirs = (
        counts.Cost(4 * first[f"kept{by}"], first["forward"] + first[f"macs{by}"]) for by in ("", ", BPTT")
    )
    yield from counts.costs(system, ours, theirs)


def tables(make: Callable[..., SpikingNet], a_post: float) -> Table:
    """Return all counts, by `title`."""
    return {
        title(steps, late, a): _row(make(SIZES, rule=stdp_eligibility.rule(a_post=a), late=late), steps)
        for steps in LENGTHS
        for late in (LATE, steps)
        for a in (0.0, a_post)
    }


def title(steps: int, late: int, a_post: float) -> str:
    """Return how a row is called."""
    return f"T={steps}, loss on {late}, a_post={a_post:g}"


def _row(net: SpikingNet, steps: int) -> Row:
    before = forward(net, steps)
    back = macs(net, lambda x: bptt.gradient(net, x, Y), steps) - before
    return {
        "forward": before,
        "macs, BPTT": back,
        "macs": macs(net, lambda x: s_tllr.gradient(net, x, Y), steps) - before,
        "signal, BPTT": back - before,  # its changes take what its forward pass took: each weight once a step
        "signal": signal(net),
        "kept, BPTT": kept_by_bptt(net, steps),
        "kept": kept_by_traces(net),
    }


def _fewer(row: Row, what: str) -> float:
    return row[f"{what}, BPTT"] / row[what]
