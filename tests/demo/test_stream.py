"""The stream of the demo: which samples, in which order, and none of the test part."""

import numpy as np

from edgelearn.demo import stream


def test_committed_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    ours, theirs = stream.load_digits(), load_digits()
    np.testing.assert_array_equal(ours.x, theirs.images)
    np.testing.assert_array_equal(ours.y, theirs.target)


def test_split_is_a_stratified_partition() -> None:
    digits = stream.load_digits()
    np.testing.assert_array_equal(np.sort(np.concatenate([digits.train, digits.test])), np.arange(1797))
    share = np.bincount(digits.y[digits.test]) / np.bincount(digits.y)
    assert np.abs(share - 0.25).max() < 0.01


def test_old_classes_first_then_new_ones_one_at_a_time_then_all() -> None:
    arrived = stream.make(stream.load_digits(), seed=0)
    assert set(arrived.y[: arrived.new_from]) == set(stream.OLD)
    fresh = arrived.y[arrived.new_from : arrived.drift_from]
    assert np.all(np.diff(fresh) >= 0)
    assert set(fresh) == set(stream.NEW)
    assert set(arrived.y[arrived.drift_from :]) == set(range(10))


def test_camera_turns_in_phase_three_only() -> None:
    arrived = stream.make(stream.load_digits(), seed=0)
    assert not arrived.degrees[: arrived.drift_from].any()
    assert np.all(np.diff(arrived.degrees[arrived.drift_from :]) > 0)
    assert arrived.degrees[-1] == stream.FINAL_DEGREES


def test_every_training_sample_comes_once_and_no_test_sample_at_all() -> None:
    digits = stream.load_digits()
    arrived = stream.make(digits, seed=3)
    assert len(arrived.y) == len(digits.train)
    upright = arrived.x[: arrived.drift_from]
    images = {image.tobytes() for image in upright}
    assert len(images) == len(upright)
    assert images <= {image.tobytes() for image in digits.x[digits.train]}
    assert not images & {image.tobytes() for image in digits.x[digits.test]}


def test_one_seed_is_one_stream_and_another_seed_another() -> None:
    digits = stream.load_digits()
    first, again, other = (stream.make(digits, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.y, again.y)
    assert not np.array_equal(first.x, other.x)
