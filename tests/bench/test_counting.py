"""Products are counted as they are made: on small nets, as many as by hand."""

import itertools

import numpy as np
import pytest

from edgelearn.bench.backprop import Backprop, Setting
from edgelearn.bench.counting import counted


def ones(*shape):
    return np.ones(shape, np.float32)


def test_a_product_costs_its_three_sides():
    arrays = {"w": ones(3, 4)}
    assert counted(arrays, lambda: ones(2, 3) @ arrays["w"]) == 2 * 3 * 4
    assert counted(arrays, lambda: arrays["w"].T @ ones(3, 5)) == 4 * 3 * 5


def test_what_comes_of_a_counted_array_goes_on_counting():
    arrays = {"w": ones(3, 4)}
    assert counted(arrays, lambda: np.maximum(ones(1, 3) @ arrays["w"], 0).T @ ones(1, 6)) == 3 * 4 + 4 * 6


STEPS = {
    "asarray": lambda a: np.asarray(a),  # looked up while it counts
    "concatenate": lambda a: np.concatenate([a, ones(1, 4)]),
    "where": lambda a: np.where(a > 0, a, 0),
    "repeat": lambda a: np.repeat(a, 2, axis=0),
    "astype": lambda a: a.astype(np.float64),
    "index": lambda a: a[[0, 0]],
    "mean": lambda a: a.mean(axis=0, keepdims=True),
}


@pytest.mark.parametrize("name", STEPS)
def test_no_step_between_two_products_ends_the_counting(name):
    arrays, made = {"w": ones(3, 4)}, []

    def work():
        made.append(STEPS[name](ones(1, 3) @ arrays["w"]))
        made[0] @ ones(4, 5)

    assert counted(arrays, work) == 12 + made[0].shape[0] * 20


def test_curves_sums_and_changes_in_place_are_no_products():
    arrays = {"w": ones(3, 4)}

    def work():
        arrays["w"][...] = np.tanh(arrays["w"]) * 2 + arrays["w"].sum(axis=0)
        arrays["w"] += ones(3, 4)

    assert counted(arrays, work) == 0
    assert (arrays["w"] > 1).all()  # it was really done


def test_arrays_are_themselves_again_also_after_an_error():
    w = ones(3, 4)
    arrays = {"w": w}

    def fails():
        raise RuntimeError

    for work in (lambda: None, fails):
        try:
            counted(arrays, work)
        except RuntimeError:
            assert work is fails
        assert arrays["w"] is w
        assert type(arrays["w"]) is np.ndarray


def test_each_count_starts_at_0():
    arrays = {"w": ones(3, 4)}
    assert [counted(arrays, lambda: ones(1, 3) @ arrays["w"]) for _ in range(2)] == [12, 12]


@pytest.mark.parametrize("sizes", [(7, 2), (7, 5, 2), (7, 5, 3, 2)])
def test_back_propagation_costs_three_products_a_layer_and_two_at_the_first(sizes):
    layers = [a * b for a, b in itertools.pairwise(sizes)]
    assert Backprop(Setting(sizes)).cost().macs == 3 * sum(layers) - layers[0]
