"""What trained networks share: states that go in whole or not at all, and checks that name what is wrong."""

from typing import ClassVar

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.kernels.checks import LARGEST
from edgelearn.neurons import relu
from edgelearn.signals import goodness
from edgelearn.systems.net import (
    Net,
    classes,
    he,
    image_shape,
    labels,
    many,
    one_hot,
    samples,
    softmax,
    tame,
    widths,
)


class Small(Net):
    bounds: ClassVar = {"mom": (0, np.inf), "seen": (0, 9)}

    def __init__(self, fill=0):
        self.arrays = {
            "w": np.full((2, 3), fill, np.float32),
            "seen": np.array(fill, np.int64),
            "moment": np.full(3, fill, np.float64),
        }


def test_a_state_is_live_and_goes_into_another_net():
    one, other = Small(1), Small()
    one.state()["w"][0, 0] = 5
    assert one.arrays["w"][0, 0] == 5
    held = other.arrays["w"]
    other.load(one.state())
    assert other.arrays["w"] is held  # in place: whoever holds the array sees it
    assert all((other.state()[name] == a).all() for name, a in one.state().items())
    one.arrays["w"][0, 0] = 9
    assert held[0, 0] == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("seen"), "give all"),
        (lambda s: s.update(more=np.zeros(1)), "give all"),
        (lambda s: s.update(w=np.ones((3, 2), np.float32)), r"w must have shape \(2, 3\)"),
        (lambda s: s.update(w=np.ones((2, 3))), "w must be an array of float32"),
        (lambda s: s.update(seen=np.array(1.0)), "seen must be an array of int64"),
        (lambda s: s.update(w=[[1.0] * 3] * 2), "not list"),
        (lambda s: s.update(w=np.ones((3, 2), np.float32).T), "C order"),
        (lambda s: s.update(moment=np.array([1, np.nan, 1])), "moment has NaN"),
        (lambda s: s["w"].fill(np.inf), "w has NaN or infinity"),
        (lambda s: s.update(seen=np.array(10)), "seen has values outside 0 to 9"),
        (lambda s: s.update(moment=np.array([1, -1e-9, 1])), "moment has values outside 0 to inf"),
        (lambda s: s.update(seen=np.array(-1)), "seen has values outside 0 to 9"),
    ],
)
def test_a_state_of_another_net_changes_nothing(change, said):
    net, state = Small(), Small(1).state()
    change(state)
    with pytest.raises(InputError, match=said):
        net.load(state)
    assert all((a == 0).all() for a in net.arrays.values())


def test_what_is_no_mapping_is_refused():
    with pytest.raises(InputError, match="moment, seen, w"):
        Small().load([("w", 1)])


def test_good_samples_pass_as_they_are():
    x = np.full((2, 3), np.nextafter(LARGEST, np.float32(0)))
    assert samples(x, 3) is x
    assert samples(x[:0], 3).shape == (0, 3)
    assert samples(x.astype(np.float64), 3, np.float64).dtype == np.float64


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.zeros((2, 4), np.float32), r"3 values a sample, shape \(n, 3\), not \(2, 4\)"),
        (np.zeros(3, np.float32), r"shape \(n, 3\), not \(3,\)"),
        (np.zeros((1, 2, 3), np.float32), r"shape \(n, 3\), not \(1, 2, 3\)"),
        (np.zeros((2, 3)), r"float32, not float64; use X\.astype\(numpy\.float32\)"),
        (np.zeros((2, 3), int), "float32, not int64"),
        ([[0.0, 0.0, 0.0]], "not list"),
        (np.array([[0, np.nan, 0]], np.float32), "NaN"),
        (np.array([[0, np.inf, 0]], np.float32), "infinity"),
        (np.array([[0, -np.inf, 0]], np.float32), "infinity"),
        (np.array([[0, LARGEST, 0]], np.float32), "values above 4e"),
        (np.array([[0, -LARGEST, 0]], np.float32), "values above 4e"),
        (np.zeros((3, 2), np.float32).T, "C order"),
    ],
)
def test_samples_no_layer_can_work_with_are_refused(x, said):
    with pytest.raises(InputError, match=said):
        samples(x, 3)


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64])
def test_labels_of_any_whole_kind_become_int64(kind):
    found = labels(np.array([0, 2, 1], kind), 3, 3)
    assert found.dtype == np.int64
    assert found.tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.array([0, 3, 1]), r"0\.\.2, not 0\.\.3"),
        (np.array([0, -1, 1]), r"not -1\.\.1"),
        (np.array([0, 1]), r"shape \(3,\), not int64\(2,\)"),
        (np.array([[0, 1, 2]]), "one whole number a sample"),
        (np.array([0.0, 1.0, 2.0]), "not float64"),
        (np.array([True, False, True]), "not bool"),
        ([0, 1, 2], "not list"),
    ],
)
@pytest.mark.parametrize("check", [labels, classes])
def test_labels_that_name_no_class_are_refused(check, y, said):
    with pytest.raises(InputError, match=said):
        check(y, 3, 3)


