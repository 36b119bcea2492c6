"""What is known of each signal: the gradient it is, the bounds it has."""

import math

import numpy as np
import pytest

from edgelearn import signals
from edgelearn.errors import ConfigError, InputError
from edgelearn.signals import perturbation, prediction_error, synchrony

pytestmark = pytest.mark.kernels

SMALL = 1e-6


def third_of(signal, out, teach, state=None):
    """Return the next state and the third factor, in float64."""
    state = signal.init(len(out)) if state is None else state
    double = state._make(a.astype(np.float64) if a.dtype == np.float32 else a for a in state)
    return signal.step(signal.params, double, np.asarray(out, np.float64), np.asarray(teach, np.float64))


def gradient(value, x):
    """Return the derivative of value(x) by each entry of x, by central differences."""
    pushes = SMALL * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(value(x + p) - value(x - p)) / (2 * SMALL) for p in pushes]).reshape(x.shape)


def test_label_error_is_the_gradient_of_the_likelihood_through_a_softmax():
    u, t = np.array([0.3, -1.0, 2.0]), np.eye(3)[1]
    share = np.exp(u) / np.exp(u).sum()
    true = gradient(lambda u: u[1] - np.log(np.exp(u).sum()), u)
    assert third_of(signals.make("label_error"), share, t)[1] == pytest.approx(true, abs=1e-8)


@pytest.mark.parametrize("real", [0, 1])
def test_goodness_with_hebb_is_the_gradient_of_the_likelihood_of_being_real(real):
    rng = np.random.default_rng(0)
    x, w, signal = rng.normal(size=4), rng.normal(size=(4, 6)), signals.make("goodness", theta=0.5)

    def likelihood(w):
        p = 1 / (1 + np.exp(0.5 * 6 - (np.maximum(x @ w, 0) ** 2).sum()))
        return np.log(p if real else 1 - p)

    y = np.maximum(x @ w, 0)
    third = third_of(signal, y, [real])[1]
    assert x[:, None] * y * third == pytest.approx(gradient(likelihood, w), abs=1e-6)


def test_synchrony_is_the_gradient_of_the_cross_entropy_by_the_output():
    rng = np.random.default_rng(0)
    out, t, signal = rng.uniform(size=30), np.eye(5)[2], signals.make("synchrony", n_classes=5)
    basis = signal.init(30).basis

    def likelihood(out):
        logits = out / np.linalg.norm(out) @ basis / 0.5
        return logits[2] - np.log(np.exp(logits).sum())

    third = third_of(signal, out, t)[1]
    assert third == pytest.approx(gradient(likelihood, out), abs=1e-7)
    assert abs(third @ out) < 1e-12  # it turns the output, and does not stretch it


@pytest.mark.parametrize(("n_classes", "n_post"), [(10, 256), (100, 512), (200, 2048)])
def test_the_waves_of_synchrony_are_nearly_orthogonal(n_classes, n_post):
    basis = synchrony.init(n_classes, n_post).basis.astype(np.float64)
    unit = basis / np.linalg.norm(basis, axis=0)
    assert np.abs(unit.T @ unit - np.eye(n_classes)).max() < 0.3


def test_waves_with_a_phase_in_float32_would_have_other_signs():
    n, f = 8192, np.linspace(50, 512, 10)
    rough = np.sign(np.sin((np.arange(n)[:, None] * f).astype(np.float32)))
    assert (rough != synchrony.init(10, n).basis).mean() > 1e-3


def test_silent_units_are_taught_nothing_by_synchrony():
    signal = signals.make("synchrony")
    assert not third_of(signal, np.zeros(8), np.eye(10)[0])[1].any()


def test_feedback_is_drawn_by_its_seed_and_never_learns():
    one, two, other = (signals.make("feedback", n_error=4, seed=seed) for seed in (1, 1, 2))
    assert (one.init(6).weights == two.init(6).weights).all()
    assert (one.init(6).weights != other.init(6).weights).any()
    error = np.array([1.0, 0, -1, 0.5])
    state, third = third_of(one, np.zeros(6), error)
    assert third == pytest.approx(error @ one.init(6).weights)
    assert (state.weights == one.init(6).weights).all()


def test_a_reward_teaches_by_its_surprise_and_the_baseline_moves_after():
    signal = signals.make("reward", alpha=0.5)
    state, third = third_of(signal, np.zeros(3), [1.0])
    assert third.tolist() == [1, 1, 1]
    _, third = third_of(signal, np.zeros(3), [1.0], state)
    assert third.tolist() == [0.5, 0.5, 0.5]
    for _ in range(60):
        state, third = third_of(signal, np.zeros(3), [1.0], state)
    assert abs(third).max() < 1e-12


def test_of_a_choice_only_the_chosen_unit_learns():
    signal = signals.make("reward_choice")
    assert third_of(signal, [0.2, 0.5, 0.3], [1, 1])[1].tolist() == [0, 0.5, 0]
    assert third_of(signal, [0.2, 0.5, 0.3], [1, 0])[1].tolist() == [0, -0.5, 0]


def test_a_unit_that_is_often_wrong_is_believed_less():
    signal, rng = signals.make("prediction_error", alpha=0.02), np.random.default_rng(0)
    state, noise = signal.init(2), np.array([2.0, 0.5])
    for _ in range(2000):
        state, _ = third_of(signal, np.zeros(2), rng.normal(size=2) * noise, state)
    assert state.variance == pytest.approx(noise**2, rel=0.4)
    _, third = third_of(signal, np.zeros(2), np.ones(2), state)
    assert third == pytest.approx(1 / state.variance)
    plain = signals.make("prediction_error", alpha=0.0)
    assert third_of(plain, [0.5, 0.0], [1.0, -2.0])[1].tolist() == [0.5, -2.0]


