"""What units stand for, and how they vote."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems import votes


def test_a_unit_stands_for_the_class_with_the_highest_mean_not_the_highest_sum():
    counts = np.array([[3.0], [3.0], [3.0], [4.0]])
    assert votes.assign(counts, np.array(["often", "often", "often", "rare"])).stands_for.tolist() == [1]


def test_a_silent_unit_stands_for_nobody_and_a_class_without_units_is_not_predicted():
    made = votes.assign(np.array([[2.0, 0.0], [1.0, 0.0]]), np.array([5, 7]))
    assert made.stands_for.tolist() == [0, votes.NOBODY]
    assert votes.predict(made, np.array([[1.0, 9.0]])).tolist() == [5]


def test_many_units_of_a_class_do_not_outvote_few():
    made = votes.assign(np.array([[1.0, 1, 1, 0], [0, 0, 0, 1]]), np.array([0, 1]))
    assert votes.predict(made, np.array([[1.0, 1, 1, 2]])).tolist() == [1]


def test_proportions_weigh_a_unit_that_also_answers_others_less():
    made = votes.assign(np.array([[4.0, 0], [3.0, 2.0]]), np.array([0, 1]))
    counts = np.array([[3.0, 2.0]])
    assert votes.predict(made, counts).tolist() == [0]
    assert votes.predict(made, counts, "proportion").tolist() == [1]


def test_labels_must_be_one_a_sample():
    for labels in (np.zeros(2), np.zeros((3, 1))):
        with pytest.raises(InputError, match="labels must be one for each of 3"):
            votes.assign(np.zeros((3, 4)), labels)
    with pytest.raises(InputError, match="at least one"):
        votes.assign(np.zeros((0, 4)), np.zeros(0))


@pytest.mark.parametrize(
    "labels", [[0.0, 1.0], [0, np.nan], [1, "a"], [None, "a"], [True, False], [2**70, 1]]
)
def test_labels_are_int_or_str_of_one_kind(labels):
    for given in (labels, np.array(labels, object)):
        with pytest.raises(InputError, match=r"label"):
            votes.assign(np.ones((2, 4)), given)


@pytest.mark.parametrize("labels", [["a", "b"], np.array(["a", "b"], object), np.array([0, 1], np.uint8)])
def test_classes_are_the_labels_that_were_given(labels):
    assert votes.assign(np.ones((2, 4)), labels).classes.tolist() == list(labels)


def test_the_ways_to_vote_are_listed():
    made = votes.assign(np.ones((2, 4)), [0, 1])
    with pytest.raises(ConfigError, match="activity, proportion, not 'foo'"):
        votes.predict(made, np.ones((2, 4)), "foo")


@pytest.mark.parametrize(
    ("counts", "word"),
    [
        (np.ones(4), "numbers"), ([[1.0, 2.0]], "numbers"), (np.full((2, 4), "a"), "numbers"),
        (np.full((2, 4), np.nan), "finite"), (-np.ones((2, 4)), "finite"), (np.full((2, 4), np.inf), "finite"),
    ],
)  # fmt: skip
def test_counts_are_numbers_of_units(counts, word):
    made = votes.assign(np.ones((2, 4)), [0, 1])
    for use in (lambda: votes.assign(counts, [0, 1]), lambda: votes.predict(made, counts)):
        with pytest.raises(InputError, match=f"counts must be .*{word}"):
            use()
    with pytest.raises(InputError, match="counts must be of 4 units, not 3"):
        votes.predict(made, np.ones((2, 3)))


@pytest.mark.parametrize("labels", [[3, 3], ["a", "a"]])
def test_one_class_alone_leaves_nothing_to_tell_apart(labels):
    with pytest.raises(InputError, match=f"all labels are {labels[0]}; .* give samples of two classes"):
        votes.assign(np.ones((2, 4)), labels)
