"""Online learning of a spiking net beside snntorch's back-propagation through time: one sample, in one process.

They are different algorithms on the same net: one learns at every step and keeps two traces, the other keeps all steps.
"""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any
from weakref import WeakSet

from tools.bench import peers
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

N_IN, N_HIDDEN, N_OUT, LEAK = 784, 100, 10, 0.9
LENGTHS = (25, 100, 250)
LIT, DIMMEST, RATE = 160, 0.3, 0.128  # inputs lit, and how bright: 13 input spikes a step, as MNIST has
SAMPLES = 64
NOTE = (
    "snntorch's step is forward, backward and SGD over dense tensors; here only rows that spikes reached are touched. "
    "Both get their input spikes ready made. How well the two learn is not compared here: see s_tllr."
)


def measure() -> Iterator[Measured]:
    import numpy as np

    kept = {}
    for steps in LENGTHS:
        rng = np.random.default_rng(0)
        lit = rng.permuted(np.tile(np.arange(N_IN) < LIT, (SAMPLES, 1)), axis=1)
        chance = lit * rng.uniform(DIMMEST, 1, (SAMPLES, N_IN)) * RATE
        X = (rng.random((steps, SAMPLES, N_IN)) < chance).astype(np.float32)
        y = rng.integers(0, N_OUT, SAMPLES)
        ours, kept_ours = _edgelearn(X, y)
        theirs, kept_theirs = _snntorch(X, y)
        kept[steps] = {"edgelearn": kept_ours, "snntorch": kept_theirs}
        times = interleave({"edgelearn": ours, "snntorch": theirs}, repeats=9)
        yield Measured(
            f"peers.snn_t{steps}", ratio(times, "snntorch", "edgelearn"), control(times), note=NOTE,
            detail={"microseconds": medians(times), "input spikes a step": float(X.sum() / SAMPLES / steps)},
        )  # fmt: skip
    first, last = kept[LENGTHS[0]], kept[LENGTHS[-1]]
    yield Measured("peers.snn_memory", last["snntorch"] / last["edgelearn"], detail={"bytes": kept})
    yield Measured("peers.snn_memory_growth", last["edgelearn"] - first["edgelearn"], detail={"bytes": kept})


def _edgelearn(X: Any, y: Any) -> tuple[Callable[[], object], int]:
    """Return a learning step on the next sample, and the bytes it keeps for learning."""
    from edgelearn.neurons import lif
    from edgelearn.rules import stdp_eligibility
    from edgelearn.systems.s_tllr.online import OnlineNet, spike_lists

    rule = stdp_eligibility.rule(1e-3, lam_pre=LEAK)
    net = OnlineNet(N_IN, N_HIDDEN, N_OUT, lif.neuron(decay=LEAK), rule)
    stream = cycle([(*spike_lists(X[:, k]), int(label)) for k, label in enumerate(y)])
    return lambda: net.learn_one(*next(stream)), net.learning_bytes


def _snntorch(X: Any, y: Any) -> tuple[Callable[[], object], int]:
    """Return a learning step on the next sample, and the bytes autograd keeps for it (weights and input excluded)."""
    torch = peers.one_thread()
    import snntorch

    torch.manual_seed(0)
    below, above = torch.nn.Linear(N_IN, N_HIDDEN, bias=False), torch.nn.Linear(N_HIDDEN, N_OUT, bias=False)
    cell = snntorch.Leaky(beta=LEAK, threshold=0.6, reset_mechanism="subtract")
    weights = [below.weight, above.weight]
    optimiser = torch.optim.SGD(weights, lr=1e-3)
    rows = [(torch.from_numpy(X[:, k : k + 1].copy()), torch.tensor([int(c)])) for k, c in enumerate(y)]
    stream = cycle(rows)

    def loss() -> Any:
        spikes, label = next(stream)
        potential, total = cell.init_leaky(), torch.zeros(())
        for frame in spikes:
            out, potential = cell(below(frame), potential)
            total = total + torch.nn.functional.cross_entropy(above(out), label)
        return total

    def step() -> None:
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()

    return step, _saved(loss, [*weights, *(spikes for spikes, _ in rows)])


def _saved(loss: Callable[[], Any], known: list[Any]) -> int:
    """Return the bytes that autograd saves for the way back, those of ``known`` tensors excluded."""
    import torch

    kept: WeakSet[_Kept] = WeakSet()

    def keep(tensor: Any) -> _Kept:
        kept.add(held := _Kept(tensor))
        return held

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda held: held.tensor):
        total = loss()  # as long as it is held, the graph holds what it needs, and nothing else
    storages = {
        held.tensor.untyped_storage().data_ptr(): held.tensor.untyped_storage().nbytes() for held in kept
    }
    del total
    old = {tensor.untyped_storage().data_ptr() for tensor in known}
    return sum(size for place, size in storages.items() if place not in old)


class _Kept:
    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


GROUP = Group(
    "peers_snn",
    (
        *(
            Figure(
                f"peers.snn_t{steps}", "x",
                f"a spiking net {N_IN}-{N_HIDDEN}-{N_OUT} learns one sample of {steps} steps: faster by",
                Goal(">=", 100), "snntorch 1.0.0 Leaky, back-propagation through time",
            )
            for steps in LENGTHS
        ),
        Figure("peers.snn_memory", "x", f"kept for learning a sample of {LENGTHS[-1]} steps: less by", None,
               "what autograd saves"),
        Figure("peers.snn_memory_growth", "bytes", f"kept for learning, {LENGTHS[-1]} steps less {LENGTHS[0]}",
               Goal("|.|<=", 0)),
    ),
    measure,
    peers=True,
)  # fmt: skip
