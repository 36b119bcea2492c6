"""Arithmetic that is the same everywhere, against the standard library's; draws by position."""

from statistics import NormalDist

import numpy as np
import pytest

from edgelearn.emulator.sensors.draws import Draws
from edgelearn.emulator.sensors.exact import log, normal_quantile, sine_of_turns


def test_the_sine_and_the_logarithm_are_those_of_the_libm_to_rounding() -> None:
    turns = np.linspace(-3, 3, 50_001)
    assert np.abs(sine_of_turns(turns) - np.sin(2 * np.pi * turns)).max() < 5e-15
    assert sine_of_turns(np.array([0.0, 0.25, 0.75, 1e6])).tolist() == pytest.approx([0, 1, -1, 0], abs=1e-15)
    x = np.concatenate([np.logspace(-300, 300, 5001), 1 + np.linspace(-0.3, 0.4, 501)])
    np.testing.assert_allclose(log(x), np.log(x), rtol=2e-15, atol=1e-16)


def test_the_quantile_is_that_of_the_normal_distribution_far_into_its_tails() -> None:
    p = np.concatenate(
        [np.linspace(1e-6, 1 - 1e-6, 5001), 2.0 ** -np.arange(2, 54), 1 - 2.0 ** -np.arange(2, 53)]
    )
    expected = [NormalDist().inv_cdf(value) for value in p.tolist()]
    np.testing.assert_allclose(normal_quantile(p), expected, atol=1e-6)


def test_draws_are_a_function_of_the_position_alone() -> None:
    draws = Draws(5, "Noise", 0)
    for width in (1, 3):
        whole = draws.uniform(0, 1000, width)
        for start, count in ((0, 1), (1, 7), (333, 500), (999, 1)):
            np.testing.assert_array_equal(draws.uniform(start, count, width), whole[start : start + count])


def test_draws_have_the_moments_they_should() -> None:
    u = Draws(1, "a").uniform(0, 200_000)[:, 0]
    assert 0 < u.min() < u.max() < 1
    assert u.mean() == pytest.approx(0.5, abs=0.004)
    assert np.histogram(u, 10, (0, 1))[0] == pytest.approx(np.full(10, 20_000), rel=0.04)
    z = Draws(1, "a").normal(0, 200_000)[:, 0]
    assert [z.mean(), z.std()] == pytest.approx([0, 1], abs=0.01)
    assert (np.abs(z) > 3).mean() == pytest.approx(0.0027, rel=0.2)
    assert np.corrcoef(z[1:], z[:-1])[0, 1] == pytest.approx(0, abs=0.01)


def test_seeds_and_names_do_not_share_draws() -> None:
    drawn = [Draws(*key).uniform(0, 4000)[:, 0] for key in ((1, "a"), (2, "a"), (1, "b"), (1, "a", 1))]
    correlations = np.corrcoef(drawn) - np.eye(4)
    assert np.abs(correlations).max() < 0.07


def test_the_stream_is_the_one_that_was_kept() -> None:
    """The bits of a seed never change: these were written down once."""
    draws = Draws(7, "Noise", 0)
    assert [u.hex() for u in draws.uniform(0, 3)[:, 0].tolist()] == [
        "0x1.f2c3acf08e654p-3",
        "0x1.911f276dd3167p-1",
        "0x1.2d4be91538ec1p-1",
    ]
    assert [z.hex() for z in draws.normal(10**12, 4)[:, 0].tolist()] == [
        "0x1.7fd70d17e3fedp-3",
        "-0x1.ab8e4f8acdf3cp-1",
        "-0x1.41a7db40085e9p-1",
        "-0x1.2178a0f928797p-2",
    ]
