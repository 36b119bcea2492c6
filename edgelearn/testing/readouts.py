"""One conformance check for every readout, ours and users' own: ``check_readout(lambda: MyReadout())``."""

from collections.abc import Callable

import numpy as np

from edgelearn.errors import EdgelearnError, InputError, UnsupportedError
from edgelearn.readouts import Readout
from edgelearn.types import F32, F64, I64

Make = Callable[[], Readout]


def check_readout(make: Make, n_features: int = 12, seed: int = 0, rtol: float = 1e-5) -> None:
    """Raise AssertionError naming the promise that the readout does not keep.

    ``make`` returns a new, empty readout each time. ``rtol`` is how close "exact" must be, relative to the
    largest score: rounding differs when sums are taken in another order.
    """
    X, y = _blobs(n_features, seed)
    for check in (_learns, _stream, _pure, _order, _merge, _unlearn, _forget, _memory, _resume, _refuses):
        check(make, X, y, rtol)


def _blobs(n_features: int, seed: int) -> tuple[F32, I64]:
    """Four overlapping classes, 240 samples, features of very different scales and means."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 4, 240)
    centres = rng.normal(size=(4, n_features)) * 3
    scale = np.exp(rng.uniform(-1, 1, n_features))
    return ((centres[y] + rng.normal(size=(240, n_features)) + 5) * scale).astype(np.float32), y


def _trained(make: Make, X: F32, y: I64) -> Readout:
    readout = make()
    readout.learn_many(X, y)
    return readout


def _expect(holds: bool, readout: Readout, promise: str) -> None:
    if not holds:
        raise AssertionError(f"{readout.name}: {promise}")


def _scores(readout: Readout, X: F32) -> F64:
    """Scores with classes in sorted order, so that readouts that met them in another order compare."""
    order = sorted(range(len(readout.classes_)), key=lambda c: str(readout.classes_[c]))
    return readout.scores_many(X)[:, order]


def _close(a: Readout, b: Readout, X: F32, rtol: float) -> bool:
    left, right = _scores(a, X), _scores(b, X)
    return left.shape == right.shape and bool(np.abs(left - right).max() <= rtol * np.abs(right).max())


def _learns(make: Make, X: F32, y: I64, rtol: float) -> None:  # noqa: ARG001 (one signature for all checks)
    readout = make()
    _expect(readout.predict_one(X[0]) is None, readout, "predicts None before anything was learned")
    for x, label in zip(X[:180], y[:180], strict=True):
        readout.learn_one(x, int(label))
    accuracy = np.mean([a == b for a, b in zip(readout.predict_many(X[180:]), y[180:], strict=True)])
    _expect(accuracy > 0.7, readout, f"learns four overlapping blobs (accuracy {accuracy:.2f}, chance 0.25)")
    _expect(readout.n_seen == 180 == sum(readout.counts), readout, "counts its samples")
    p = readout.probabilities(readout.scores_one(X[0]))
    _expect(bool(abs(p.sum() - 1) < 1e-6 and (p >= 0).all()), readout, "probabilities are ≥ 0 and sum to 1")
    _expect(
        int(p.argmax()) == int(readout.scores_one(X[0]).argmax()), readout, "the best score is the likeliest"
    )


def _stream(make: Make, X: F32, y: I64, rtol: float) -> None:  # noqa: ARG001
    loop, many = make(), make()
    for x, label in zip(X, y, strict=True):
        loop.learn_one(x, int(label))
    many.learn_many(X[:1], y[:1])
    many.learn_many(X[1:], y[1:])
    same = all(np.array_equal(a, many.state()[name]) for name, a in loop.state().items())
    _expect(
        same and loop.classes_ == many.classes_, loop, "learn_many equals the loop of learn_one, bit for bit"
    )
    each = np.stack([many.scores_one(x) for x in X])
    _expect(np.array_equal(each, many.scores_many(X)), many, "scores_many equals the loop of scores_one")


def _pure(make: Make, X: F32, y: I64, rtol: float) -> None:  # noqa: ARG001
    readout = _trained(make, X, y)
    before = {name: np.array(a) for name, a in readout.state().items()}
    scores = readout.scores_one(X[0])
    readout.predict_many(X)
    judged, _ = readout.judge_one(X[0])
    same = all(np.array_equal(a, readout.state()[name]) for name, a in before.items())
    _expect(same, readout, "predicting changes nothing")
    again = np.array_equal(scores, readout.scores_one(X[0])) and np.array_equal(scores, judged)
    _expect(again, readout, "scores are the same a second time")


def _order(make: Make, X: F32, y: I64, rtol: float) -> None:
    if not make().algebra.order_free:
        return
    by_class = np.argsort(y, kind="stable")
    a, b = _trained(make, X, y), _trained(make, X[by_class], y[by_class])
    _expect(_close(a, b, X, rtol), a, "class-sorted and shuffled streams end in the same scores")


def _merge(make: Make, X: F32, y: I64, rtol: float) -> None:
    promise = make().algebra.merge
    if promise == "none":
        return
    first = y < 2
    for part in (np.arange(len(X)) % 3 == 0, first):
        one, two = _trained(make, X[part], y[part]), _trained(make, X[~part], y[~part])
        one.merge(two)
        whole = _trained(make, X, y)
        _expect(one.n_seen == whole.n_seen, one, "merge adds the counts")
        _expect(set(one.classes_) == set(whole.classes_), one, "merge unites the classes")
        if promise == "exact":
            _expect(_close(one, whole, X, rtol), one, "merge equals one readout that saw both streams")
    empty = make()
    empty.merge(whole)
    _expect(_close(empty, whole, X, 0.0), empty, "an empty readout takes over what it merges")


def _unlearn(make: Make, X: F32, y: I64, rtol: float) -> None:
    readout = _trained(make, X, y)
    promise = readout.algebra.unlearn
    if promise == "none":
        _raises(UnsupportedError, lambda: readout.unlearn(X[0], int(y[0])), readout, "unlearn is refused")
        return
    for i in range(200, 240):
        readout.unlearn(X[i], int(y[i]))
    _expect(readout.n_seen == 200, readout, "unlearn takes the counts back")
    if promise == "exact":
        _expect(_close(readout, _trained(make, X[:200], y[:200]), X, rtol), readout, "unlearn undoes learn")
    lone = _trained(make, X[:20], y[:20])
    lone.learn_one(X[30], 99)
    lone.unlearn(X[30], 99)
    _expect(99 not in lone.classes_, lone, "a class goes with its last sample")


def _forget(make: Make, X: F32, y: I64, rtol: float) -> None:
    readout = _trained(make, X, y)
    readout.forget(2)
    _expect(
        2 not in readout.classes_ and readout.n_seen == int((y != 2).sum()), readout, "forget drops the class"
    )
    _expect(2 not in readout.predict_many(X), readout, "a forgotten class is never predicted")
    if readout.algebra.forget == "exact":
        without = _trained(make, X[y != 2], y[y != 2])
        _expect(_close(readout, without, X, rtol), readout, "forget equals never having seen the class")
    readout.learn_one(X[y == 2][0], 2)
    _expect(2 in readout.classes_, readout, "a forgotten class can be learned again")
    _raises(InputError, lambda: readout.forget(77), readout, "forgetting an unknown label is refused")


def _memory(make: Make, X: F32, y: I64, rtol: float) -> None:  # noqa: ARG001
    readout = make()
    for n_classes in range(1, 5):
        some = y < n_classes
        readout.learn_many(X[some], y[some])
        told = readout.bytes_with(n_classes, X.shape[1])
        _expect(readout.memory_bytes == told, readout, f"bytes_with tells memory_bytes ({told})")
    before = readout.memory_bytes
    readout.learn_many(X, y)
    _expect(readout.memory_bytes == before, readout, "memory depends on classes, not on samples")


def _resume(make: Make, X: F32, y: I64, rtol: float) -> None:  # noqa: ARG001
    for stop in (5, 150):
        whole, first = _trained(make, X, y), _trained(make, X[:stop], y[:stop])
        resumed = type(first)(**first.config())
        arrays = {name: np.array(a) for name, a in first.state().items()}
        resumed.load(arrays, first.classes_, X.shape[1], first.n_seen)
        resumed.learn_many(X[stop:], y[stop:])
        same = all(np.array_equal(a, resumed.state()[name]) for name, a in whole.state().items())
        _expect(
            same and resumed.n_seen == whole.n_seen,
            whole,
            "resuming equals never having stopped, bit for bit",
        )


def _refuses(make: Make, X: F32, y: I64, rtol: float) -> None:  # noqa: ARG001
    readout = _trained(make, X, y)
    before = {name: np.array(a) for name, a in readout.state().items()}
    bad = X[0].copy()
    bad[3] = np.nan
    rows = X[:4].copy()
    rows[2, 1] = np.inf
    for attempt in (
        lambda: readout.learn_one(bad, 1),
        lambda: readout.learn_many(rows, y[:4]),
        lambda: readout.learn_one(X[0][:-1], 1),
        lambda: readout.learn_one(X[0], "another kind"),
        lambda: readout.learn_one(X[0], 1.5),  # type: ignore[arg-type]  # the wrong kind on purpose
        lambda: readout.learn_many(X[:3], y[:2]),
        lambda: readout.scores_one(bad),
    ):
        _raises(InputError, attempt, readout, "bad input is refused")
    same = all(np.array_equal(a, readout.state()[name]) for name, a in before.items())
    _expect(same, readout, "refused input changes nothing")


def _raises(
    kind: type[EdgelearnError], attempt: Callable[[], object], readout: Readout, promise: str
) -> None:
    try:
        attempt()
    except kind:
        return
    raise AssertionError(f"{readout.name}: {promise} ({kind.__name__} was not raised)")
