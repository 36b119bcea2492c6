"""What the declared order of sums costs: drive and delta step, bit for bit, beside a twin with fastmath."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tools.bench.figure import Figure, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

SIZES = ((64, 10), (512, 10), (512, 100), (1280, 100), (1280, 1000))


def measure() -> Iterator[Measured]:
    for n_pre, n_post in SIZES:
        times = interleave(_variants(n_pre, n_post), repeats=15)
        yield Measured(
            f"declared_order.{n_pre}x{n_post}", ratio(times, "in order", "fastmath"), control(times),
            detail={"microseconds": medians(times)},
        )  # fmt: skip


def _variants(n_pre: int, n_post: int) -> dict[str, Callable[[], object]]:
    import numpy as np

    from edgelearn.kernels.order import drive
    from edgelearn.rules import delta

    rng = np.random.default_rng(0)
    pre, target = (rng.normal(size=n).astype(np.float32) for n in (n_pre, n_post))
    w, u, third = (np.zeros(shape, np.float32) for shape in ((n_pre, n_post), n_post, n_post))
    turned, params = np.zeros((n_post, n_pre), np.float32), delta.rule(eta=1e-4).params
    forward, twin = drive.dispatcher, _twin()
    learn: Callable[..., None] = delta.kernel.dispatcher

    def in_order() -> None:
        forward(pre, w, u)
        np.subtract(target, u, out=third)
        learn(w, pre, u, third, *params)

    return {"in order": in_order, "fastmath": lambda: twin(turned, pre, u, target, params.eta)}


@cache
def _twin() -> Callable[..., None]:
    """Return predict and update in one call, w (n_post, n_pre), sums in any order."""
    import numba
    import numpy as np

    @numba.njit(fastmath=True, error_model="numpy")
    def step(w: Any, pre: Any, u: Any, target: Any, eta: Any) -> None:
        for j in range(w.shape[0]):
            total = np.float32(0)
            for i in range(pre.size):
                total += w[j, i] * pre[i]
            u[j] = total
            by = eta * (target[j] - total)
            for i in range(pre.size):
                w[j, i] += by * pre[i]

    return step


GROUP = Group(
    "declared_order",
    tuple(
        Figure(
            f"declared_order.{n}x{m}",
            "x",
            f"drive and delta step, {n} x {m}, time in units of its fastmath twin",
        )
        for n, m in SIZES
    ),
    measure,
)
