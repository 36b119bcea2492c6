"""Forward-Forward: exact local gradients, labels that matter, and refusals that leave nothing learned."""

from functools import cache

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems import chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.forward_forward import ForwardForward

SIZES = (20, 16, 12)
EPOCHS = 20


@cache
def digits():
    """Digits beside room for a label: x (n, 10 + 64), y (n,), the last 500 for test."""
    data = load_digits()
    x = np.concatenate([np.zeros((len(data.data), 10)), data.data / 16], axis=1).astype(np.float32)
    y = data.target.astype(np.int64)
    return x[:-500], y[:-500], x[-500:], y[-500:]


@cache
def trained(**setting):
    x, y, _, _ = digits()
    net = ForwardForward((74, 200, 200), **setting)
    list(net.fit(x, y, epochs=EPOCHS, batch=50))
    return net


def small(n=40, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 20)).astype(np.float32), rng.integers(0, 10, n)


def score(found, y):
    return float((found == y).mean())


def in_float64(spread=1.0, offset=0.1):
    net = ForwardForward((8, 6, 5, 4), 3)
    net.arrays = {name: a.astype(np.float64) for name, a in net.arrays.items()}
    for k in range(net.depth):
        net.arrays[f"w{k}"] *= spread
        net.arrays[f"b{k}"] += offset
    return net


def layer_loss(a, recent, n):
    """Mean of -log p(real) and -log p(corrupted) over 2n samples, and the peer term, written out once more."""
    excess = (a**2).sum(axis=1) - a.shape[1]
    fits = (np.log1p(np.exp(-excess[:n])).sum() + np.log1p(np.exp(excess[n:])).sum()) / (2 * n)
    follow, peer = 0.1, 0.03  # of the authors' peer term
    mean = (1 - follow) * recent + follow * a[:n].mean(axis=0)
    return fits + peer * ((mean.mean() - mean) ** 2).mean()


@pytest.mark.parametrize("k", [0, 1, 2])
def test_each_layer_goes_down_its_own_loss_and_no_other(k):
    rng, net = np.random.default_rng(1), in_float64(spread=0.1, offset=0.6)  # all units active
    real, corrupted = rng.normal(size=(4, 8)), rng.normal(size=(4, 8))
    pre = np.concatenate([real, corrupted])
    for below in range(k):
        pre = np.maximum(_norm(pre) @ net.arrays[f"w{below}"] + net.arrays[f"b{below}"], 0)
    recent = net.arrays[f"recent{k}"].copy()
    found = net.apart(real, corrupted, [k])
    assert set(found) == {f"w{k}", f"b{k}"}

    def loss():
        return layer_loss(np.maximum(_norm(pre) @ net.arrays[f"w{k}"] + net.arrays[f"b{k}"], 0), recent, 4)

    for name, slope in found.items():
        array = net.arrays[name]
        for at in np.ndindex(array.shape):
            mid = array[at]
            array[at] = mid + 1e-6
            above = loss()
            array[at] = mid - 1e-6
            assert slope[at] == pytest.approx((above - loss()) / 2e-6, rel=1e-5, abs=1e-9)
            array[at] = mid


def _norm(x):
    return x / np.sqrt((x**2).mean(axis=1, keepdims=True))


def test_a_layer_does_not_know_what_is_above_it():
    rng, net = np.random.default_rng(1), in_float64()
    real, corrupted = rng.normal(size=(4, 8)), rng.normal(size=(4, 8))
    before = net.arrays["recent0"].copy()
    assert (before == 0.5).all()
    found = net.apart(real, corrupted, [0, 1, 2])
    net.arrays["w1"] += 1
    net.arrays["recent0"][...] = before
    again = net.apart(real, corrupted, [0, 1, 2])
    assert (found["w0"] == again["w0"]).all()
    assert (found["w1"] != again["w1"]).any()


