"""Ways to see: what each candidate for the slow system learns from a task, and the same as it was drawn.

Local filters see about 5,000 samples, however few there are; back-propagation twice as many, with which it did better
on held-out alphabets (0.575 for 0.51); dense layers 20 epochs. Rates are those of the systems' own measurements. Maps
of SoftHebb, and of its twin, are averaged to 3 x 3, so that a memory of squares fits on a device.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgelearn.bench.backprop_conv import BackpropConv, Setting
from edgelearn.bench.run import Run
from edgelearn.bench.softhebb_fits import fitted, random
from edgelearn.bench.two_systems_tasks import Task
from edgelearn.conv import Shape
from edgelearn.systems import chain, softhebb
from edgelearn.systems.conv_block import Block
from edgelearn.systems.deep_hebbian import DeepHebbian, Level, levels
from edgelearn.systems.forward_forward_unlabelled import UnlabelledForwardForward
from edgelearn.systems.lls import LLS, dense
from edgelearn.types import F32

SEEN = 5_000  # samples in all
UNITS, EPOCHS, BATCH = (500, 500), 20, 128  # of dense layers, which take many steps
FILTERS = (
    softhebb.Published(16, 5, 1.0, 0.08, 0.7, "max", 4),
    softhebb.Published(64, 3, 0.65, 0.005, 1.4, "max", 4),
)  # those of its paper, of fewer units
_BLANK = {1: 0.2, 3: 0.05}  # by channels: patches below teach Deep Hebbian nothing

Eye = Callable[[F32], F32]


class Candidate(NamedTuple):
    """``see`` takes a run, a task, whether it stays as drawn, and a seed."""

    what: str
    see: Callable[[Run, Task, bool, int], Eye]


def passes(task: Task) -> int:
    """Return how often the samples of a task are seen."""
    return max(1, round(SEEN / len(task.base.x)))


def soft(run: Run, task: Task, still: bool, seed: int, depth: int = len(FILTERS)) -> list[chain.Op]:
    """Return frozen SoftHebb convolutions, averaged to 3 x 3."""
    net = softhebb.conv(task.shape, FILTERS[:depth], spread=1.0 if still else 25.0, seed=seed)
    rng = np.random.default_rng(seed)
    if still:
        random(net, rng.permutation(task.base.x))
    else:
        order = np.concatenate([rng.permutation(len(task.base.x)) for _ in range(passes(task))])
        fitted(run, net, task.base.x[order], f"SoftHebb on {task.name}, seed {seed}")
    return [*net.frozen(), averaged(net.stages[-1].shape_out)]


def averaged(shape: Shape) -> chain.Pool:
    """Return what averages a map to 3 x 3: windows that overlap by one."""
    stride = shape[0] // 3
    return chain.Pool(shape, "mean", stride + 1, stride)


def backprop(run: Run, task: Task, seed: int) -> Eye:
    """Return the same filters by back-propagation, with the labels."""
    net = BackpropConv(twin(task), seed)
    run.finish(net.fit(task.base.x, task.base.y), f"back-propagation on {task.name}", net.setting.epochs)
    ops = net.frozen()
    return eye([*ops, averaged(net.blocks[-1].shape_out)])


def twin(task: Task) -> Setting:
    """Return the same filters, pools of 2, and a softmax; batches are small because samples are few."""
    blocks, shape = list[Block](), task.shape
    for row in FILTERS:
        blocks.append(Block(shape, row.n_units, row.kernel, "max", 2))
        shape = blocks[-1].shape_out
    return Setting(blocks, task.classes, epochs=2 * passes(task), batch=32)


def _soft(depth: int) -> Callable[[Run, Task, bool, int], Eye]:
    return lambda run, task, still, seed: eye(soft(run, task, still, seed, depth))


def _hebbian(layers: tuple[Level, ...]) -> Callable[[Run, Task, bool, int], Eye]:
    def see(run: Run, task: Task, still: bool, seed: int) -> Eye:
        net = DeepHebbian(task.shape, layers, blank=_BLANK[task.shape[2]], seed=seed)
        if not still:
            n = passes(task)
            run.finish(net.fit(task.base.x, epochs=n), f"deep Hebbian on {task.name}", n)
        return eye(net.frozen())

    return see


def _lls(run: Run, task: Task, still: bool, seed: int) -> Eye:
    net = LLS(dense((task.base.x.shape[1], *UNITS)), task.classes, still=still, seed=seed)
    run.finish(net.fit(task.base.x, task.base.y, epochs=EPOCHS, batch=BATCH), f"LLS on {task.name}", EPOCHS)
    return eye(net.frozen())  # as drawn, it still takes the statistics that it divides by


def _forward(run: Run, task: Task, still: bool, seed: int) -> Eye:
    net = UnlabelledForwardForward(task.shape, UNITS, seed=seed)
    if not still:
        run.finish(net.fit(task.base.x, epochs=EPOCHS), f"Forward-Forward on {task.name}", EPOCHS)
    return eye(net.frozen())


def eye(ops: list[chain.Op]) -> Eye:
    """Return what frozen operations make of samples (n, values)."""
    return lambda X: chain.run(ops, X)


CANDIDATES = {
    "lls": Candidate("LLS 2x500, with labels", _lls),
    "forward": Candidate("Forward-Forward 2x500", _forward),
    "hebbian1": Candidate("deep Hebbian, 16 filters", _hebbian((Level(16, 7, 0, 4),))),
    "hebbian2": Candidate("deep Hebbian, 16 and 64 filters", _hebbian(levels(16, 64))),
    "softhebb1": Candidate("SoftHebb, 16 filters", _soft(1)),
    "softhebb2": Candidate("SoftHebb, 16 and 64 filters", _soft(2)),
}
