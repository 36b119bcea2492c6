"""TESS: no layer hears of another, labels reach all in the late steps alone, its parts are the definitions."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import lif
from edgelearn.rules import stdp_eligibility
from edgelearn.systems.s_tllr import SpikingNet, accuracy, fit, gradient
from edgelearn.systems.tess import Tess

RNG = np.random.default_rng(0)
X, Y = (RNG.random((12, 6, 20)) < 0.3).astype(float), np.array([0, 1, 2, 3, 0, 2])
SIZES = (20, 15, 9, 4)


def net(sizes=SIZES, kappa=5.0, dtype=np.float64, **settings):
    names = ("eta", "lam_pre", "lam_post", "a_pre", "a_post")
    rule = stdp_eligibility.rule(**{"a_post": 1.0} | {n: settings.pop(n) for n in names if n in settings})
    return Tess(sizes, lif.neuron(decay=0.75), rule, kappa=kappa, dtype=dtype, **settings)


@pytest.mark.parametrize("recurrent", [True, False])
@pytest.mark.parametrize("above", ["w1", "gain1", "readout"])
def test_no_layer_hears_of_what_is_above_it(above, recurrent):
    one = net(recurrent=recurrent, dtype=np.float32)
    x = X.astype(np.float32)
    before = gradient(one, x, Y)
    one.arrays[above] += RNG.normal(size=one.arrays[above].shape).astype(np.float32)
    after = gradient(one, x, Y)
    below = ["w0", "gain0"] if above != "readout" else ["w0", "gain0", "w1", "gain1"]
    assert all(np.array_equal(before[name], after[name]) for name in below)
    assert not np.array_equal(before["readout"], after["readout"])


def test_in_s_tllr_they_do_hear():
    one = SpikingNet(SIZES, lif.neuron(decay=0.75), dtype=np.float64)
    before = gradient(one, X, Y)["w0"]
    one.arrays["readout"] += 0.1
    assert not np.array_equal(gradient(one, X, Y)["w0"], before)


def test_the_gradient_is_the_sum_of_rule_and_signal_over_samples_and_late_steps():
    one = net(a_post=-0.5, standardised=False, eta=1.0, late=4)
    found, w, signal = gradient(one, X, Y), one.synapses(), one.teaching
    sums = [np.zeros_like(a) for a in w]
    for sample, label in enumerate(Y):
        now, states = one.rest(1), [one.rule.init(*a.shape) for a in w]
        for t, frame in enumerate(X[:, sample]):
            now, seen = one.advance(w, now, frame[None])
            for k in (0, 1):
                _, third = signal.step(
                    signal.params, signal.init(len(w[k][0])), now[k].out[0], np.eye(4)[label]
                )
                late = t >= len(X) - one.late
                states[k], moved = one.rule.step(
                    one.rule.params, states[k], np.zeros_like(w[k]), seen[k][0], now[k].slope[0], third * late
                )
                sums[k] -= moved / len(Y)
    for k in (0, 1):
        np.testing.assert_allclose(found[f"w{k}"], sums[k], rtol=1e-10, atol=1e-14)


def test_labels_come_in_the_last_steps_and_only_then():
    one = net(sizes=(20, 15, 4), lam_pre=0.0, a_post=0.0, late=3, standardised=False)
    early, late = X.copy(), X.copy()
    early[-3:], late[:-3] = 0, 0  # without a trace, a weight hears only of what its input does now
    assert not gradient(one, early, Y)["w0"].any()
    assert gradient(one, late, Y)["w0"].any()


def test_every_layer_hears_the_labels():
    one = net()
    before, after = gradient(one, X, Y), gradient(one, X, (Y + 1) % 4)
    assert all(
        np.abs(before[f"w{k}"] - after[f"w{k}"]).max() > 0.1 * np.abs(before[f"w{k}"]).max() for k in (0, 1)
    )


def test_as_published_the_signal_is_nearly_one_for_all_that_a_unit_does():
    """Why kappa: without it a unit hears its class, and hardly how far it is from it."""
    quiet, loud = np.zeros((1, 200), np.float32), np.ones((1, 200), np.float32)
    loud[:, ::2] = 0
    target = np.eye(10, dtype=np.float32)[:1]

    def moved(kappa):
        signal = Tess((5, 200, 10), kappa=kappa).teaching
        a, b = (signal.batch(signal.params, out, target) for out in (quiet, loud))
        return np.abs(a - b).max() / np.abs(a).max()

    assert moved(1.0) < 0.2
    assert moved(100.0) > 5 * moved(1.0)


def test_layers_that_hear_other_samples_labels_do_not_learn():
    pixels = np.random.default_rng(0).uniform(0, 0.6, (6, 40))

    def draw(rng, who):
        y = who % 6
        return (rng.random((8, len(who), 40)) < pixels[y]).astype(np.float32), y

    def astray(one, x, y):
        return gradient(one, x, one.rng.permutation(y)) | {"readout": gradient(one, x, y)["readout"]}

    def learned(how):
        one = Tess((40, 30, 30, 6), rule=stdp_eligibility.rule(5e-3, a_post=1.0), kappa=20.0, late=3)
        for _ in fit(one, draw, 600, epochs=6, batch=16, gradient=how):
            pass
        return accuracy(one, *draw(np.random.default_rng(1), np.arange(600)))

    right, wrong = learned(gradient), learned(astray)
    assert right >= 0.9
    assert wrong <= right - 0.15


def test_state_goes_into_another_net_of_its_sizes_and_no_other():
    one, other = net(seed=1), net(seed=2)
    other.load({name: np.array(a) for name, a in one.state().items()})
    assert np.array_equal(other.scores(X), one.scores(X))
    before = other.scores(X)
    for wrong in (net(sizes=(20, 15, 4)).state(), one.state() | {"w0": one.arrays["w0"] * np.nan}, {}, None):
        with pytest.raises(InputError):
            other.load(wrong)
    assert np.array_equal(other.scores(X), before)


def test_a_seed_learns_alike():
    def learned(seed):
        one = net(dtype=np.float32, seed=seed)
        list(fit(one, lambda _, who: (X[:, who].astype(np.float32), Y[who]), 6, epochs=3, batch=2, seed=seed))
        return one.arrays["w0"]

    assert np.array_equal(learned(3), learned(3))
    assert not np.array_equal(learned(3), learned(4))


@pytest.mark.parametrize("shuffled", [True, False])
def test_samples_come_in_their_order_or_in_any(shuffled):
    met = []

    def draw(_, who):
        met.extend(who)
        return X[:, who], Y[who]

    list(fit(net(), draw, 6, epochs=4, batch=3, shuffled=shuffled))
    met = met[-24:]  # some are looked at beforehand
    assert sorted(met[:6]) == list(range(6))
    assert (met == list(range(6)) * 4) != shuffled


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"kappa": 0}, "kappa"), ({"kappa": np.nan}, "kappa"), ({"kappa": "1"}, "kappa"),
        ({"kappa": 1e-9}, "kappa"), ({"kappa": 1e9}, "kappa"), ({"sizes": 5}, "sizes"),
        ({"dtype": np.float16}, "dtype"),
        ({"sizes": (20, 15, 1)}, "2 classes"), ({"sizes": (20, 4)}, "sizes"), ({"sizes": ()}, "sizes"),
        ({"neuron": lif.neuron(inhibition=1.0)}, "neuron"),
    ],
)  # fmt: skip
def test_a_setting_out_of_bounds_is_named(wrong, word):
    with pytest.raises(ConfigError, match=word):
        Tess(**{"sizes": SIZES} | wrong)


@pytest.mark.parametrize("how", ["signal", "word"])
def test_no_other_teaching_is_taken(how):
    from edgelearn.signals import reward

    with pytest.raises(ConfigError, match="teaching"):
        SpikingNet(SIZES, teaching=reward.signal() if how == "signal" else "magic")


@pytest.mark.parametrize(
    ("x", "y", "word"),
    [(X[:3], Y, "x"), (X * np.nan, Y, "NaN"), (X[:, :, :5], Y, "x"), (X, Y + 1, "y"), (X, Y[:3], "y")],
)
def test_samples_that_cannot_be_used_are_refused_and_nothing_is_learned(x, y, word):
    one = net()
    before = {name: np.array(a) for name, a in one.arrays.items()}
    with pytest.raises(InputError, match=word):
        list(fit(one, lambda *_: (x, y), 6, epochs=1, batch=6))
    with pytest.raises(InputError, match="fewer"):
        fit(one, lambda *_: (X, Y), 6, epochs=1, batch=7)
    assert all(np.array_equal(one.arrays[name], a) for name, a in before.items())


def test_constants_are_those_of_the_paper_s_code():
    one, other = Tess(SIZES), SpikingNet(SIZES)
    names = ("lam_pre", "lam_post", "a_pre", "a_post")
    assert [float(getattr(one.rule.params, name)) for name in names] == pytest.approx([0.5, 0.2, 1, 1])
    assert [float(getattr(other.rule.params, name)) for name in names] == pytest.approx([0.5, 0.2, 1, -1])
    assert (one.kappa, one.late, other.late) == (1, 5, 5)
    assert [float(one.neuron.params[k]) for k in (0, 1)] == pytest.approx([0.5, 0.6])
