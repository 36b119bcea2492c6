"""GRLU: pairs of pushes tell the gradient, and hidden units learn from nothing else."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.bench.alignment import alignments, gradient
from edgelearn.bench.systems import grlu as figures
from edgelearn.errors import ConfigError, InputError
from edgelearn.signals import perturbation
from edgelearn.systems import chain
from edgelearn.systems.grlu import FLOOR, GRLU, PUBLISHED, inputs
from edgelearn.systems.grlu_passes import paired, shown
from edgelearn.testing.fills import same_bits

SMALL = (20, 30, 5)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    X, y = X.astype(np.float32) / 16, y.astype(np.int64)
    return X[:1200], y[:1200], X[1200:], y[1200:]


def made(n=40, sizes=SMALL, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, sizes[0]), np.float32), np.arange(n) % sizes[-1]


def score(digits, **settings):
    X, y, X_test, y_test = digits
    net = GRLU((64, 16, 10), **settings)
    for _ in net.fit(X, y, epochs=6):
        pass
    return (net.predict_many(X_test) == y_test).mean()


def thirds(pairs, sigma=1e-3):
    """The mean third factor of pairs of passes, and the true gradient, in float64."""
    w = [each.astype(np.float64) for each in GRLU(SMALL).w]
    x = inputs(made(1)[0])[0].astype(np.float64)
    signal, mean = perturbation.signal(sigma, 7), np.zeros(35)
    state = signal.init(35)
    for _ in range(pairs):
        state, third, *_ = paired(w, x, 2, signal, state)
        mean += third / pairs
    return mean, gradient(w, x, 2)


# -- what pairs say ------------------------------------------------------------------------------------


def test_pairs_align_with_the_true_gradient_the_better_the_more_there_are():
    cosines = []
    for pairs in (16, 128, 2000):
        mean, true = thirds(pairs)
        cosines.append(mean @ true / np.linalg.norm(mean) / np.linalg.norm(true))
    assert 0.35 < cosines[0] < cosines[1] < cosines[2]
    assert cosines[1] > 0.8
    assert cosines[2] > 0.98


def test_other_noise_in_the_second_pass_of_a_pair_halves_what_it_says():
    """It still points up the reward, as well as half the pairs would."""
    same, other = alignments("same", seeds=2), alignments("other", seeds=2)
    assert same[16] > other[16] + 0.03
    assert same[128] > other[128] + 0.03
    assert other[1024] > 0.9


@pytest.mark.parametrize("sigma", [1e-3, 1e-2])
def test_its_size_is_that_of_the_gradient_whatever_sigma_is(sigma):
    mean, true = thirds(2000, sigma)
    assert mean @ true / (true @ true) == pytest.approx(1, abs=0.12)


def test_a_pass_without_a_push_is_what_prediction_sees():
    net = GRLU((20, 9, 8, 5), seed=4)
    X, _ = made(6, (20, 9, 8, 5))
    features, labels = net.features(X), net.predict_many(X)
    for x, feature, label in zip(inputs(X), features, labels, strict=True):
        passes = [shown(net.w, x, k, np.zeros(22, np.float32)) for k in range(5)]
        np.testing.assert_allclose(passes[0].pres[-1][:-1], feature, atol=1e-5)
        rewards = [each.reward for each in passes]
        assert np.argmax(rewards) == label
        assert np.exp(rewards).sum() == pytest.approx(1, abs=1e-5)  # log softmax


def test_one_mean_and_deviation_for_all_inputs_change_nothing():
    net, (X, _) = GRLU(SMALL), made()
    np.testing.assert_allclose(net.features(X * 3 - 1), net.features(X), atol=1e-4)
    assert same_bits(net.features(X), chain.run(net.frozen(), X))


def test_published_steps_fall_with_the_variance_of_the_push_and_ours_do_not():
    for left in (1.0, 0.5):
        rule, signal = GRLU(SMALL, pairs=4, **PUBLISHED).parts(left)
        assert rule.params.eta == pytest.approx(0.1 * left * (0.1 * left) ** 2 / 4)
        assert signal.params.sigma == pytest.approx(0.1 * left)
        assert GRLU(SMALL, pairs=4).parts(left)[0].params.eta == pytest.approx(3e-3 * left / 4)
    assert GRLU(SMALL).parts(1e-6)[1].params.sigma == np.float32(FLOOR)


# -- learning and its controls ---------------------------------------------------------------------------


def test_hidden_units_learn_and_nothing_does_without_its_own_reward(digits):
    learned = score(digits)
    assert learned > 0.85
    assert learned > max(score(digits, still=True), score(digits, quiet=True)) + 0.08
    assert score(digits, stale=True) < 0.3


def test_pushes_too_small_hardly_move_the_published_form(digits):
    assert score(digits, **PUBLISHED) > score(digits, **PUBLISHED | {"sigma": 1e-3}) + 0.4


@pytest.mark.parametrize("control", ["still", "quiet"])
def test_a_frozen_net_moves_its_last_layer_alone(control):
    X, y = made()
    net = GRLU((20, 9, 8, 5), **{control: True})
    before = [np.array(w) for w in net.w]
    list(net.fit(X, y, epochs=1))
    assert [same_bits(a, b) for a, b in zip(net.w, before, strict=True)] == [True, True, False]


def test_a_seed_says_everything():
    X, y = made()
    one, two, other = (GRLU(SMALL, seed=seed) for seed in (5, 5, 6))
    for net in (one, two, other):
        assert list(net.fit(X, y, epochs=2)) == [1, 2]
    assert all(map(same_bits, one.w, two.w))
    assert not any(map(same_bits, one.w, other.w))


# -- state, and what is refused -----------------------------------------------------------------------------


def test_a_state_goes_on_where_it_was():
    X, y = made()
    one, two = GRLU(SMALL, seed=1), GRLU(SMALL, seed=2)
    list(one.fit(X, y, epochs=1, shuffled=False))
    two.load({name: np.array(a) for name, a in one.state().items()})
    for net in (one, two):
        list(net.fit(X, y, epochs=1, shuffled=False))
    assert all(map(same_bits, one.w, two.w))
    assert one.arrays["sample"] == 2 * 40 * 16


@pytest.mark.parametrize("spoil", [
    lambda s: s.pop("w0"),
    lambda s: s.update(extra=np.zeros(1)),
    lambda s: s.update(w0=s["w0"][:-1]),
    lambda s: s.update(w1=np.full_like(s["w1"], np.nan)),
    lambda s: s.update(sample=s["sample"].astype(np.int32)),
])  # fmt: skip
def test_a_state_of_another_net_is_refused_whole(spoil):
    net = GRLU(SMALL)
    given = {name: np.array(a) + 1 for name, a in net.state().items()}
    given = {name: a.astype(net.arrays[name].dtype) for name, a in given.items()}
    spoil(given)
    before = [np.array(w) for w in net.w]
    with pytest.raises(InputError):
        net.load(given)
    assert all(map(same_bits, net.w, before))


def spoilt(value):
    X, _ = made()
    X[33, 4] = value
    return X


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (spoilt(np.nan), made()[1]), (spoilt(np.inf), made()[1]), (spoilt(1e20), made()[1]),
        (made()[0][:, 1:], made()[1]), (made()[0][0], made()[1]), (made()[0].astype(np.float64), made()[1]),
        (made()[0].tolist(), made()[1]), (made()[0], made()[1][1:]), (made()[0], made()[1] + 1),
        (made()[0], made()[1] - 1), (made()[0], made()[1] * 0), (made()[0], made()[1].astype(np.float32)),
        (made()[0][:0], made()[1][:0]), (made()[0][:1], made()[1][:1]),
    ],
)  # fmt: skip
def test_bad_samples_teach_nothing(X, y):
    net = GRLU(SMALL)
    before, draws = [np.array(w) for w in net.w], net.rng.bit_generator.state
    with pytest.raises(InputError):
        net.fit(X, y)
    if len(X) == 0 or len(set(np.ravel(y).tolist())) > 1:  # some samples may all be of one class
        with pytest.raises(InputError):
            net.learn(X, y)
    assert all(map(same_bits, net.w, before))
    assert net.arrays["sample"] == 0
    assert net.rng.bit_generator.state == draws


def test_epochs_are_a_whole_number_and_nothing_is_learned_before_they_are_asked_for():
    net = GRLU(SMALL)
    before = [np.array(w) for w in net.w]
    for epochs in (0, 1.5, True):
        with pytest.raises(ConfigError, match="epochs"):
            net.fit(*made(), epochs=epochs)
    with pytest.raises(ConfigError, match="shuffled"):
        net.fit(*made(), shuffled="no")
    assert all(map(same_bits, net.w, before))


def test_weights_that_run_away_are_taken_back():
    net = GRLU(SMALL, eta=1e12)
    before = [np.array(w) for w in net.w]
    with pytest.raises(InputError, match="run away; lower eta"):
        list(net.fit(*made()))
    assert all(map(same_bits, net.w, before))
    assert net.arrays["sample"] == 0


@pytest.mark.parametrize(
    "wrong",
    [{"sizes": 20}, {"sizes": (20, 5)}, {"sizes": (20, 0, 5)}, {"sizes": (20, 9, 1)}, {"pairs": 0}, {"eta": 0},
     {"sigma": -1}, {"divided": 1}, {"gated": "no"}, {"still": None}, {"quiet": 1}, {"stale": 0},
     {"seed": -1}, {"seed": 2**32}],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_named(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        GRLU(**({"sizes": SMALL} | wrong))


@pytest.mark.parametrize("best", ["published_frozen", "published_quiet", "quiet"])
def test_ours_is_measured_against_the_best_frozen_net_of_its_seed(best):
    row = figures._row(dict.fromkeys(figures.NETS, 0.5) | {"improved": 0.9, best: 0.8})
    assert row["best_frozen"] == 0.8
    assert row["over_frozen"] == pytest.approx(0.1)


def test_the_frozen_control_of_many_pairs_differs_from_it_in_nothing_else():
    (epochs, settings), (epochs_quiet, quiet) = (
        figures.NETS[name] for name in ("published_many", "published_many_quiet")
    )
    assert epochs == epochs_quiet
    assert quiet == settings | {"quiet": True}
