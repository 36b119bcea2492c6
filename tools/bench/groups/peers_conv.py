"""Convolutional SoftHebb beside the same in torch: one batch of 10 maps, forward, code and update, in one process.

Both run with a malloc that keeps its pages (torch takes fresh ones for every tensor otherwise, and is slower).
"""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tools.bench import peers
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

BATCH = 10
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _NEVER = -1, -3, 1 << 30  # of glibc's mallopt


class Size(NamedTuple):
    """A layer of the published network for CIFAR-10."""

    side: int
    channels: int
    n_units: int
    kernel: int
    t: float
    eta: float


SIZES = {"layer_1": Size(32, 3, 96, 5, 1.0, 0.08), "layer_2": Size(16, 96, 384, 3, 0.65, 0.005)}


def measure() -> Iterator[Measured]:
    libc = ctypes.CDLL(None)
    for threshold in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
        libc.mallopt(threshold, _NEVER)
    for name, size in SIZES.items():
        times = interleave({"edgelearn": _ours(size), "torch": _torch(size)}, repeats=11)
        took = {key: round(value / BATCH, 1) for key, value in medians(times).items()}
        yield Measured(
            f"peers.conv_{name}",
            ratio(times, "torch", "edgelearn"),
            control(times),
            detail={"us an image": took},
        )


def _ours(size: Size) -> Callable[[], object]:
    import numpy as np

    from edgelearn.conv import Conv
    from edgelearn.neurons import softmax
    from edgelearn.rules import softhebb

    shape = (size.side, size.side, size.channels)
    layer = Conv(
        size.n_units,
        softhebb.rule(eta=size.eta),
        softmax.neuron(t=size.t),
        "competition",
        shape=shape,
        kernel=size.kernel,
        padding=size.kernel // 2,
        code="triangle",
        spread=25.0,
    )
    X = np.random.default_rng(0).normal(size=(BATCH, int(np.prod(shape)))).astype(np.float32)
    return lambda: layer.learn_batch(X)


def _torch(size: Size) -> Callable[[], object]:
    torch = peers.one_thread()
    functional = torch.nn.functional
    torch.manual_seed(0)
    X = torch.randn(BATCH, size.channels, size.side, size.side)
    n_pre = size.channels * size.kernel**2
    w = torch.randn(size.n_units, size.channels, size.kernel, size.kernel) * 25 / n_pre**0.5

    def learn() -> Any:
        padded = functional.pad(X, (size.kernel // 2,) * 4, mode="reflect")
        u = functional.conv2d(padded, w)
        share = torch.softmax(size.t * u, 1)
        top, best = share.max(1, keepdim=True)
        third = (-share).scatter_(1, best, top)
        pulled = (third * u).sum((0, 2, 3))[:, None, None, None] * w
        change = torch.nn.grad.conv2d_weight(padded, w.shape, third) - pulled
        rate = size.eta * (w.flatten(1).norm(dim=1) - 1).abs().sqrt() / (change.abs().max() + 1e-30)
        w.add_(rate[:, None, None, None] * change)
        return torch.relu(u - u.mean(1, keepdim=True))

    return learn


def _figure(name: str, what: str) -> Figure:
    return Figure(
        f"peers.conv_{name}", "x", f"convolutional SoftHebb, {what}: faster by", Goal(">=", 1.0),
        "torch 2.13.0, conv2d and its weight gradient, one thread",
    )  # fmt: skip


GROUP = Group(
    "peers_conv",
    (_figure("layer_1", "3 to 96, 5x5, 32x32 pixels"), _figure("layer_2", "96 to 384, 3x3, 16x16 pixels")),
    measure,
    peers=True,
)
