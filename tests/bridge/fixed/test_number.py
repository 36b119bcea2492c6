"""The operations of which fixed point is made: near the truth, within their ranges, right on average."""

import math

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.fixed import functions, neurons, number, signals, softhebb


def test_a_rate_is_near_what_it_stands_for():
    for value in np.geomspace(2**-16 * 1.001, 2**14 * 0.999, 200):
        m, t = number.rate("eta", float(value))
        assert 2**14 <= m < 2**15
        assert m / 2**t == pytest.approx(value, rel=2**-14)
    assert number.rate("eta", 0.0) == (0, 1)


@pytest.mark.parametrize(("value", "word"), [(1e-9, "raise"), (1e6, "lower")])
def test_a_rate_out_of_range_says_what_to_do(value, word):
    with pytest.raises(ConfigError, match=f"eta is .*{word} it"):
        number.rate("eta", value)


def test_a_power_of_two_is_within_two_units():
    z = np.arange(0, 17 << 16, 37)
    found = np.array([functions.power(int(v)) for v in z])
    assert np.abs(found - 2 ** (15 - z / 65536)).max() < 2
    assert (np.diff(found) <= 0).all()


def test_a_quotient_is_near_the_truth():
    for v in [1, 2, 3, 65535, 65536, 10**6, 2**32 - 1]:
        by = functions.divisor(v)
        assert by.reciprocal / 2 ** (31 + by.shift) == pytest.approx(1 / v, rel=2**-14)


def test_shares_are_those_of_float_and_add_up_to_one():
    rng = np.random.default_rng(0)
    p = neurons.Softmax(*number.rate("t", math.log2(math.e) * 16))
    for n in (1, 2, 10, 300):
        u = rng.integers(-32768, 32768, n)
        found = neurons.softmax(p, u.astype(np.int16)) / 2**15
        raised = np.exp((u - u.max()) / 2**12)
        assert np.abs(found - raised / raised.sum()).max() < 2**-13
        assert found.sum() <= 1


def test_dither_is_right_on_average_and_moves_nothing_that_is_still():
    dither, t, total, n = 0, 20, 0, 20000
    for _ in range(n):
        dither, r = number.draws(dither, np.ones(1), t)
        total += (300_000 + int(r[0])) >> t
        assert (0 + int(r[0])) >> t == 0
    assert total / n == pytest.approx(300_000 / 2**t, abs=0.01)


def test_a_mean_reward_stays_among_the_rewards():
    state, p = signals.RewardState(np.array([2**31 - 1], np.int32)), signals.Reward(65535)
    for r in (-32768, 32767, -32768, 0, 32767, 32767):
        state, _ = signals.reward(p, state, 3, r)
        assert -32768 << 16 <= int(state.baseline[0]) <= 2**31 - 1


@pytest.mark.parametrize(
    ("value", "found"),
    [(0.5, 2048), (-8.0, -32768), (8.0, None), (math.nan, None), (-math.inf, None), (2**-13, 1)],
)
def test_a_reward_is_rounded_or_refused(value, found):
    assert signals.reward_of(value) == found


def test_softhebb_factors_never_pass_their_bounds():
    rng = np.random.default_rng(0)
    for _ in range(3000):
        p = softhebb.Params(
            int(rng.integers(2**14, 2**15)), int(rng.integers(1, 31)), int(rng.integers(8, 15))
        )
        size = 2 ** int(rng.integers(1, 16))
        u, third = (rng.integers(-size, size, 4).tolist() for _ in range(2))
        norm = rng.integers(0, 65536, 4).tolist()
        move = softhebb.factors(p, norm, int(rng.integers(0, 32769)), u, third)
        if move is not None:
            assert max(np.abs(move.a).max(), np.abs(move.c).max()) <= 2**14
            assert 1 <= move.t <= 30
