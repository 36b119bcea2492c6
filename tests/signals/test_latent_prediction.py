"""Latent prediction is the gradient it says it is, knows the stream, and teaches units to follow what is slow."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError
from edgelearn.layer import Layer
from edgelearn.rules import hebb
from edgelearn.signals import latent_prediction as lp
from edgelearn.testing import check_signal

SMALL = 1e-4
PARTS = {"predict": (1, 0, 0), "hebb": (0, 1, 0), "decorrelate": (0, 0, 10), "all": (0.5, 2, 7)}
parts = pytest.mark.parametrize("weights", PARTS.values(), ids=PARTS)


def gradient(value, x):
    """Return the derivative of value(x) by each entry of x, by central differences."""
    pushes = SMALL * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(value(x + p) - value(x - p)) / (2 * SMALL) for p in pushes]).reshape(x.shape)


def off_diagonal(c):
    return c[~np.eye(len(c), dtype=bool)]


def state_of(rng, n):
    """Return a state in the middle of a stream, in float64."""
    seen = rng.normal(size=(50, n)) @ rng.normal(size=(n, n))
    covariance = np.cov(seen.T)
    state = lp.State(seen[-1], seen.mean(axis=0), np.diagonal(covariance).copy(), covariance, np.ones(1))
    np.fill_diagonal(state.covariance, 0)
    return state


@pytest.mark.kernels
@pytest.mark.parametrize(
    "constants", [{"alpha": 0.0}, {"hebb": 0.0, "decorrelate": 0.0}, {"epsilon": 1e-4, "alpha": 0.5}]
)
def test_it_keeps_the_promises_of_a_signal_with_other_constants(constants):
    check_signal(lp.signal(**constants))


@parts
def test_one_sample_goes_down_the_gradient_of_the_loss_by_the_newer_view(weights):
    rng, n = np.random.default_rng(0), 5
    state, out, share = state_of(rng, n), rng.normal(size=n), 1e-6
    signal = lp.signal(*weights, epsilon=0.1)

    def loss(out):
        """Of the stream with this sample in it; its share in the statistics is taken out again."""
        c = out - state.mean
        variance = state.variance + share * (c * c - state.variance)
        covariance = state.covariance + share * (np.outer(c, c) - state.covariance)
        moved = -weights[1] * np.log(variance + signal.params.epsilon).mean()
        moved += weights[2] * (off_diagonal(covariance) ** 2).mean()
        return weights[0] * ((out - state.previous) ** 2).mean() + moved / share

    third = signal.step(signal.params, state, out, np.zeros(0))[1]
    assert third == pytest.approx(-n / 2 * gradient(loss, out), rel=1e-3, abs=1e-4)


@parts
def test_of_pairs_is_the_gradient_of_the_loss_over_a_batch_by_both_views(weights):
    rng, signal = np.random.default_rng(1), lp.signal(*weights, epsilon=1e-4)
    one, two = rng.normal(size=(2, 7, 4))

    def loss(views):
        found = weights[0] * ((views[0] - views[1]) ** 2).mean()
        for view in views:
            covariance = np.cov(view.T)
            found -= weights[1] * np.log(np.diagonal(covariance) + signal.params.epsilon).mean() / 2
            found += weights[2] * (off_diagonal(covariance) ** 2).mean() / 2
        return found

    thirds = np.stack(lp.of_pairs(signal.params, one, two))
    assert -2 / one.size * thirds == pytest.approx(gradient(loss, np.stack((one, two))), abs=1e-6)


def test_units_that_vary_together_by_no_covariance_are_left_alone():
    """The published equation multiplies squared deviations, and would push these."""
    view = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    assert not np.stack(lp.of_pairs(lp.signal(0, 0, 10).params, view, view)).any()


def test_the_statistics_are_those_of_the_stream():
    rng, signal = np.random.default_rng(0), lp.signal(alpha=0.002)
    mix, offset = rng.normal(size=(4, 4)), rng.normal(size=4)
    seen = (rng.normal(size=(5000, 4)) @ mix + offset).astype(np.float32)
    state = signal.init(4)
    for out in seen:
        state, _ = signal.step(signal.params, state, out, np.zeros(0, np.float32))
    true = mix.T @ mix
    assert state.mean == pytest.approx(offset, abs=0.3)
    assert state.variance == pytest.approx(np.diagonal(true), rel=0.3)
    assert off_diagonal(state.covariance) == pytest.approx(off_diagonal(true), abs=0.6)
    assert not np.diagonal(state.covariance).any()
    assert (state.previous == seen[-1]).all()


def test_the_first_sample_is_only_kept():
    signal, out = lp.signal(), np.array([3, -1], np.float32)
    state, third = signal.step(signal.params, signal.init(2), out, np.zeros(0, np.float32))
    assert not third.any()
    again = signal.step(signal.params, state, out, np.zeros(0, np.float32))[1]
    assert not again.any()  # nothing has changed, and no variance is known but the one it started with


def test_a_unit_that_never_fires_asks_for_nothing_infinite():
    signal, state = lp.signal(alpha=0.5), lp.init(2)
    for k in range(200):
        out = np.array([0, k % 2], np.float32)
        state, third = signal.step(signal.params, state, out, np.zeros(0, np.float32))
        assert third[0] == 0
        assert abs(third[1]) < 100


def stream(n=3000):
    """Return frames (n, 6) of a slow cause and a louder quick one, mixed, and both causes."""
    rng = np.random.default_rng(0)
    slow = np.sin(np.arange(n) / 20 + np.cumsum(rng.normal(size=n) * 0.05))
    quick = 1.5 * rng.normal(size=n)
    mixed = np.stack([slow, quick], axis=1) @ np.linalg.qr(rng.normal(size=(5, 5)))[0][:2]
    x = np.concatenate([mixed + 0.05 * rng.normal(size=mixed.shape), np.ones((n, 1))], axis=1)
    return x.astype(np.float32), slow, quick


def loyalty(mixed, **weights):
    """Return how much more lone units follow the slow cause than the quick one, after one pass."""
    x, slow, quick = stream()
    frames, follow = x[np.random.default_rng(1).permutation(len(x))] if mixed else x, []
    for seed in range(3):
        layer = Layer(
            1, hebb.rule(eta=5e-3, sees="slope"), "relu", lp.signal(alpha=0.005, **weights), seed=seed
        )
        for frame in frames:
            layer.learn_one(frame)
        out = layer.transform_many(x)[:, 0]
        follow.append([abs(np.corrcoef(out, cause)[0, 1]) for cause in (slow, quick)])
    return np.mean(follow, axis=0) @ [1, -1]


def test_units_follow_what_is_slow_only_where_frames_follow_each_other():
    in_order, mixed, blind = loyalty(False), loyalty(True), loyalty(False, predict=0.0)
    assert in_order > 0.3
    assert max(mixed, blind) < 0


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"predict": -1}, "predict must be at least 0"),
        ({"hebb": np.nan}, "hebb must be at least 0"),
        ({"decorrelate": np.inf}, "decorrelate must be at least 0"),
        ({"epsilon": 0}, "epsilon must be above 0"),
        ({"alpha": 1.0}, r"alpha must be in \[0, 1\)"),
    ],
)
def test_settings_out_of_bounds_are_refused(setting, said):
    with pytest.raises(ConfigError, match=said):
        lp.signal(**setting)