def test_the_softmax_goes_down_its_cross_entropy():
    rng, net = np.random.default_rng(1), in_float64()
    x, y = rng.normal(size=(6, 8)).astype(np.float32), rng.integers(0, 3, 6)
    head = net.arrays["head"]
    head[...] = rng.normal(size=head.shape)
    found, features = net.asked(x, y, [net.depth])["head"], net.features(x).astype(np.float64)

    def loss():
        scores = features @ head
        return (np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(6), y]).mean()

    for at in np.ndindex(head.shape):
        mid = head[at]
        head[at] = mid + 1e-6
        above = loss()
        head[at] = mid - 1e-6
        assert found[at] == pytest.approx((above - loss()) / 2e-6, rel=1e-4, abs=1e-7)
        head[at] = mid


def test_the_rate_stays_for_half_the_steps_and_falls_to_nothing(monkeypatch):
    rates = []
    monkeypatch.setattr(Adam, "step", lambda _self, _weights, _gradient, rate: rates.append(rate))
    x, y = small()
    list(ForwardForward(SIZES, eta=0.01).fit(x, y, epochs=2, batch=10))
    assert rates == pytest.approx([0.01, 0.01, 0.01, 0.01, 0.01, 0.0075, 0.005, 0.0025])


def test_the_peer_term_wakes_a_silent_unit():
    rng, net = np.random.default_rng(1), in_float64()
    net.arrays["b0"][2] = -1e3
    found = net.apart(rng.normal(size=(4, 8)), rng.normal(size=(4, 8)), [0])
    assert found["b0"][2] < 0  # down the gradient is up for the offset


def test_it_learns_digits_by_either_readout():
    _, _, x, y = digits()
    net = trained()
    assert score(net.by_goodness(x), y) > 0.85
    assert score(net.predict_many(x), y) > 0.88


def test_real_samples_are_long_and_corrupted_ones_short_in_every_layer():
    _, _, x, y = digits()
    for real, wrong in zip(trained().goodness(x, y), trained().goodness(x, (y + 1) % 10), strict=True):
        assert real.mean() > 1 > wrong.mean()


def test_hard_wrong_labels_are_the_likely_ones():
    net = ForwardForward(SIZES, hard=True)
    shares = np.full((4000, 10), 0.01, np.float32)
    shares[:, 3], shares[:, 5] = 0.8, 0.12
    y = np.full(4000, 3)
    drawn = np.bincount(net._wrong(y, shares), minlength=10) / 4000
    assert drawn[3] == 0
    assert drawn[5] == pytest.approx(0.6, abs=0.03)
    sure = np.zeros((4000, 10), np.float32)
    sure[:, 3] = 1  # to the last bit
    assert np.bincount(net._wrong(y, sure), minlength=10) / 4000 == pytest.approx(
        np.where(np.arange(10) == 3, 0, 1 / 9), abs=0.02
    )
    even = np.bincount(ForwardForward(SIZES)._wrong(y, shares), minlength=10) / 4000
    assert even[3] == 0
    assert np.delete(even, 3) == pytest.approx(1 / 9, abs=0.02)


def test_as_drawn_the_goodness_rule_knows_nothing():
    _, _, x, y = digits()
    assert score(ForwardForward((74, 200, 200)).by_goodness(x), y) < 0.25


def test_without_corrupted_samples_every_sample_becomes_long():
    _, _, x, y = digits()
    net = trained(contrast=False)
    assert score(net.by_goodness(x), y) < 0.5
    assert all(wrong.mean() > 1.2 for wrong in net.goodness(x, (y + 1) % 10))


def test_labels_that_mean_nothing_teach_nothing():
    x, y, x_test, y_test = digits()
    net = ForwardForward((74, 200, 200))
    list(net.fit(x, np.random.default_rng(0).permutation(y), epochs=EPOCHS, batch=50))
    assert score(net.by_goodness(x_test), y_test) < 0.25


