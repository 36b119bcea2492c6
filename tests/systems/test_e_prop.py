"""e-prop: bits of the definition, exactness against back-propagation through time, and what it refuses."""

import numpy as np
import pytest

from edgelearn.bench import bptt_adapting
from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import alif, lif, relu
from edgelearn.systems.e_prop import RecurrentNet, define
from edgelearn.systems.e_prop.sequence import Task

PLAIN, ADAPTING = (alif.neuron(0.9, 0.6, 0.97, beta, refractory) for beta, refractory in ((0.0, 0), (0.1, 2)))
ASKED = np.ones(40, np.float32)


def _sequences(n=3, steps=40, n_in=5, n_out=2, seed=0):
    rng = np.random.default_rng(seed)
    x = (rng.random((n, steps, n_in)) < 0.3).astype(np.float32)
    return x, np.eye(n_out, dtype=np.float32)[rng.integers(0, n_out, (n, steps))]


def _defined(net, x, target, asked):
    w, out = net.arrays["w"], net.arrays["out"]
    back = net.random if net.teaching == "random" else np.ascontiguousarray(out.T)
    return define(
        x, Task(target, asked, net.loss == "softmax"), w, out, back, net.neuron.params, net.rule.params
    )


def _double(net):
    net.arrays = {name: a.astype(np.float64) for name, a in net.arrays.items()}
    return net


@pytest.mark.kernels
@pytest.mark.parametrize("neuron", [PLAIN, ADAPTING])
@pytest.mark.parametrize("loss", ["squared", "softmax"])
@pytest.mark.parametrize("teaching", ["symmetric", "random"])
def test_the_kernel_has_the_bits_of_the_definition(neuron, loss, teaching):
    net = RecurrentNet(5, 9, 2, neuron, loss=loss, teaching=teaching)
    x, target = _sequences(1)
    answers, asked = _defined(net, x[0], target[0], ASKED)
    found = net.gradient(x, target, ASKED)
    np.testing.assert_array_equal(found["w"], -asked.w)
    np.testing.assert_array_equal(found["out"], -asked.out)
    np.testing.assert_array_equal(net.answers(x)[0], answers)
    assert np.abs(asked.w).max() > 0.1


@pytest.mark.parametrize("neuron", [PLAIN, ADAPTING])
@pytest.mark.parametrize("loss", ["squared", "softmax"])
def test_units_cut_off_each_other_learn_by_the_gradient_itself(neuron, loss):
    net = _double(RecurrentNet(5, 9, 2, neuron, loss=loss, recurrent=False))
    x, target = (a.astype(np.float64) for a in _sequences(1))
    asked = np.arange(40) % 3.0
    truth = bptt_adapting.gradient(net, x, target, asked)
    answers, found = _defined(net, x[0], target[0], asked)
    np.testing.assert_allclose(answers, bptt_adapting.tape(net, x).answers[:, 0], rtol=1e-6)  # exp of our own
    tolerance = 1e-12 if loss == "squared" else 1e-5
    scale = np.abs(truth["w"]).max()
    np.testing.assert_allclose(-found.w[:5], truth["w"][:5], atol=tolerance * scale)
    np.testing.assert_allclose(-found.out, truth["out"], atol=tolerance * np.abs(truth["out"]).max())


def test_without_the_slow_part_the_gradient_of_adapting_units_is_another():
    net = _double(RecurrentNet(5, 9, 2, ADAPTING, recurrent=False, slow=False))
    x, target = (a.astype(np.float64) for a in _sequences(1))
    truth = bptt_adapting.gradient(net, x, target, np.ones(40))["w"][:5]
    found = -_defined(net, x[0], target[0], np.ones(40))[1].w[:5]
    assert np.abs(found - truth).max() > 0.1 * np.abs(truth).max()


def test_back_propagation_through_time_is_the_gradient_of_the_readout():
    net = _double(RecurrentNet(4, 6, 2, ADAPTING))
    x, target = (a.astype(np.float64) for a in _sequences(2, n_in=4))
    truth = bptt_adapting.gradient(net, x, target, np.ones(40))["out"]

    def loss():
        return 0.5 * ((bptt_adapting.tape(net, x).answers - target.transpose(1, 0, 2)) ** 2).sum() / 2

    for where in ((0, 0), (3, 1)):
        before, moved = net.arrays["out"][where], []
        for change in (1e-5, -1e-5):
            net.arrays["out"][where] = before + change
            moved.append(loss())
        net.arrays["out"][where] = before
        assert (moved[0] - moved[1]) / 2e-5 == pytest.approx(truth[where], rel=1e-6)


