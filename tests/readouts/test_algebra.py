"""Properties of every readout, over random streams: what its `algebra` promises, it does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgelearn.errors import UnsupportedError
from tests.readouts.makes import ALL, EXACT, close, frozen, make, same, stream, trained

streams = st.builds(
    stream,
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 24),
    n_features=st.integers(1, 6),
    n_classes=st.integers(1, 4),
)
few = settings(max_examples=25)


def keeps(promise, among=ALL):
    """The readouts that promise it exactly."""
    return [name for name in among if getattr(make(name).algebra, promise) in (True, "exact")]


@pytest.mark.parametrize("name", ALL)
@given(data=streams, cut=st.integers(0, 24))
@few
def test_learn_many_is_the_loop(name, data, cut):
    X, y = data
    loop, many = make(name), make(name)
    for x, label in zip(X, y, strict=True):
        loop.learn_one(x, label)
    many.learn_many(X[:cut], y[:cut])
    many.learn_many(X[cut:], y[cut:])
    assert same(frozen(loop), frozen(many))
    assert np.array_equal(many.scores_many(X), np.stack([loop.scores_one(x) for x in X]))
    assert many.predict_many(X) == [loop.predict_one(x) for x in X]


@pytest.mark.parametrize("name", ALL)
@given(data=streams)
@few
def test_prediction_changes_nothing(name, data):
    X, y = data
    readout = trained(name, X, y)
    before = frozen(readout)
    for x in X:
        readout.judge_one(x)
        readout.probabilities(readout.scores_one(x))
    readout.predict_many(X)
    assert same(before, frozen(readout))


@pytest.mark.parametrize("name", ALL)
@given(data=streams)
@few
def test_what_it_holds_is_what_it_loads(name, data):
    X, y = data
    readout, resumed = trained(name, X, y), make(name)
    arrays, labels, n_seen = frozen(readout)
    resumed.load(arrays, labels, X.shape[1], n_seen)
    assert same(frozen(readout), frozen(resumed))
    assert np.array_equal(readout.scores_many(X), resumed.scores_many(X))
    readout.learn_many(X[::-1], y[::-1])
    resumed.learn_many(X[::-1], y[::-1])
    assert same(frozen(readout), frozen(resumed))


@pytest.mark.parametrize("name", keeps("order_free", EXACT))
@given(data=streams, seed=st.integers(0, 1000))
@few
def test_order_does_not_matter(name, data, seed):
    X, y = data
    for order in (np.random.default_rng(seed).permutation(len(y)), np.argsort(y, kind="stable")):
        other = trained(name, X[order], [y[i] for i in order])
        assert close(trained(name, X, y), other, X)


def test_order_matters_where_it_must():
    X, y = stream(1, 24, 3, 3)
    order = np.argsort(y, kind="stable")
    assert not close(trained("softmax", X, y), trained("softmax", X[order], [y[i] for i in order]), X)


@pytest.mark.parametrize("name", keeps("merge", EXACT))
@given(data=streams, owner=st.lists(st.integers(0, 2), min_size=24, max_size=24))
@few
def test_merge_adds_whatever_the_split(name, data, owner):
    X, y = data
    parts = [np.flatnonzero(np.array(owner[: len(y)]) == k) for k in range(3)]

    def part(k):
        return trained(name, X[parts[k]], [y[i] for i in parts[k]])

    left, right, swapped = part(0), part(1), part(1)
    left.merge(right)  # (a + b) + c
    left.merge(part(2))
    right.merge(part(2))  # a + (b + c)
    first = part(0)
    first.merge(right)
    swapped.merge(part(0))  # (b + a) + c
    swapped.merge(part(2))
    whole = trained(name, X, y)
    assert left.n_seen == first.n_seen == swapped.n_seen == whole.n_seen
    assert all(close(merged, whole, X, 1e-3) for merged in (left, first, swapped))


@pytest.mark.parametrize("name", keeps("merge"))
def test_merge_of_disjoint_classes(name):
    X, y = stream(7, 60, 4, 4)
    half = np.array(y) < 2
    one = trained(name, X[half], [label for label in y if label < 2])
    two = trained(name, X[~half], [label for label in y if label >= 2])
    kept = frozen(two)
    one.merge(two)
    assert same(kept, frozen(two))  # the other stays as it was
    assert close(one, trained(name, X, y), X, 0.05 if name in {"slda", "ridge"} else 1e-4)


@pytest.mark.parametrize("name", keeps("unlearn", EXACT))
@given(data=streams, seed=st.integers(0, 1000))
@few
def test_unlearn_undoes_learn(name, data, seed):
    X, y = data
    readout = trained(name, X, y)
    rng = np.random.default_rng(seed)
    for label in (y[0], 99):
        x = (X[0] + rng.normal(size=X.shape[1])).astype(np.float32)
        readout.learn_one(x, label)
        readout.unlearn(x, label)
    assert close(readout, trained(name, X, y), X, 1e-3)
    assert readout.n_seen == len(y)


@pytest.mark.parametrize("name", keeps("unlearn"))
def test_unlearn_down_to_nothing_and_start_again(name):
    X, y = stream(3, 20, 4, 3)
    readout = trained(name, X, y)
    for i in np.random.default_rng(0).permutation(len(y)):
        readout.unlearn(X[i], y[i])
    assert readout.classes_ == []
    assert readout.n_seen == 0
    assert readout.predict_one(X[0]) is None
    readout.learn_many(X, y)
    assert close(readout, trained(name, X, y), X, 1e-3)


@pytest.mark.parametrize("name", keeps("forget"))
@given(data=streams)
@few
def test_forget_is_never_having_seen(name, data):
    X, y = data
    readout = trained(name, X, y)
    readout.forget(y[0])
    kept = [i for i, label in enumerate(y) if label != y[0]]
    assert close(readout, trained(name, X[kept], [y[i] for i in kept]), X)


@pytest.mark.parametrize("name", [name for name in ALL if make(name).algebra.unlearn == "none"])
def test_what_cannot_unlearn_says_so(name):
    X, y = stream(0, 5, 3, 2)
    readout = trained(name, X, y)
    with pytest.raises(UnsupportedError, match="forget"):
        readout.unlearn(X[0], y[0])


@pytest.mark.parametrize("name", ALL)
def test_emptied_readouts_merge(name):
    X, y = stream(4, 12, 3, 2)
    one, two = trained(name, X, y), trained(name, X, y)
    for readout in (one, two):
        for label in list(readout.classes_):
            readout.forget(label)
    one.merge(two)
    assert one.classes_ == []
    assert one.n_seen == 0
    one.merge(trained(name, X, y))
    assert one.n_seen == len(y)
    assert np.isfinite(one.scores_many(X)).all()


@pytest.mark.parametrize("name", ["slda", "slda fixed", "ridge", "ridge fixed", "rp_ridge", "ncm", "imprint"])
def test_merge_of_two_that_unlearned_everything(name):
    X, y = stream(4, 3, 3, 1)
    one, two = trained(name, X, y), trained(name, X, y)
    for readout in (one, two):
        for x, label in zip(X, y, strict=True):
            readout.unlearn(x, label)
    one.merge(two)
    one.learn_many(X, y)
    assert close(one, trained(name, X, y), X, 1e-3)