def test_one_class_alone_teaches_nothing_but_may_be_asked_about():
    y = np.array([1, 1, 1])
    with pytest.raises(InputError, match="all labels are 1"):
        labels(y, 3, 3)
    assert (classes(y, 3, 3) == y).all()
    with pytest.raises(InputError, match="none at all"):
        classes(y[:0], 0, 3)


@pytest.mark.parametrize("sizes", [(4, 3, 2), [4, 3, 2], iter([4, 3, 2]), np.array([4, 3, 2])])
def test_sizes_come_as_whole_numbers(sizes):
    assert widths(sizes, 3, "three") == (4, 3, 2)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        (784, "sizes must name three, not 784"),
        ((4, 3), r"sizes must name three, not \(4, 3\)"),
        ((), r"sizes must name three, not \(\)"),
        (iter([4, 3]), r"not \(4, 3\)"),
        ((4, 3, 1), r"not \(4, 3, 1\)"),
        ((4, 0, 2), "at least 1, not 0"),
        ((4, 2.0, 2), "whole number"),
    ],
)
def test_sizes_that_name_no_net_are_refused(sizes, said):
    with pytest.raises(ConfigError, match=said):
        widths(sizes, 3, "three", last=2)


def test_a_shape_has_three_sides():
    assert image_shape([2, 3, 1]) == (2, 3, 1)
    for wrong, said in ((64, "not 64"), ((8, 8), r"not \(8, 8\)"), ((8, 0, 1), "at least 1, not 0")):
        with pytest.raises(ConfigError, match=said):
            image_shape(wrong)


def test_what_runs_away_is_named():
    good = np.array([1, -1e9], np.float32)
    assert tame("w0", good) is good
    assert tame("none", good[:0]).size == 0
    for wrong in (np.nan, np.inf, -np.inf, LARGEST, -LARGEST):
        with pytest.raises(InputError, match=r"runs away at w0.* lower eta"):
            tame("w0", np.array([0, wrong], np.float32))


def test_many_is_the_part_for_many_samples():
    x = np.array([[-1, 2], [3, -4]], np.float32)
    assert (many(relu.neuron(), x) == np.maximum(x, 0)).all()
    found = many(goodness.signal(), x, np.array([[1], [0]], np.float32))
    one = [goodness.step(goodness.signal().params, None, x[k], np.float32([1 - k]))[1] for k in (0, 1)]
    np.testing.assert_allclose(found, one, rtol=1e-6)
    with pytest.raises(UnsupportedError, match="relu has no form"):
        many(relu.neuron()._replace(batch=None), x)


def test_he_keeps_the_mean_square_through_a_rectifier():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 400)).astype(np.float32)
    out = np.maximum(x @ he(rng, 400, 300), 0)
    assert (out**2).mean() == pytest.approx(1, abs=0.03)
    assert out.dtype == np.float32


def test_shares_add_up_and_hold_for_any_size_of_score():
    scores = np.array([[0, np.log(3)], [1e4, -1e4], [-1e30, -1e30]], np.float32)
    assert softmax(scores) == pytest.approx(np.array([[0.25, 0.75], [1, 0], [0.5, 0.5]]))
    assert softmax(scores.astype(np.float64)).dtype == np.float64


def test_one_hot_has_its_one_at_the_label():
    assert one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot(np.array([], np.int64), 3).shape == (0, 3)
