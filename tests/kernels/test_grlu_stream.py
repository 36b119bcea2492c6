"""The stream kernel of GRLU is the composition of the definitions, bit for bit."""

import numpy as np
import pytest

from edgelearn.systems.grlu import GRLU, PUBLISHED, inputs
from edgelearn.systems.grlu_passes import learned
from edgelearn.testing.fills import same_bits

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("pairs", [1, 5])
@pytest.mark.parametrize(
    "settings",
    [{}, PUBLISHED, {"still": True}, {"quiet": True}],
    ids=["ours", "published", "still", "quiet"],
)
@pytest.mark.parametrize("sizes", [(20, 7, 4), (12, 7, 9, 3)], ids=["one hidden", "two hidden"])
def test_a_sample_is_the_composition_of_the_definitions(sizes, settings, pairs):
    rng = np.random.default_rng(1)
    net = GRLU(sizes, pairs=pairs, seed=3, **settings)
    X, y = rng.standard_normal((4, sizes[0]), np.float32), rng.integers(0, sizes[-1], 4)
    for k in range(4):
        before, expected = [np.array(w) for w in net.w], learned(net, inputs(X)[k], int(y[k]), 0.7)
        net.learn(X[k : k + 1], y[k : k + 1], 0.7)
        assert all(map(same_bits, net.w, expected))
        moved = [not same_bits(a, b) for a, b in zip(net.w, before, strict=True)]
        assert moved == [k >= net.first for k in range(len(net.w))]


def test_many_samples_in_a_call_are_one_after_the_other():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((9, 20), np.float32), rng.integers(0, 4, 9)
    one, many = (GRLU((20, 7, 4), pairs=3) for _ in range(2))
    for k in range(9):
        one.learn(X[k : k + 1], y[k : k + 1], 1.0)
    many.learn(X, y, 1.0)
    assert all(map(same_bits, one.w, many.w))
    assert one.arrays["sample"] == many.arrays["sample"] == 27


def test_stale_rewards_are_those_of_the_sample_before():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((1, 20), np.float32), rng.integers(0, 4, 1)
    net = GRLU((20, 7, 4), stale=True)
    before = [np.array(w) for w in net.w]
    net.learn(X, y, 1.0)
    assert all(map(same_bits, net.w, before))  # there was no sample before
    net.learn(np.repeat(X, 2, axis=0), np.repeat(y, 2), 1.0)
    assert not any(map(same_bits, net.w, before))
