"""e-prop: bits of the definition, exactness against back-propagation through time, and what it refuses."""

import numpy as np
import pytest

from edgelearn.bench import bptt_adapting
from edgelearn.bench.systems import e_prop
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
    back = net.arrays["feedback"] if net.teaching == "random" else np.ascontiguousarray(out.T)
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
    np.testing.assert_array_equal(found["w"], np.where(net.cut, 0, -asked.w))
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


@pytest.mark.parametrize("loss", ["squared", "softmax"])
def test_back_propagation_through_time_is_the_derivative_of_a_net_whose_spikes_are_smooth(loss, monkeypatch):
    """Of recurrent, adapting units: with spikes whose derivative the slope is, and no reset, differences are judge."""

    def smooth(p, before, drive):
        v, a = p.decay * before.v + drive, p.rho * before.a + before.z
        above = np.clip((v - p.threshold - p.beta * a) / p.threshold, -1, 1)
        out = p.psi * (above - np.sign(above) * above**2 / 2)
        return alif.State(v, a, out, before.wait), out, p.psi / p.threshold * (1 - np.abs(above))

    monkeypatch.setattr("edgelearn.bench.bptt_adapting.alif.step", smooth)
    net = _double(RecurrentNet(4, 6, 3, alif.neuron(0.9, 0.6, 0.97, 0.3), loss=loss))
    x, target = (a.astype(np.float64) for a in _sequences(2, n_in=4, n_out=3))
    asked = np.arange(40) % 3.0

    def entropy():
        said = bptt_adapting.tape(net, x).answers.transpose(1, 0, 2)
        each = 0.5 * (said - target) ** 2 if loss == "squared" else -target * np.log(said)
        return (each.sum(axis=2) * asked).sum() / 2

    found = bptt_adapting.gradient(net, x, target, asked)
    assert not found["w"][net.cut].any()
    for name, grad in found.items():
        way = np.random.default_rng(1).normal(size=grad.shape) * (1 if name == "out" else ~net.cut)
        start, sides = net.arrays[name], []
        for step in (1e-5, -1e-5):
            net.arrays[name] = start + step * way
            sides.append(entropy())
        net.arrays[name] = start
        assert (sides[0] - sides[1]) / 2e-5 == pytest.approx((grad * way).sum(), rel=1e-6)


def test_no_unit_sees_itself_and_none_learns_to():
    x, target = _sequences()
    net = RecurrentNet(5, 9, 2, ADAPTING)
    list(net.fit(x, target, epochs=2))
    own = net.arrays["w"][5:].diagonal()
    assert not own.any()
    assert (net.arrays["w"][5:] != 0).sum() == 9 * 8


def test_what_it_costs_is_what_the_shapes_say():
    ours, theirs = e_prop._costs()
    n_in, n, n_out, steps = 21, 60, 4, 240
    w, out = (n_in + n) * n, n * n_out
    assert ours.macs == steps * (w + out + 5 * w + 2 * out)
    assert theirs.macs == steps * (w + out + out + n * n + w + out)
    assert ours.bytes == 4 * (2 * w + n_in + n + 6 * n + 2 * n_out)
    assert theirs.bytes == 4 * (steps * (n_in + 2 * n + n_out) + 2 * n + n_out)


def test_a_rate_that_makes_learning_run_away_is_said_and_weights_stay_finite():
    x, target = _sequences()
    net = RecurrentNet(5, 9, 2, ADAPTING, eta=1e30)
    with pytest.raises(InputError, match="lower eta"):
        list(net.fit(x, target, epochs=9))
    assert all(np.isfinite(a).all() for a in net.arrays.values())


def test_it_learns_what_the_frozen_twin_does_not():
    rng = np.random.default_rng(0)
    x = (rng.random((1, 200, 20)) < 0.05).astype(np.float32)
    target = np.sin(np.arange(200) / 10).astype(np.float32)[None, :, None]
    left = {}
    for teaching in ("symmetric", "frozen"):
        net = RecurrentNet(20, 40, 1, ADAPTING, teaching=teaching, eta=5e-3)
        for _ in net.fit(x, target, epochs=150):
            pass
        left[teaching] = ((net.answers(x) - target) ** 2).mean() / target.var()
    assert left["symmetric"] < 0.5 * left["frozen"]


def test_fixed_random_weights_teach_as_those_of_the_readout_do_where_they_are_the_same():
    x, target = _sequences()
    one, other = (RecurrentNet(5, 9, 2, ADAPTING, teaching=teaching) for teaching in ("random", "symmetric"))
    assert np.abs(one.gradient(x, target)["w"] - other.gradient(x, target)["w"]).max() > 0.1
    for net in (one, other):
        net.arrays["out"][...] = one.arrays["feedback"].T
    np.testing.assert_array_equal(one.gradient(x, target)["w"], other.gradient(x, target)["w"])


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
        ({"n_units": 0}, "n_units"),
        ({"n_out": 1, "loss": "softmax"}, "n_out of at least 2"),
        ({"recurrent": 1}, "recurrent"),
        ({"slow": "no"}, "slow"),
        ({"seed": -1}, "seed"),
    ],
)
def test_settings_out_of_their_bounds_are_refused(settings, word):
    with pytest.raises(ConfigError, match=word):
        RecurrentNet(**{"n_in": 5, "n_units": 9, "n_out": 2} | settings)


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
        (np.zeros((3, 40, 5)), None, None, "X must be an array of float32"),
        (np.zeros((3, 0, 5), np.float32), None, None, "X must be sequences"),
        (np.full((3, 40, 5), 1e38, np.float32), None, None, "X has NaN"),
        ([[[0.0] * 5]], None, None, "X must be sequences"),
        (None, np.full((3, 40, 2), np.nan, np.float32), None, "target has NaN"),
        (None, np.ones((3, 40, 2), np.float32), None, "shares of the classes"),
        (None, np.full((3, 40, 2), (-1, 2), np.float32), None, "shares of the classes"),
        (None, None, -ASKED, "counts must be at least 0"),
        (None, None, ASKED * np.nan, "counts has NaN"),
    ],
)
def test_samples_that_do_not_fit_are_refused_and_nothing_is_learned(x, target, counts, word):
    net = RecurrentNet(5, 9, 2, ADAPTING, loss="softmax")
    before = {name: np.array(a) for name, a in net.state().items()}
    good_x, good_target = _sequences()
    given = good_x if x is None else x, good_target if target is None else target, counts
    for use in (net.fit, net.gradient):
        with pytest.raises(InputError, match=word):
            use(*given)
    if word.startswith("X"):
        with pytest.raises(InputError, match=word):
            net.answers(given[0])
    assert all(np.array_equal(before[name], a) for name, a in net.state().items())