def test_layers_may_learn_one_after_the_other():
    x, y, x_test, y_test = digits()
    net = ForwardForward((74, 200, 200))
    for part, name in enumerate(("w0", "w1", "head")):
        before = {key: a.copy() for key, a in net.state().items()}
        list(net.fit(x, y, epochs=EPOCHS, batch=50, parts=[part]))
        moved = {key for key, a in net.state().items() if (a != before[key]).any()}
        assert moved == ({name, f"b{part}", f"recent{part}"} if part < net.depth else {"head"})
    assert score(net.by_goodness(x_test), y_test) > 0.85
    assert score(net.predict_many(x_test), y_test) > 0.88


def test_features_are_the_frozen_chain_and_have_no_length():
    _, _, x, _ = digits()
    for normalised in (True, False):
        net = ForwardForward((74, 30, 20, 15), normalised=normalised, seed=1)
        features = net.features(x[:50])
        assert (features == chain.run(net.frozen(), x[:50])).all()
        assert features.shape == (50, 35)
        square = (features[:, :20] ** 2).mean(axis=1)
        assert (np.abs(square - 1).max() < 1e-4) == normalised


def test_features_see_every_label_a_little():
    net, (x, _) = ForwardForward((20, 16, 12), seed=1), small()
    x[:, :10] = 0.1
    seen = np.maximum(_norm(np.maximum(_norm(x) @ net.arrays["w0"], 0)) @ net.arrays["w1"], 0)
    np.testing.assert_allclose(net.features(x), _norm(seen), rtol=1e-4, atol=1e-5)


def test_a_fit_depends_on_nothing_but_state_and_draws():
    x, y = small()
    one, other = ForwardForward(SIZES), ForwardForward(SIZES, seed=1)
    list(one.fit(x, y, epochs=2, batch=10))
    other.load(one.state())
    other.rng.bit_generator.state = one.rng.bit_generator.state
    for net in (one, other):
        list(net.fit(x, y, epochs=2, batch=10))
    assert all((a == other.state()[name]).all() for name, a in one.state().items())


def test_what_lies_in_the_label_inputs_is_not_read():
    net, (x, _) = ForwardForward(SIZES, seed=1), small()
    other = x.copy()
    other[:, :10] = 7
    assert (net.features(x) == net.features(other)).all()
    assert (net.by_goodness(x) == net.by_goodness(other)).all()


def test_the_rule_is_the_layers_above_the_first_read_off():
    net, (x, _) = ForwardForward((20, 16, 12, 9), seed=1), small()
    each = [np.sum(net.goodness(x, np.full(len(x), c))[1:], axis=0) for c in range(10)]
    assert (net.by_goodness(x) == np.argmax(each, axis=0)).all()


def test_a_seed_says_it_all():
    x, y = small()
    nets = [ForwardForward(SIZES, hard=True, seed=seed) for seed in (3, 3, 4)]
    for net in nets:
        list(net.fit(x, y, epochs=2, batch=10))
    one, same, other = (net.state() for net in nets)
    assert all((one[name] == same[name]).all() for name in one)
    assert (one["w0"] != other["w0"]).any()


def test_state_goes_into_another_net_and_no_further():
    x, y = small()
    net, other = ForwardForward(SIZES), ForwardForward(SIZES, seed=1)
    list(net.fit(x, y, epochs=2, batch=10))
    other.load({name: a.copy() for name, a in net.state().items()})
    assert (other.by_goodness(x) == net.by_goodness(x)).all()
    before = {name: a.copy() for name, a in other.state().items()}
    broken = {name: a.copy() for name, a in ForwardForward(SIZES, seed=2).state().items()}
    broken["w1"][0, 0] = np.nan
    with pytest.raises(InputError, match=r"w1 has NaN"):
        other.load(broken)
    with pytest.raises(InputError, match="shape"):
        other.load(ForwardForward((20, 15, 12)).state())
    with pytest.raises(InputError, match="give all"):
        other.load({"w0": before["w0"]})
    assert all((a == before[name]).all() for name, a in other.state().items())


def holed(value):
    x = X.copy()
    x[3, 3] = value
    return x


