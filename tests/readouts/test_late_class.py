"""A class that comes late with few samples has its chance; features far from zero lose no digits."""

import numpy as np
import pytest

from edgelearn import Learner, readouts


def late(shots, seed, n_features=64):
    """Nine classes of 150 samples, then a few of a tenth; and a test set of all ten."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(10, n_features)) * 0.55
    y = np.append(np.repeat(np.arange(9), 150), np.full(shots, 9))
    X = centres[y] + rng.normal(size=(len(y), n_features))
    test_y = np.repeat(np.arange(10), 100)
    test_X = centres[test_y] + rng.normal(size=(1000, n_features))
    return X.astype(np.float32), y, test_X.astype(np.float32), test_y


@pytest.mark.parametrize("shots", [2, 5])
def test_few_samples_of_a_late_class_are_enough_to_be_recognised(shots):
    new, plain, overall, overall_plain = [], [], [], []
    for seed in range(4):
        X, y, test_X, test_y = late(shots, seed)
        readout = readouts.make("slda")
        readout.learn_many(X, y)
        said = np.array(readout.predict_many(test_X))
        readout._filled = 0.0  # the control: textbook LDA, without the correction
        without = np.array(readout.predict_many(test_X))
        new.append((said[test_y == 9] == 9).mean())
        plain.append((without[test_y == 9] == 9).mean())
        overall.append((said == test_y).mean())
        overall_plain.append((without == test_y).mean())
    assert 1 - np.mean(new) < 0.6 * (1 - np.mean(plain))
    assert np.mean(overall) > np.mean(overall_plain)


def test_a_young_class_is_not_a_stranger():
    X, y, test_X, test_y = late(3, 0)
    learner = Learner(None, "slda")
    learner.learn_many(X, y)
    said = [
        d for d, truth in zip(learner.predict_many(test_X), test_y, strict=True) if truth == 9 and d.best == 9
    ]
    assert len(said) > 20
    assert np.mean([d.label is None for d in said]) < 0.2


@pytest.mark.parametrize("name", ["ncm", "slda", "ridge", "prototypes"])
def test_an_offset_common_to_all_features_changes_nothing(name):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 5, 300)
    X = (rng.normal(size=(5, 8))[y] * 3 + rng.normal(size=(300, 8))).astype(np.float32)
    accuracies = []
    for offset in (0.0, 1e5):
        shifted = (X.astype(np.float64) + offset).astype(np.float32)
        readout = readouts.make(name)
        readout.learn_many(shifted[:200], y[:200])
        accuracies.append((np.array(readout.predict_many(shifted[200:])) == y[200:]).mean())
    assert accuracies[1] == pytest.approx(accuracies[0], abs=0.03)