def test_it_learns_what_the_frozen_twin_does_not():
    rng = np.random.default_rng(0)
    x = (rng.random((1, 200, 20)) < 0.05).astype(np.float32)
    target = np.sin(np.arange(200) / 10).astype(np.float32)[None, :, None]
    left = {}
    for teaching in ("symmetric", "random", "frozen"):
        net = RecurrentNet(20, 40, 1, ADAPTING, teaching=teaching, eta=5e-3)
        for _ in net.fit(x, target, epochs=150):
            pass
        left[teaching] = ((net.answers(x) - target) ** 2).mean() / target.var()
    assert left["symmetric"] < 0.5 * left["frozen"]
    assert left["random"] < 0.8 * left["frozen"]


def test_a_frozen_net_keeps_its_units_and_cut_units_stay_cut():
    x, target = _sequences()
    for settings, kept in (({"teaching": "frozen"}, slice(None)), ({"recurrent": False}, slice(5, None))):
        net = RecurrentNet(5, 9, 2, ADAPTING, **settings)
        before = np.array(net.arrays["w"])
        list(net.fit(x, target, epochs=2))
        np.testing.assert_array_equal(net.arrays["w"][kept], before[kept])
        assert np.abs(net.arrays["out"]).max() > 0


def test_steps_that_do_not_count_teach_nothing():
    x, target = _sequences(1)
    net, asked = RecurrentNet(5, 9, 2, ADAPTING), np.zeros(40, np.float32)
    assert not any(np.abs(a).max() for a in net.gradient(x, target, asked).values())


def test_seeds_repeat_and_state_comes_back():
    x, target = _sequences()
    nets = [RecurrentNet(5, 9, 2, ADAPTING, seed=3) for _ in range(2)]
    for net in nets:
        list(net.fit(x, target, epochs=3, batch=2))
    other = RecurrentNet(5, 9, 2, ADAPTING, seed=4)
    assert not np.array_equal(other.answers(x), nets[0].answers(x))
    other.load(nets[1].state())
    np.testing.assert_array_equal(other.answers(x), nets[0].answers(x))
    with pytest.raises(InputError, match="out must have shape"):
        other.load(nets[0].state() | {"out": np.zeros((2, 2), np.float32)})


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"neuron": relu.neuron()}, "neurons.alif, not 'relu'"),
        ({"neuron": lif.neuron()}, "neurons.alif, not 'lif'"),
        ({"neuron": "alif"}, "neurons.alif"),
        ({"loss": "hinge"}, "loss must be"),
        ({"teaching": "backprop"}, "teaching"),
        ({"kappa": 1.0}, "kappa"),
        ({"eta": 0.0}, "eta"),
    ],
)
def test_settings_out_of_their_bounds_are_refused(settings, word):
    with pytest.raises(ConfigError, match=word):
        RecurrentNet(5, 9, 2, **settings)


@pytest.mark.parametrize(
    ("x", "target", "counts", "word"),
    [
        (np.zeros((3, 40, 4), np.float32), None, None, "X must be sequences"),
        (np.zeros((40, 5), np.float32), None, None, "X must be sequences"),
        (np.full((3, 40, 5), np.nan, np.float32), None, None, "X has NaN"),
        (None, np.zeros((3, 39, 2), np.float32), None, "target must have shape"),
        (None, np.full((3, 40, 2), 2, np.float32), None, "shares of the classes"),
        (None, None, np.ones(39, np.float32), "counts must have shape"),
        (None, None, np.ones(40), "counts must be an array of float32"),
    ],
)
def test_samples_that_do_not_fit_are_refused_and_nothing_is_learned(x, target, counts, word):
    net = RecurrentNet(5, 9, 2, ADAPTING, loss="softmax")
    before = {name: np.array(a) for name, a in net.state().items()}
    good_x, good_target = _sequences()
    with pytest.raises(InputError, match=word):
        net.fit(good_x if x is None else x, good_target if target is None else target, counts)
    with pytest.raises(InputError, match="fewer than a batch"):
        net.fit(good_x, good_target, batch=4)
    assert all(np.array_equal(before[name], a) for name, a in net.state().items())
