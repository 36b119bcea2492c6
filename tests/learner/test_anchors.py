"""Anchors: bounded, balanced, a fair draw, the same again, and nothing lost on the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgelearn.anchors import Anchors, anchor_bytes
from edgelearn.errors import BudgetError
from edgelearn.kernels.draws import even

ONE = anchor_bytes(2)


def sample(i):
    return np.array([i, -i], np.float32)


def kept(anchors):
    return sorted((float(x[0]), c) for x, c in anchors.rows())


def classes(anchors):
    return [c for _, c in anchors.rows()]


def moved(anchors, capacity):
    other = Anchors(capacity * ONE)
    arrays = anchors.state()
    if arrays:
        other.load({name: np.array(a) for name, a in arrays.items()})
    return other


def test_everything_stays_while_there_is_room():
    anchors = Anchors(5 * ONE + 3)
    for i in range(5):
        anchors.add(sample(i), i % 2)
    assert kept(anchors) == [(float(i), i % 2) for i in range(5)]
    assert anchors.memory_bytes == anchors.bytes_with(2) == 5 * ONE


def test_rare_classes_keep_their_share():
    anchors = Anchors(30 * ONE)
    for i in range(3000):
        anchors.add(sample(i), 0 if i < 1500 else 1 if i % 100 else 2)
    counts = np.bincount(classes(anchors))
    assert counts.sum() == 30
    assert counts.min() >= 9


def test_what_stays_of_a_class_is_a_fair_draw_of_it():
    first_half = 0
    for seed in range(40):
        anchors = Anchors(20 * ONE, seed)
        for i in range(400):
            anchors.add(sample(i), 0)
        first_half += sum(x < 200 for x, _ in kept(anchors))
    assert abs(first_half - 400) < 60  # of 800, 3 standard deviations of an even draw are 42


def test_rows_begin_with_one_of_each_class():
    anchors = Anchors(9 * ONE)
    for i in range(200):
        anchors.add(sample(i), min(i, 2) if i < 3 else 2 - i % 3)
    assert classes(anchors)[:3] == [0, 1, 2]
    assert len(classes(anchors)) == len(set(kept(anchors))) == 9


@given(
    capacity=st.integers(1, 6),
    steps=st.lists(st.tuples(st.sampled_from(["add", "forget", "move"]), st.integers(0, 5)), max_size=60),
)
@settings(max_examples=80)
def test_each_class_keeps_at_least_one_and_the_bytes_are_held(capacity, steps):
    anchors, n_classes, added = Anchors(capacity * ONE), 0, 0
    for what, i in steps:
        if what == "add":
            c = min(i, n_classes)
            try:
                anchors.check_room(max(n_classes, c + 1), 2)
            except BudgetError:
                assert n_classes == capacity
                continue
            anchors.add(sample(added), c)
            n_classes, added = max(n_classes, c + 1), added + 1
        elif what == "forget" and i < n_classes:
            anchors.forget(i)
            n_classes -= 1
        elif what == "move":
            anchors = moved(anchors, capacity)
        assert set(classes(anchors)) == set(range(n_classes))
        assert anchors.memory_bytes <= capacity * ONE


def test_resumed_it_goes_on_as_if_it_had_never_stopped():
    whole, resumed = Anchors(7 * ONE), Anchors(7 * ONE)
    for i in range(200):
        for anchors in (whole, resumed):
            anchors.add(sample(i), min(i, i * i % 3))
        if i % 13 == 0:
            resumed = moved(resumed, 7)
    assert kept(whole) == kept(resumed)


@pytest.mark.parametrize("capacity", [3, 9])
def test_another_size_takes_over_what_it_can(capacity):
    anchors = Anchors(6 * ONE)
    for i in range(30):
        anchors.add(sample(i), i % 3)
    other = moved(anchors, capacity)
    assert set(kept(other)) <= set(kept(anchors))
    assert len(other) == min(6, capacity)
    assert set(classes(other)) == {0, 1, 2}
    with pytest.raises(BudgetError, match="less than one of each of 3 classes"):
        moved(anchors, 2)


def test_draws_are_even_and_belong_to_their_number():
    drawn = np.array([even(3, number) for number in range(4000)])
    assert even(3, 7) == drawn[7] != even(4, 7)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert np.abs(np.histogram(drawn, 10)[0] - 400).max() < 4 * np.sqrt(400 * 0.9)
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 4 / np.sqrt(4000)
