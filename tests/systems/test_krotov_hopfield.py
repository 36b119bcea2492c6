"""Krotov–Hopfield: ranked competition by the equations, what it is worth on digits, and what must fail."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.bench import linear
from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import ranked
from edgelearn.systems.krotov_hopfield import KrotovHopfield
from edgelearn.testing.fills import same_bits


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    X = X.astype(np.float32) / 16
    return X[:1200], y[:1200], X[1200:], y[1200:]


def fitted(X, n_units=30, epochs=150, **settings):
    net = KrotovHopfield(X.shape[1], n_units, **settings)
    for _ in net.fit(X, epochs=epochs):
        pass
    return net


@pytest.fixture(scope="module")
def learned(digits):
    return fitted(digits[0])


def score(net, digits):
    X, y, X_test, y_test = digits
    return linear.ridge(net.features(X), y, net.features(X_test), y_test)


@pytest.mark.parametrize(("p", "k", "delta"), [(2, 2, 0.4), (3, 4, 0.2), (2.5, 3, 0.0)])
def test_a_step_is_the_equations(p, k, delta):
    X = np.random.default_rng(1).uniform(size=(9, 12)).astype(np.float32)
    net = KrotovHopfield(12, 6, p=p, k=k, delta=delta)
    w = net.arrays["w"].astype(np.float64)
    change = np.zeros_like(w)
    for x in X.astype(np.float64):
        u = (np.sign(w) * np.abs(w) ** (p - 1)).T @ x
        order = np.argsort(-u)
        g = np.zeros(6)
        g[order[0]], g[order[k - 1]] = 1, -delta
        change += g * (x[:, None] - u * w)
    net.learn(X, 0.05)
    assert net.arrays["w"] - w == pytest.approx(0.05 * change / np.abs(change).max(), abs=2e-5)


@pytest.mark.parametrize("p", [2, 3])
def test_the_code_is_the_drive_to_the_power_of_the_paper(p):
    X = np.random.default_rng(1).uniform(size=(9, 12)).astype(np.float32)
    net = KrotovHopfield(12, 6, p=p, seed=1)
    w = net.arrays["w"].astype(np.float64)
    code = np.maximum(0, X @ (np.sign(w) * np.abs(w) ** (p - 1))) ** 4.5
    assert (code > 0).any()
    np.testing.assert_allclose(net.features(X), code, rtol=2e-4, atol=1e-6)
    assert net.norms() == pytest.approx((np.abs(w) ** p).sum(axis=0) ** (1 / p), rel=1e-5)


def test_constants_are_those_of_the_authors_notebook():
    net = KrotovHopfield(12, 6)
    assert (net.p, net.neuron.params.k, net.eta) == (2, 2, pytest.approx(0.02))
    assert net.signal.params.delta == np.float32(0.4)


def test_the_rate_falls_linearly_to_0():
    net, moved = KrotovHopfield(5, 4), []
    X = np.random.default_rng(0).uniform(size=(40, 5)).astype(np.float32)
    before = np.array(net.arrays["w"])
    for _ in net.fit(X, epochs=4, batch=40):
        moved.append(np.abs(net.arrays["w"] - before).max())
        before = np.array(net.arrays["w"])
    assert moved == pytest.approx(0.02 * np.array([1, 0.75, 0.5, 0.25]), rel=1e-3)


def test_units_that_win_come_to_norm_1(learned, digits):
    assert np.median(learned.norms()) == pytest.approx(1, abs=0.03)
    assert learned.winners(digits[0]) >= 18
    assert np.median(KrotovHopfield(64, 30).norms()) > 7


def test_with_p_3_it_is_the_norm_of_p_3():
    X = load_digits().data[:600].astype(np.float32) / 16
    net = fitted(X, 20, p=3, k=4, delta=0.1)
    assert np.median(net.norms()) == pytest.approx(1, abs=0.05)
    assert np.median(np.linalg.norm(net.arrays["w"], axis=0)) > 1.1


def test_learned_units_beat_random_ones_and_those_that_all_learn(learned, digits):
    found = score(learned, digits)
    assert found > score(KrotovHopfield(64, 30), digits) + 0.05
    assert found > score(fitted(digits[0], competing=False), digits) + 0.05


@pytest.mark.parametrize("k", [2, 3, 7])
def test_ranks_of_many_are_those_of_one_with_ties_and_nan(k):
    drives = np.random.default_rng(k).integers(-2, 3, (200, 7)).astype(np.float32)
    drives[::7, 3] = np.nan
    drives[::9] = np.nan
    neuron = ranked.neuron(k)
    each = [neuron.step(neuron.params, neuron.init(7), drive)[1] for drive in drives]
    assert np.array_equal(neuron.batch(neuron.params, drives), each)


def test_the_same_seed_gives_the_same_net_and_another_another(digits):
    one, again, other = (fitted(digits[0][:300], epochs=2, seed=seed) for seed in (3, 3, 4))
    assert same_bits(one.arrays["w"], again.arrays["w"])
    assert not same_bits(one.arrays["w"], other.arrays["w"])


def test_unshuffled_samples_keep_their_order():
    X = np.random.default_rng(0).uniform(size=(60, 5)).astype(np.float32)
    net, by_hand = KrotovHopfield(5, 4), KrotovHopfield(5, 4)
    for _ in net.fit(X, epochs=1, batch=20, shuffled=False):
        pass
    for k in range(3):
        by_hand.learn(X[20 * k : 20 * k + 20], by_hand.eta * (1 - k / 3))
    assert same_bits(net.arrays["w"], by_hand.arrays["w"])


def test_state_comes_back_whole(learned, digits):
    other = KrotovHopfield(64, 30, seed=7)
    other.load({name: np.array(array) for name, array in learned.state().items()})
    assert same_bits(other.features(digits[2]), learned.features(digits[2]))


@pytest.mark.parametrize(
    "wrong", [{}, {"w": np.zeros((64, 29), np.float32)}, {"w": np.full((64, 30), np.inf, np.float32)}]
)
def test_a_state_of_another_net_is_refused_and_nothing_changes(wrong):
    net = KrotovHopfield(64, 30)
    before = np.array(net.arrays["w"])
    with pytest.raises(InputError):
        net.load(wrong)
    assert same_bits(net.arrays["w"], before)


@pytest.mark.parametrize(
    ("X", "said"),
    [
        (np.zeros((200, 63), np.float32), "64 values"),
        (np.zeros((200, 64)), "float32"),
        (np.full((200, 64), np.nan, np.float32), "NaN"),
        (np.zeros((99, 64), np.float32), "fewer than a batch of 100"),
        (np.zeros((0, 64), np.float32), "no samples"),
    ],
)
def test_bad_input_is_refused_and_nothing_learned(X, said):
    net = KrotovHopfield(64, 30)
    before, draws = np.array(net.arrays["w"]), net.rng.bit_generator.state
    with pytest.raises(InputError, match="fewer than a batch" if len(X) < 100 else said):
        net.fit(X)
    if len(X) != 99:
        with pytest.raises(InputError, match=said):
            net.learn(X, 0.02)
    assert same_bits(net.arrays["w"], before)
    assert net.rng.bit_generator.state == draws


def test_weights_that_run_away_and_codes_beyond_float32_are_refused():
    X = np.random.default_rng(0).uniform(size=(60, 5)).astype(np.float32)
    net = KrotovHopfield(5, 4, eta=1e30)
    with pytest.raises(InputError, match="learning runs away at w"):
        list(net.fit(X, batch=10))
    assert same_bits(net.arrays["w"], KrotovHopfield(5, 4).arrays["w"])
    with pytest.raises(InputError, match=r"power 4\.5 is beyond float32"):
        net.features(X * np.float32(1e10))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"k": 31}, "k must be at most"),
        ({"k": 1}, "k must"),
        ({"p": 1.0}, "p must"),
        ({"delta": -0.1}, "delta"),
        ({"eta": 0.0}, "eta"),
        ({"n_units": 1}, "n_units"),
        ({"competing": "no"}, "competing"),
    ],
)
def test_bad_settings_are_named(settings, said):
    with pytest.raises(ConfigError, match=said):
        KrotovHopfield(**{"n_pre": 64, "n_units": 30} | settings)
