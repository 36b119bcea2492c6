"""Diehl & Cook's network beside BindsNET's: one image learned, 250 steps of 1 ms, in one process."""

import resource
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any, NamedTuple

from tools.bench import peers
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

N_PRE, N_POST, STEPS = 784, 400, 250
LIT, DIMMEST, RATE = 160, 0.3, 0.128  # pixels lit, and how bright: 13 input spikes a step, as MNIST has
IMAGES, SHOWN = 64, 20  # shown before anything is timed, and counted after
NOTE = (
    "BindsNET's products reach all 313,600 weights at every step; here only what a spike reaches is touched. Drawing "
    "the input spikes is in this time and not in BindsNET's. Its allocator was told to keep memory: as it comes, glibc "
    "may take buffers from the system anew at every step, 100,000 page faults and more an image, and it is slower."
)


def measure() -> Iterator[Measured]:
    import numpy as np

    peers.keep_memory()
    rng = np.random.default_rng(0)
    X = np.zeros((IMAGES, N_PRE), np.float32)
    for x in X:
        x[rng.choice(N_PRE, LIT, replace=False)] = rng.uniform(DIMMEST, 1, LIT)
    nets = {"edgelearn": _edgelearn(X), "BindsNET": _bindsnet(X)}
    for net in nets.values():
        _shown(net)
    times = interleave({name: net.show for name, net in nets.items()}, repeats=9)
    took = medians(times)
    yield Measured(
        "peers.diehl_cook", ratio(times, "BindsNET", "edgelearn"), control(times), note=NOTE,
        detail={"microseconds": took} | {name: _shown(net) for name, net in nets.items()},
    )  # fmt: skip
    yield Measured("peers.diehl_cook_image", took["edgelearn"], control(times))


class Net(NamedTuple):
    show: Callable[[], object]  # learns the next image
    theta: Callable[[], float]  # sum of the thresholds' own parts


def _shown(net: Net) -> dict[str, float]:
    """Return how often units crossed their thresholds, and page faults, in the mean of some images."""
    faults, theta = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, net.theta()
    for _ in range(SHOWN):
        net.show()
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults
    crossings = (net.theta() - theta) / peers.THETA_PLUS / SHOWN
    return {"crossings an image": round(crossings, 1), "page faults an image": faults / SHOWN}


def _edgelearn(X: Any) -> Net:
    from edgelearn.systems.diehl_cook import DiehlCook

    net, stream = DiehlCook(N_POST, N_PRE), cycle(range(IMAGES))

    def show() -> None:
        k = next(stream)
        net.fit(X[k : k + 1])

    return Net(show, lambda: float(net.theta.sum()))


def _bindsnet(X: Any) -> Net:
    torch = peers.one_thread()
    net = peers.diehl_cook(N_PRE, N_POST)
    torch.manual_seed(0)
    stream = cycle([torch.bernoulli(torch.from_numpy(x * RATE).expand(STEPS, 1, N_PRE)).byte() for x in X])

    def show() -> None:
        net.run(inputs={"X": next(stream)}, time=STEPS)
        net.reset_state_variables()

    return Net(show, lambda: float(net.layers["Ae"].theta.sum()))


GROUP = Group(
    "peers_diehl_cook",
    (
        Figure(
            "peers.diehl_cook", "x", f"Diehl & Cook, learning one image, {N_PRE}-{N_POST}, {STEPS} steps: faster by",
            Goal(">=", 200), "bindsnet 0.2.7 DiehlAndCook2015",
        ),
        Figure("peers.diehl_cook_image", "us", "the same, an image through DiehlCook.fit"),
    ),
    measure,
    peers=True,
)  # fmt: skip
