"""Online softmax beside torch and NumPy: predict and learn, one sample after the other, in one process."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from tools.bench import peers
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

D, C = 512, 10
WARM = 2000
RATE = 0.01
NOTE = (
    "torch builds a graph, allocates gradients and dispatches some twenty operators for each sample; NumPy pays "
    "ten calls. Both peers skip what is done here besides: running mean and spread of every feature."
)


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn.kernels import softmax
    from tools.bench import hot

    rng = np.random.default_rng(0)
    X = rng.normal(size=(WARM, D)).astype(np.float32)
    y = rng.integers(0, C, WARM)
    variants = {
        **hot.ours("softmax", (softmax.learn,), X, y),  # it leaves the probabilities of before
        "torch": _torch(X[:64], y[:64]),
        "numpy": _numpy(X[:64], y[:64]),
    }
    times = interleave(variants, repeats=15)
    took = medians(times)
    yield Measured(
        "peers.softmax_torch", ratio(times, "torch", "kernel"), control(times), note=NOTE,
        detail={"microseconds": took},
    )  # fmt: skip
    yield Measured("peers.softmax_numpy", ratio(times, "numpy", "kernel"), control(times))
    yield Measured("peers.softmax_kernel", took["kernel"], control(times))
    for name in ("Softmax", "Learner"):
        yield Measured(
            f"peers.softmax_{name.lower()}", took[name], control(times),
            note=f"{ratio(times, 'torch', name):.1f} times faster than torch",
        )  # fmt: skip


def _torch(X: Any, y: Any) -> Callable[[], object]:
    torch = peers.one_thread()
    model = torch.nn.Linear(D, C)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    loss = torch.nn.CrossEntropyLoss()
    stream = cycle([(torch.from_numpy(x[None]), torch.tensor([int(c)])) for x, c in zip(X, y, strict=True)])

    def step() -> None:
        x, c = next(stream)
        optimiser.zero_grad()
        loss(model(x), c).backward()  # the output of the model is the prediction
        optimiser.step()

    return step


def _numpy(X: Any, y: Any) -> Callable[[], object]:
    import numpy as np

    W, bias = np.zeros((C, D), np.float32), np.zeros(C, np.float32)
    p, change, rate = np.zeros(C, np.float32), np.zeros((C, D), np.float32), np.float32(-RATE)
    stream = cycle(list(zip(X, y.tolist(), strict=True)))

    def step() -> None:
        x, c = next(stream)
        np.dot(W, x, out=p)
        np.add(p, bias, out=p)
        np.subtract(p, p.max(), out=p)
        np.exp(p, out=p)
        np.multiply(p, rate / p.sum(), out=p)  # the prediction, times -rate
        p[c] -= rate
        np.add(bias, p, out=bias)
        np.multiply(p[:, None], x, out=change)
        np.add(W, change, out=W)

    return step


GROUP = Group(
    "peers_softmax",
    (
        Figure(
            "peers.softmax_torch", "x", f"online softmax, predict + learn, {D} features, {C} classes: faster by",
            Goal(">=", 30), "torch 2.13.0 Linear + SGD, eager",
        ),
        Figure(
            "peers.softmax_numpy", "x", "the same", Goal(">=", 5), "NumPy, weights (C, D), in place"
        ),
        Figure("peers.softmax_kernel", "us", "the same, the compiled call alone"),
        Figure("peers.softmax_softmax", "us", "the same through Softmax.predict_one and learn_one"),
        Figure("peers.softmax_learner", "us", "the same through Learner: rejection, tickets, probabilities too"),
    ),
    measure,
    peers=True,
)  # fmt: skip