def test_one_class_alone_is_refused():
    net, target = RecurrentNet(3, 4, 2, loss="softmax"), np.zeros((2, 5, 2), np.float32)
    target[..., 1] = 1
    with pytest.raises(InputError, match="nothing to tell apart"):
        net.fit(np.ones((2, 5, 3), np.float32), target)
    assert list(net.fit(np.ones((1, 5, 3), np.float32), target[:1])) == [1]  # as it comes on a device


def test_too_few_sequences_are_refused_before_an_order_is_drawn():
    net, (x, target) = RecurrentNet(5, 9, 2, ADAPTING, loss="softmax"), _sequences()
    before = net.rng.bit_generator.state
    for given, batch in ((3, 4), (0, 1)):
        with pytest.raises(InputError, match="fewer than a batch"):
            net.fit(x[:given], target[:given], batch=batch)
    with pytest.raises(InputError, match="no sequence"):
        net.gradient(x[:0], target[:0])
    assert net.rng.bit_generator.state == before
    assert net.answers(x[:0]).shape == (0, 40, 2)


def test_shares_are_asked_for_in_steps_that_count_alone():
    net, (x, target) = RecurrentNet(5, 9, 2, ADAPTING, loss="softmax"), _sequences()
    late = (np.arange(40) >= 30).astype(np.float32)
    blank = target * late[:, None]
    for name, grad in net.gradient(x, blank, late).items():
        assert np.array_equal(grad, net.gradient(x, target, late)[name])


def test_a_batch_is_the_mean_of_its_sequences_each_from_rest():
    x, target = _sequences()
    net = RecurrentNet(5, 9, 2, ADAPTING)
    alone = [net.gradient(x[k : k + 1], target[k : k + 1]) for k in range(3)]
    for name, grad in net.gradient(x, target).items():
        np.testing.assert_allclose(
            grad, np.mean([each[name] for each in alone], axis=0), rtol=1e-4, atol=1e-5
        )
    for k in range(3):
        np.testing.assert_array_equal(net.answers(x)[k], net.answers(x[k : k + 1])[0])


def test_the_rate_is_eta_for_the_first_half_and_falls_to_nothing():
    net, (x, target) = RecurrentNet(5, 9, 2, ADAPTING, eta=0.01), _sequences(1)
    net.gradient = lambda *_: {"out": np.ones_like(net.arrays["out"])}
    where = [net.arrays["out"][0, 0]]
    where += [net.arrays["out"][0, 0] for _ in net.fit(x, target, epochs=20)]
    steps = -np.diff(where)
    np.testing.assert_allclose(steps[:11], 0.01, rtol=1e-3)
    np.testing.assert_allclose(steps[11:], 0.01 * np.arange(0.9, 0, -0.1), rtol=1e-2)


@pytest.mark.parametrize("shuffled", [True, False])
def test_sequences_come_in_their_order_or_in_any(shuffled):
    net, met = RecurrentNet(1, 3, 1), []
    net.gradient = lambda X, *_: met.append(X[:, 0, 0].tolist()) or {}
    x = np.repeat(np.arange(8, dtype=np.float32)[:, None, None], 4, axis=1)
    list(net.fit(x, np.zeros_like(x), epochs=2, batch=2, shuffled=shuffled))
    assert [len(batch) for batch in met] == [2] * 8
    order = [number for batch in met[:4] for number in batch]
    assert sorted(order) == list(range(8))
    assert (order == list(range(8))) != shuffled


def test_drives_start_at_one_size_whatever_the_number_of_inputs():
    arrays = RecurrentNet(40, 200, 30, seed=1).arrays
    for part, size in (
        (arrays["w"][:40], 40**-0.5),
        (arrays["w"][40:], 0.3 * 200**-0.5),
        (arrays["out"], 200**-0.5),
    ):
        assert part.std() == pytest.approx(size, rel=0.05)


def test_derivatives_that_are_cut_on_the_way_back_change_the_units_and_not_the_readout():
    net, rng = RecurrentNet(4, 8, 2, seed=1), np.random.default_rng(0)
    x = (rng.random((2, 40, 4)) < 0.5).astype(np.float32)
    task = x, rng.standard_normal((2, 40, 2)).astype(np.float32), np.ones(40, np.float32)
    whole, wide, cut = (bptt_adapting.gradient(net, *task, largest) for largest in (np.inf, 1e9, 1e-3))
    assert np.abs(whole["w"]).max() > 0
    assert (whole["w"] == wide["w"]).all()
    assert (whole["out"] == cut["out"]).all()
    assert np.abs(cut["w"]).max() < 0.1 * np.abs(whole["w"]).max()