X, Y = small()
BAD = {
    "width": (X[:, :19].copy(), Y, {}, "20 values a sample"),
    "dtype": (X.astype(np.float64), Y, {}, "float32"),
    "nan": (holed(np.nan), Y, {}, "NaN"),
    "infinity": (holed(-np.inf), Y, {}, "infinity"),
    "count of labels": (X, Y[:-1], {}, "one whole number a sample"),
    "kind of labels": (X, Y.astype(np.float32), {}, "one whole number a sample"),
    "a class too many": (X, np.where(Y == 9, 10, Y), {}, r"0\.\.9"),
    "a negative class": (X, np.where(Y == 9, -1, Y), {}, r"0\.\.9"),
    "one class": (X, np.zeros(40, np.int64), {}, "nothing to tell apart"),
    "none": (X[:0], Y[:0], {}, "none at all"),
    "fewer than a batch": (X, Y, {"batch": 41}, "fewer than a batch"),
}
SETTINGS = {
    "epochs": ({"epochs": 0}, "epochs"),
    "batch": ({"batch": 0}, "batch"),
    "shuffled": ({"shuffled": "no"}, "shuffled"),
    "parts": ({"parts": [3]}, r"0\.\.2"),
    "a part": ({"parts": 2}, "parts must be a list of layers"),
    "no part": ({"parts": []}, r"0\.\.2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_samples_are_refused_and_teach_nothing(name):
    x, y, setting, said = BAD[name]
    _refused(InputError, said, x, y, setting)


@pytest.mark.parametrize("name", SETTINGS)
def test_bad_settings_are_refused_and_teach_nothing(name):
    _refused(ConfigError, SETTINGS[name][1], X, Y, SETTINGS[name][0])


def _refused(error, said, x, y, setting):
    net = ForwardForward(SIZES)
    before = {name: a.copy() for name, a in net.state().items()}
    draws = net.rng.bit_generator.state
    with pytest.raises(error, match=said):
        net.fit(x, y, **({"batch": 10} | setting))
    assert net.rng.bit_generator.state == draws
    assert all((a == before[name]).all() for name, a in net.state().items())


@pytest.mark.parametrize(
    ("sizes", "setting", "said"),
    [
        ((20, 16), {}, "two layers"),
        ((9, 16, 12), {}, "at least 10 inputs"),
        ((20, 0, 12), {}, "sizes"),
        (SIZES, {"n_classes": 1}, "n_classes"),
        (SIZES, {"eta": 0.0}, "eta"),
        (SIZES, {"hard": "no"}, "hard"),
        (SIZES, {"contrast": 1}, "contrast"),
        (SIZES, {"normalised": None}, "normalised"),
        (SIZES, {"seed": -1}, "seed"),
        (20, {}, "two layers, not 20"),
    ],
)
def test_no_net_is_made_of_bad_settings(sizes, setting, said):
    with pytest.raises(ConfigError, match=said):
        ForwardForward(sizes, **setting)


def test_a_fit_that_runs_away_says_so_and_keeps_its_weights_finite():
    net = ForwardForward(SIZES, eta=1e30)
    with pytest.raises(InputError, match="learning runs away at w0"):
        list(net.fit(X, Y, batch=10))
    assert all(np.isfinite(a).all() for a in net.state().values())


@pytest.mark.parametrize("use", ["features", "predict_many", "by_goodness", "lengths"])
def test_what_cannot_be_looked_at_is_refused_and_nothing_is_an_answer_to_nothing(use):
    look = getattr(ForwardForward(SIZES), use)
    for x, said in (
        (X[:, :19].copy(), "20 values a sample"),
        (X.astype(float), "float32"),
        (holed(np.nan), "NaN"),
    ):
        with pytest.raises(InputError, match=said):
            look(x)
    found = look(X[:0])
    assert all(len(each) == 0 for each in (found if use == "lengths" else [found]))


def test_goodness_of_a_class_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match=r"0\.\.9"):
        ForwardForward(SIZES).goodness(X, np.full(40, 10))
