"""Merge, unlearn and forget beside learning the right samples in the first place."""

from collections.abc import Callable, Iterator
from typing import Any

from tools.bench.figure import Figure, Group, Measured

D, N, CLASSES = 64, 3000, 6
READOUTS = ("ncm", "slda", "ridge", "rp_ridge", "prototypes", "imprint", "softmax")
OPERATIONS = ("merge", "unlearn", "forget")


def measure() -> Iterator[Measured]:
    import numpy as np

    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, D))
    y = rng.integers(0, CLASSES, N)
    y[:CLASSES] = np.arange(CLASSES)
    x = (centres[y] + 2.0 * rng.normal(size=(N, D))).astype(np.float32)
    test = (centres[rng.integers(0, CLASSES, 2000)] + 2.0 * rng.normal(size=(2000, D))).astype(np.float32)
    for operation in OPERATIONS:
        shares = {name: _share(_TRIALS[operation], name, x, y, test) for name in READOUTS}
        worst = min((value for value in shares.values() if value is not None), default=1.0)
        words = ", ".join(
            f"{name} {'not offered' if value is None else f'{value:.4f}'} ({_promise(name, operation)})"
            for name, value in shares.items()
        )
        yield Measured(f"algebra.{operation}", worst, note=words, detail=shares)


def _promise(name: str, operation: str) -> str:
    from edgelearn import readouts

    return str(getattr(readouts.make(name).algebra, operation))


def _share(trial: Callable[..., tuple[Any, Any]], name: str, x: Any, y: Any, test: Any) -> float | None:
    """Return the share of decisions equal to the readout that only ever saw what it should have."""
    import numpy as np

    from edgelearn import readouts
    from edgelearn.errors import EdgelearnError

    try:
        changed, wanted = trial(lambda: readouts.make(name), x, y)
    except EdgelearnError:
        return None
    return float(
        np.mean([a == b for a, b in zip(changed.predict_many(test), wanted.predict_many(test), strict=True)])
    )


def _learned(readout: Any, x: Any, y: Any) -> Any:
    readout.learn_many(x, y)
    return readout


def _merge(make: Callable[[], Any], x: Any, y: Any) -> tuple[Any, Any]:
    first, half = make(), len(y) // 2
    _learned(first, x[:half], y[:half])
    first.merge(_learned(make(), x[half:], y[half:]))
    return first, _learned(make(), x, y)


def _unlearn(make: Callable[[], Any], x: Any, y: Any) -> tuple[Any, Any]:
    changed, keep = _learned(make(), x, y), len(y) - len(y) // 10
    for row, label in zip(x[keep:], y[keep:], strict=True):
        changed.unlearn(row, label)
    return changed, _learned(make(), x[:keep], y[:keep])


def _forget(make: Callable[[], Any], x: Any, y: Any) -> tuple[Any, Any]:
    changed = _learned(make(), x, y)
    changed.forget(CLASSES - 1)
    rest = y != CLASSES - 1
    return changed, _learned(make(), x[rest], y[rest])


_TRIALS = {"merge": _merge, "unlearn": _unlearn, "forget": _forget}

GROUP = Group(
    "algebra",
    (
        Figure("algebra.merge", "share", "decisions equal to one readout that saw both halves; the worst readout"),
        Figure("algebra.unlearn", "share", "decisions equal to never having seen a tenth; the worst readout"),
        Figure("algebra.forget", "share", "decisions equal to never having seen a class; the worst readout"),
    ),
    measure,
)  # fmt: skip