def test_rank_teaches_the_first_and_the_kth():
    assert third_of(signals.make("rank", delta=0.5), [0, 1, -1, 0], [])[1].tolist() == [0, 1, -0.5, 0]


# -- perturbation ---------------------------------------------------------------------------------------


def test_noise_is_of_mean_0_variance_1_symmetric_and_independent():
    signal = perturbation.signal(sigma=1.0, seed=5)
    states = [signal.init(40)._replace(sample=np.array([k])) for k in range(2000)]
    z = np.stack([perturbation.noise(signal.params, state, 40) for state in states])
    assert abs(z.mean()) < 0.02
    assert z.std() == pytest.approx(1, abs=0.01)
    assert (z**4).mean() == pytest.approx(2.7, abs=0.1)  # of a sum of four; 3 is normal
    assert np.abs(z).max() < 3.5
    assert np.abs(np.corrcoef(z.T) - np.eye(40)).max() < 0.12
    other = perturbation.noise(signal.params, perturbation.init(6, 40), 40)
    assert abs(np.corrcoef(z[0], other)[0, 1]) < 0.5


@pytest.mark.parametrize("sigma", [0.001, 0.1])
def test_perturbation_follows_the_gradient_of_the_reward_on_average(sigma):
    rng = np.random.default_rng(0)
    goal, out = rng.normal(size=8), rng.normal(size=8)
    signal, mean = perturbation.signal(sigma=sigma, seed=1), np.zeros(8)
    state = signal.init(8)
    for _ in range(3000):
        push = perturbation.noise(signal.params, state, 8).astype(np.float64)
        plus, minus = (-((out + side * push - goal) ** 2).sum() for side in (1, -1))
        state, third = third_of(signal, out, [(plus - minus) / 2], state)
        mean += third / 3000
    true = 2 * (goal - out)
    assert mean @ true / np.linalg.norm(mean) / np.linalg.norm(true) > 0.98
    assert np.linalg.norm(mean) == pytest.approx(np.linalg.norm(true), rel=0.15)  # whatever sigma is


def test_what_is_learned_is_the_noise_that_was_shown():
    signal = perturbation.signal(sigma=0.5, seed=3)
    state = signal.init(5)
    for _ in range(3):
        push = perturbation.noise(signal.params, state, 5)
        state, third = third_of(signal, np.zeros(5), [0.25], state)
        assert third == pytest.approx(push / 0.5 * 0.25 / 0.5)


# -- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "setting", "value", "bound"),
    [
        ("feedback", "n_error", 0, "n_error must be a whole number of at least 1"),
        ("feedback", "seed", -1, "seed must be a whole number of at least 0"),
        ("goodness", "theta", 0, "theta must be above 0"),
        ("reward", "alpha", 1, r"alpha must be in \[0, 1\)"),
        ("reward", "alpha", math.nan, r"alpha must be in \[0, 1\)"),
        ("perturbation", "sigma", 0, "sigma must be above 0"),
        ("perturbation", "seed", 1.5, "seed must be a whole number of at least 0"),
        ("perturbation", "seed", 2**63, "seed must be below"),
        ("synchrony", "n_classes", 1, "n_classes must be a whole number of at least 2"),
        ("synchrony", "tau", -0.5, "tau must be above 0"),
        ("prediction_error", "alpha", 1, r"alpha must be in \[0, 1\)"),
        ("prediction_error", "epsilon", 0, "epsilon must be above 0"),
        ("rank", "delta", -0.1, "delta must be at least 0"),
        ("competition", "delta", 1, "signal competition has no setting 'delta'; it has none"),
        ("reword", "alpha", 1, "no signal is called 'reword'"),
    ],
)
def test_makers_name_the_argument_and_its_bound(name, setting, value, bound):
    with pytest.raises(ConfigError, match=bound):
        signals.make(name, **{setting: value})


@pytest.mark.parametrize("name", ["label_error", "synchrony"])
def test_a_label_is_within_0_and_1(name):
    signal = signals.make(name)
    signal.check(4, np.array([0, 0.25, 0.75, 1], np.float32))
    for teach in ([5, -3, 2, 9], [0, 0, 1.01, 0], [-0.01, 0, 0, 1]):
        with pytest.raises(InputError, match=r"teach is a label, each value in \[0, 1\], not"):
            signal.check(4, np.array(teach, np.float32))


@pytest.mark.parametrize("teach", [[3, 1], [-1, 1], [0.5, 1]])
def test_the_choice_of_a_unit_that_is_not_there_is_refused(teach):
    with pytest.raises(InputError, match=r"teach\[0\] must be the index of the chosen unit, below 3, not"):
        signals.make("reward_choice").check(3, np.array(teach, np.float32))


def test_a_sample_is_real_or_it_is_not():
    with pytest.raises(
        InputError, match="teach must be 1 for a real sample and 0 for a corrupted one, not 2"
    ):
        signals.make("goodness").check(3, np.array([2], np.float32))


@pytest.mark.parametrize("epsilon", [0.01, 2.0])
def test_prediction_errors_of_many_are_those_of_each(epsilon):
    signal = prediction_error.signal(0.0, epsilon)
    out, teach = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    each = [signal.step(signal.params, signal.init(3), o, t)[1] for o, t in zip(out, teach, strict=True)]
    np.testing.assert_allclose(signal.batch(signal.params, out, teach), each, rtol=1e-6)
