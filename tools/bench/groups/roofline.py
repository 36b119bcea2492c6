"""How near plastic kernels come to what memory allows: a pass that reads each weight, one that rewrites it.

The roofline is measured on the very arrays of the kernel, in turn with it; both are loops of numba, so it is a
reference and not a bound. The kernels keep the declared order to the bit; beside each stands its twin with fastmath,
SoftHebb's in the layout that is best for it, a row a unit.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, ratio

# bytes of state: inputs x units of three_factor (weights and traces), of SoftHebb (weights), and the goal; shapes less
# kind to the kernels, rows off the cache's lines and rows very wide, have none and are there to be read
SIZES = {
    "l2": ("0.5 MB, in L2", (512, 128), (1024, 128), 0.4),
    "5mb": ("5 MB", (640, 1024), (1280, 1024), 0.8),
    "64mb": ("64 MB", (8192, 1024), (4096, 4096), 0.7),
    "5mb_odd": ("5 MB, rows of 1000", (640, 1000), (1280, 1000), None),
    "64mb_wide": ("64 MB, wide rows", (2048, 4096), (1024, 16384), None),
}
KERNELS = {"three_factor": "three_factor, a reward every step", "softhebb": "SoftHebb dense, drive and rule"}
REPEATS, ALLOCATIONS, PROCESSES = 7, 5, 7
Variants = dict[str, Callable[[], object]]


def measure() -> Iterator[Measured]:
    import numpy as np

    code = "from tools.bench.groups import roofline; roofline.tell()"
    told = [subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(PROCESSES)]
    runs = [json.loads(line) for line in told]
    for name in runs[0]:
        kernel, twin, again = (
            np.concatenate([run[name][kind] for run in runs]) for kind in ("kernel", "fastmath", "A/A")
        )
        yield Measured(
            name, float(np.median(kernel)), float(np.median(again)), float(kernel.std()),
            note=f"{kernel.min():.2f} to {kernel.max():.2f}; its fastmath twin {np.median(twin):.2f}",
            detail={"processes": [run[name] for run in runs]},
        )  # fmt: skip


def tell() -> None:
    """Print the shares of one process (JSON): which pages its arrays get decides about a tenth."""
    found = {}
    for size, (_, wide, tall, _) in SIZES.items():
        found[f"roofline.three_factor_{size}"] = _shares(partial(_three_factor, *wide))
        found[f"roofline.softhebb_{size}"] = _shares(partial(_softhebb, *tall))
    print(json.dumps(found))


def _shares(make: Callable[[], Variants]) -> dict[str, list[float]]:
    """Return shares of the roofline and A/A ratios over arrays allocated anew."""
    runs = [interleave(make(), repeats=REPEATS) for _ in range(ALLOCATIONS)]
    shares = {kind: [ratio(times, "roofline", kind) for times in runs] for kind in ("kernel", "fastmath")}
    return shares | {"A/A": [control(times) for times in runs]}


def _three_factor(n_pre: int, n_post: int) -> Variants:
    from edgelearn.rules import three_factor

    rule = three_factor.rule(eta=1e-3)
    w, trace, pre, post, third = _arrays(n_pre, n_post, rule)
    kernel: Callable[..., None] = three_factor.kernel.dispatcher
    twin, rewrite = _fast(), _loops()[1]
    return {
        "roofline": lambda: (rewrite(w.reshape(-1)), rewrite(trace.reshape(-1))),
        "kernel": lambda: kernel(w, pre, post, third, trace, *rule.params),
        "fastmath": lambda: twin(w, pre, post, third, trace, *rule.params),
    }


def _softhebb(n_pre: int, n_post: int) -> Variants:
    from edgelearn.kernels.order import drive
    from edgelearn.rules import softhebb

    rule = softhebb.rule(eta=1e-3)
    w, _, pre, u, third = _arrays(n_pre, n_post, rule)
    norm, rate = rule.init(n_pre, n_post)
    turned, (read, rewrite), twin = w.T.copy(), _loops(), _rows()
    forward = drive.dispatcher
    learn: Callable[..., None] = softhebb.kernel.dispatcher

    def step() -> None:
        forward(pre, w, u)
        learn(w, pre, u, third, norm, rate, *rule.params)

    return {
        "roofline": lambda: (read(w.reshape(-1)), rewrite(w.reshape(-1))),
        "kernel": step,
        "fastmath": lambda: twin(turned, pre, u, third, norm, rate, *rule.params),
    }


def _arrays(n_pre: int, n_post: int, rule: Any) -> tuple[Any, ...]:
    """Return weights and trace (or a stand-in) as a `Layer` keeps them, and ordinary pre, post and third."""
    import numpy as np

    from edgelearn.kernels.memory import placed
    from edgelearn.layer import Layer

    layer = Layer(n_post, rule)
    layer.bind(n_pre)
    rng = np.random.default_rng(0)
    pre, post, third = (placed(rng.uniform(size=n).astype(np.float32)) for n in (n_pre, n_post, n_post))
    state = layer.state()
    return state["w"], state.get("rule.trace"), pre, post, placed(third / np.float32(-n_post))


@cache
def _fast() -> Callable[..., None]:
    import numba

    from edgelearn.rules import three_factor

    twin = numba.njit(
        fastmath=True, error_model="numpy"
    )  # not kept: numba's disk cache cannot tell it from ours
    return twin(three_factor.kernel.definition)


@cache
def _loops() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    import numba
    import numpy as np

    @numba.njit(fastmath=True)
    def read(a: Any) -> Any:
        total = np.float32(0)
        for i in range(a.size):
            total += a[i]
        return total

    @numba.njit(fastmath=True)
    def rewrite(a: Any, by: Any) -> None:
        for i in range(a.size):
            a[i] *= by

    one = np.float32(1.0)  # not known when it is compiled, or the loop would be left out
    return read, lambda a: rewrite(a, one)


@cache
def _rows() -> Callable[..., None]:
    """Return SoftHebb with fastmath, w (n_post, n_pre): a sum and a norm stay in registers."""
    import numba
    import numpy as np

    @numba.njit(fastmath=True, error_model="numpy")
    def step(w: Any, pre: Any, u: Any, third: Any, norm: Any, rate: Any, eta: Any) -> None:
        top, bound = np.float32(0), np.float32(1e-30)
        for i in range(pre.size):
            top = max(top, abs(pre[i]))
        for j in range(w.shape[0]):
            total = np.float32(0)
            for i in range(pre.size):
                total += w[j, i] * pre[i]
            u[j] = total
            bound = max(bound, abs(third[j]) * (top + abs(total) * norm[j]))
        for j in range(w.shape[0]):
            r, v, square = eta * np.sqrt(abs(norm[j] - np.float32(1))) * third[j] / bound, u[j], np.float32(0)
            for i in range(pre.size):
                w[j, i] += r * (pre[i] - v * w[j, i])
            for i in range(pre.size):
                square += w[j, i] * w[j, i]
            rate[j], norm[j] = r, np.sqrt(square)

    return step


GROUP = Group(
    "roofline",
    tuple(
        Figure(
            f"roofline.{name}_{size}", "share", f"{what}, {words}: share of what memory allows",
            None if least is None else Goal(">=", least), "read and rewrite passes",
        )
        for size, (words, _, _, least) in SIZES.items()
        for name, what in KERNELS.items()
    ),
    measure,
)  # fmt: skip
