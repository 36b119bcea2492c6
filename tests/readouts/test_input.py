"""Samples and labels as people hand them over: what is meant is taken, what cannot be used is refused."""

import numpy as np
import pytest

from edgelearn.errors import InputError
from tests.readouts.makes import ALL, frozen, make, same, stream, trained

X, Y = stream(2, 12, 4, 3)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(np.round(X).astype(np.float64), id="float64"),
        pytest.param(np.round(X).astype(np.int8), id="int8"),
        pytest.param(np.round(X).astype(np.float32).tolist(), id="lists"),
        pytest.param(np.asfortranarray(np.round(X)), id="column by column"),
        pytest.param(np.repeat(np.round(X), 2, axis=0)[::2], id="every second row"),
        pytest.param(np.round(X)[:, ::-1][:, ::-1], id="negative strides"),
        pytest.param(np.round(X).astype(">f4"), id="big endian"),
    ],
)
def test_any_numbers_are_taken_as_float32(name, given):
    plain = trained(name, np.ascontiguousarray(np.round(X), np.float32), Y)
    many, loop = trained(name, given, Y), make(name)
    for x, label in zip(given, Y, strict=True):
        loop.learn_one(x, label)
    assert same(frozen(plain), frozen(many))
    assert same(frozen(plain), frozen(loop))
    assert np.array_equal(plain.scores_many(X), many.scores_many(X))


def test_bool_features_are_0_and_1():
    bits = X > 1
    assert same(frozen(trained("ncm", bits, Y)), frozen(trained("ncm", bits.astype(np.float32), Y)))


def test_a_sample_learned_is_the_callers_again():
    readout, x = make("prototypes"), X[0].copy()
    readout.learn_one(x, 0)
    before = frozen(readout)
    x[:] = 99
    assert same(before, frozen(readout))


BAD_SAMPLES = [
    ([1, 2, np.nan, 4], "NaN or infinity"),
    ([1, 2, np.inf, 4], "NaN or infinity"),
    ([1, 2, -np.inf, 4], "NaN or infinity"),
    (np.array([1, 2, 1e300, 4]), "NaN or infinity"),
    ([1, 2, 3], "expected 4 features"),
    ([1, 2, 3, 4, 5], "expected 4 features"),
    ([[1, 2, 3, 4]], "shape"),
    (3.0, "shape"),
    ([], "shape"),
    (["a", "b", "c", "d"], "numbers"),
    ([1j, 2, 3, 4], "numbers"),
    ([None, 2, 3, 4], "numbers"),
    ([[1], [2, 3], [4], [5]], "regular"),
    (None, "numbers"),
]


@pytest.mark.parametrize("name", ["ncm", "slda"])
@pytest.mark.parametrize(("x", "reason"), BAD_SAMPLES)
def test_a_bad_sample_is_refused_and_changes_nothing(name, x, reason):
    readout = trained(name, X, Y)
    before = frozen(readout)
    for attempt in (
        lambda: readout.learn_one(x, 0),
        lambda: readout.scores_one(x),
        lambda: readout.unlearn(x, 0),
    ):
        with pytest.raises(InputError, match=reason):
            attempt()
    assert same(before, frozen(readout))


@pytest.mark.parametrize("name", ALL)
def test_a_bad_row_refuses_the_whole_batch(name):
    readout = trained(name, X, Y)
    before = frozen(readout)
    rows = X.copy()
    rows[7, 2] = np.nan
    with pytest.raises(InputError, match="sample 7"):
        readout.learn_many(rows, Y)
    with pytest.raises(InputError, match="expected 4 features"):
        readout.learn_many(X[:, :3], Y)
    with pytest.raises(InputError, match="12 samples but 11 labels"):
        readout.learn_many(X, Y[:-1])
    with pytest.raises(InputError, match="is of type str"):
        readout.learn_many(X, [*Y[:-1], "three"])
    assert same(before, frozen(readout))


