"""The compiled calls under a readout, as the readout itself makes them, without the Python around them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any

from edgelearn.compiled import Compiled

Call = tuple[Callable[..., object], tuple[Any, ...]]


def ours(name: str, kernels: Sequence[Compiled[..., Any]], X: Any, y: Any) -> dict[str, Callable[[], object]]:
    """Return predict + learn of a readout that has learned ``X`` (n, D), ``y`` (n,): three ways into it.

    "kernel" is its compiled calls alone, then follow its own class and `Learner`.
    """
    from edgelearn.learner import Learner
    from edgelearn.readouts import make

    readout, public, learner = make(name), make(name), Learner(None, make(name))
    for model in (readout, public, learner):
        model.learn_many(X, y)
    calls = learning(readout, kernels, X[0], int(y[0]))
    return {
        "kernel": over(calls, X[:64], [readout.classes_.index(int(c)) for c in y[:64]]),
        type(public).__name__: _through(public, X, y),
        "Learner": _through(learner, X, y),
    }


def _through(model: Any, X: Any, y: Any) -> Callable[[], object]:
    stream = cycle(list(zip(X[:64], y[:64].tolist(), strict=True)))

    def predict_and_learn() -> None:
        x, label = next(stream)
        model.predict_one(x)
        model.learn_one(x, label)

    return predict_and_learn


def learning(readout: Any, kernels: Sequence[Compiled[..., Any]], x: Any, y: int) -> list[Call]:
    """Return the kernel calls that ``predict_one`` and ``learn_one`` make for one sample, with their arguments.

    The arguments are the readout's own arrays, so calling them again goes on learning.
    """
    with _noted(kernels) as calls:
        readout.predict_one(x)
        readout.learn_one(x, y)
    return calls


def over(calls: list[Call], X: Any, y: Any) -> Callable[[], object]:
    """Return a function that makes the calls once, for the next sample of ``X`` (n, D) and ``y`` (n,).

    A kernel that takes a sample takes it first, and its class (if any) second.
    """
    x = calls[0][1][0]
    steps: Iterator[list[Call]] = cycle([_with(calls, x, row, int(c)) for row, c in zip(X, y, strict=True)])

    def run() -> None:
        for function, arguments in next(steps):
            function(*arguments)

    return run


def _with(calls: list[Call], x: Any, row: Any, c: int) -> list[Call]:
    moved = []
    for function, arguments in calls:
        if arguments[0] is not x:
            moved.append((function, arguments))
        elif isinstance(arguments[1], int):
            moved.append((function, (row, c, *arguments[2:])))
        else:
            moved.append((function, (row, *arguments[1:])))
    return moved


@contextmanager
def _noted(kernels: Sequence[Compiled[..., Any]]) -> Iterator[list[Call]]:
    calls: list[Call] = []
    real = [kernel.dispatcher for kernel in kernels]

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            calls.append((function, arguments))
            return function(*arguments)

        return noted

    for kernel, function in zip(kernels, real, strict=True):
        kernel._dispatcher = noting(function)
    try:
        yield calls
    finally:
        for kernel, function in zip(kernels, real, strict=True):
            kernel._dispatcher = function
