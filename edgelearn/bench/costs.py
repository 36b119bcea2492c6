"""What learning costs: products counted while they are made, and the numbers that are kept.

S-TLLR makes fewer products than BPTT because it learns in the last steps only: on every step it makes as many, and
with a second term (a_post other than 0) more. What it keeps does not depend on the number of steps.
"""

from collections.abc import Callable, Generator, Iterable

import numpy as np

from edgelearn.bench import bptt
from edgelearn.bench.counting import counted
from edgelearn.bench.figure import Measured
from edgelearn.rules import stdp_eligibility
from edgelearn.systems import s_tllr
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.systems.s_tllr.traces import start
from edgelearn.types import Array

SIZES, LATE, LENGTHS = (784, 400, 400, 10), 5, (10, 25, 100)
Row = dict[str, int]


def macs(net: SpikingNet, work: Callable[[Array], object], steps: int) -> int:
    """Return the multiply-accumulates of ``work(x)`` on one sample x (steps, 1, n_in), net's weights counting."""
    return counted(net.weights, lambda: work(np.ones((steps, 1, net.sizes[0]), net.dtype)))


def forward(net: SpikingNet, steps: int) -> int:
    """Return the multiply-accumulates of the forward pass, the readout of its late steps included."""

    def work(x: Array) -> None:
        w, now = net.synapses(), net.rest(1)
        for t, frame in enumerate(x):
            now, _ = net.advance(w, now, frame)
            if t >= len(x) - net.late:
                net.error(now[-1].out, np.zeros(1, np.int64))

    return macs(net, work, steps)


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


def measure() -> Generator[Measured, None, list[tuple[int, int, int]]]:
    """Yield the figures; return numbers kept over T, by traces and by BPTT."""
    table = {
        _title(steps, late, a_post): _row(steps, late, a_post)
        for steps in LENGTHS
        for late in (LATE, steps)
        for a_post in (0, -1)
    }
    for name, steps, late in (("t10", 10, LATE), ("t100", 100, LATE), ("all_t10", 10, 10)):
        one, two = (_fewer(table[_title(steps, late, a_post)]) for a_post in (0, -1))
        yield Measured(f"s_tllr.macs_{name}", two, note=f"with a_post 0: {one:.2f}", detail=table)
    kept = [table[_title(steps, LATE, -1)] for steps in LENGTHS]
    ours, theirs = ([row[f"kept, {name}"] for row in kept] for name in ("S-TLLR", "BPTT"))
    yield Measured("s_tllr.memory_t100", theirs[-1] / ours[-1], detail=table)
    yield Measured("s_tllr.memory_growth", ours[-1] - ours[0])
    return list(zip(LENGTHS, ours, theirs, strict=True))


def _title(steps: int, late: int, a_post: float) -> str:
    return f"T={steps}, loss on {late}, a_post={a_post}"


def _row(steps: int, late: int, a_post: float) -> Row:
    net = SpikingNet(SIZES, rule=stdp_eligibility.rule(a_post=a_post), late=late)
    y, before = np.zeros(1, np.int64), forward(net, steps)
    return {
        "forward": before,
        "back, BPTT": macs(net, lambda x: bptt.gradient(net, x, y), steps) - before,
        "back, S-TLLR": macs(net, lambda x: s_tllr.gradient(net, x, y), steps) - before,
        "kept, BPTT": kept_by_bptt(net, steps),
        "kept, S-TLLR": kept_by_traces(net),
    }


def _fewer(row: Row) -> float:
    return row["back, BPTT"] / row["back, S-TLLR"]