def test_a_refused_first_sample_leaves_nothing_behind():
    readout = make("slda")
    for x, label in (([1.0, np.nan], "a"), ([1.0, 2.0], 1.5), ([1.0, 2.0], None)):
        with pytest.raises(InputError):
            readout.learn_one(x, label)
    with pytest.raises(InputError, match="use one kind"):
        readout.learn_many(X[:2], [1, "a"])
    assert readout.n_features is None
    assert readout.classes_ == []
    readout.learn_one([1.0, 2.0, 3.0], "a")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("cat", "cat"),
        (np.str_("cat"), "cat"),
        ("", ""),
        ("Übung/1;2", "Übung/1;2"),
        (3, 3),
        (-3, -3),
        (0, 0),
        (np.int8(-3), -3),
        (np.uint64(2**63), 2**63),
    ],
)
def test_labels_are_plain_strings_and_whole_numbers(given, kept):
    readout = make("ncm")
    readout.learn_one(X[0], given)
    readout.learn_many(X[1:3], np.array([given, given]))
    assert readout.classes_ == [kept]
    assert type(readout.classes_[0]) is type(kept)
    assert type(readout.predict_one(X[0])) is type(kept)
    assert readout.counts == [3]


@pytest.mark.parametrize(
    "label", [True, np.True_, 1.0, np.float32(1), None, b"cat", (1,), ["a"], np.array(1)]
)
def test_other_labels_are_refused(label):
    readout = make("ncm")
    with pytest.raises(InputError, match="str or an int"):
        readout.learn_one(X[0], label)
    with pytest.raises(InputError, match="str or an int"):
        readout.learn_many(X[:1], [label])


@pytest.mark.parametrize(("first", "second"), [("1", 1), (1, "1")])
def test_kinds_of_labels_do_not_mix(first, second):
    readout = make("ncm")
    readout.learn_one(X[0], first)
    for attempt in (
        lambda: readout.learn_one(X[1], second),
        lambda: readout.unlearn(X[0], second),
        lambda: readout.forget(second),
    ):
        with pytest.raises(InputError, match="use one kind"):
            attempt()
    other = make("ncm")
    other.learn_one(X[0], second)
    with pytest.raises(InputError, match="use one kind"):
        readout.merge(other)
    assert readout.classes_ == [first]


@pytest.mark.parametrize("name", ALL)
def test_labels_keep_the_order_in_which_they_came(name):
    readout = make(name)
    readout.learn_many(X[:5], ["d", "b", "d", "a", "c"])
    assert readout.classes_ == ["d", "b", "a", "c"]
    readout.forget("b")
    assert readout.classes_ == ["d", "a", "c"]
    assert readout.counts == [2, 1, 1]
    readout.learn_one(X[5], "b")
    assert readout.classes_ == ["d", "a", "c", "b"]
    readout.classes_.append("z")  # a copy
    assert readout.classes_ == ["d", "a", "c", "b"]


@pytest.mark.parametrize("name", ["ncm", "slda", "imprint", "prototypes", "ridge"])
def test_what_was_never_learned_cannot_be_taken_back(name):
    readout = trained(name, X[:3], ["a", "a", "b"])
    before = frozen(readout)
    with pytest.raises(InputError, match="never learned; known: 'a', 'b'"):
        readout.unlearn(X[0], "c")
    with pytest.raises(InputError, match=r"nothing was changed|never learned"):
        readout.unlearn(X[0] + 1e6, "b")
    with pytest.raises(InputError, match="never learned; known: none"):
        make(name).unlearn(X[0], "a")
    assert same(before, frozen(readout))


def test_only_readouts_alike_merge():
    one = trained("slda fixed", X, Y)
    before = frozen(one)
    for other in (trained("ncm", X, Y), trained("slda", X, Y), trained("slda fixed", X[:, :3], Y)):
        with pytest.raises(InputError, match="merge"):
            one.merge(other)
    one.merge(make("slda fixed"))  # learned nothing: nothing to add
    assert same(before, frozen(one))
