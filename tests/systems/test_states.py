"""States: all that learning goes by is in them, and what none can hold is refused, with nothing changed."""

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.neurons import alif
from edgelearn.systems.diehl_cook import DiehlCook
from edgelearn.systems.e_prop import RecurrentNet
from edgelearn.systems.grlu import GRLU
from edgelearn.systems.lls import LLS, dense
from edgelearn.systems.predictive_coding import PredictiveCoding
from edgelearn.systems.r_stdp import RStdp
from edgelearn.systems.s_tllr import SpikingNet, gradient
from edgelearn.systems.softhebb import PUBLISHED, conv
from edgelearn.testing.fills import same_bits

RNG = np.random.default_rng(0)
X, Y = RNG.random((24, 6), np.float32), np.arange(24) % 3
SPIKES = (RNG.random((8, 5, 6)) < 0.4).astype(np.float32)
COLOURS = RNG.random((20, 8 * 8 * 3), np.float32)


def copied(net):
    return {name: np.array(array) for name, array in net.state().items()}


def same(one, other):
    return one.keys() == other.keys() and all(same_bits(one[name], other[name]) for name in one)


def test_fixed_feedback_goes_with_the_state_of_a_spiking_net():
    one, other = (SpikingNet((6, 7, 5, 3), teaching="dfa", late=2, seed=seed) for seed in (1, 2))
    asked = gradient(one, SPIKES, np.array([0, 1, 2, 0, 1]))
    assert not same(gradient(other, SPIKES, np.array([0, 1, 2, 0, 1])), asked)
    other.load(copied(one))
    assert same(gradient(other, SPIKES, np.array([0, 1, 2, 0, 1])), asked)
    assert not any(name.startswith("feedback") for name in asked)


def test_fixed_feedback_goes_with_the_state_of_a_recurrent_net():
    one, other = (RecurrentNet(6, 7, 3, alif.neuron(), teaching="random", seed=seed) for seed in (1, 2))
    x, target = np.ascontiguousarray(SPIKES.transpose(1, 0, 2)), np.ones((5, 8, 3), np.float32)
    other.load(copied(one))
    assert same(one.gradient(x, target), other.gradient(x, target))
    assert set(one.gradient(x, target)) == {"w", "out"}


@pytest.mark.parametrize("make", [lambda: LLS(dense((6, 8)), 3), lambda: PredictiveCoding((6, 8, 3))])
def test_the_next_step_does_not_depend_on_what_was_learned_before_a_load(make):
    fresh, used = make(), make()
    start = copied(fresh)
    for _ in range(5):
        used.learn(X, Y, 1e-2)
    used.load(start)
    fresh.learn(X, Y, 1e-2)
    used.learn(X, Y, 1e-2)
    assert same(fresh.state(), used.state())


def soft(seed=0):
    return conv((8, 8, 3), PUBLISHED[:2], seed=seed)


def test_softhebb_goes_on_where_it_was():
    one, other = soft().fit(COLOURS), soft(5)
    other.load(copied(one))
    assert same(one.state(), other.state())
    assert same(one.fit(COLOURS).state(), other.fit(COLOURS).state())
    assert same_bits(one.features(COLOURS), other.features(COLOURS))


def test_softhebb_that_learned_nothing_yet_can_be_loaded():
    one, other = soft(), soft().fit(COLOURS)
    other.load(copied(one))
    assert same(one.fit(COLOURS).state(), other.fit(COLOURS).state())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.pop("1.layer.w"),
        lambda s: s.pop("1.standard.batches"),
        lambda s: s.update({"2.layer.w": s["1.layer.w"]}),
        lambda s: s.update({"1.layer.w": s["0.layer.w"]}),
        lambda s: s.update({"1.standard.variance": -s["1.standard.variance"]}),
        lambda s: s["1.standard.mean"].fill(np.nan),
        lambda s: s.update({"1.standard.batches": np.array(-1)}),
    ],
)
def test_a_state_of_another_softhebb_changes_nothing(spoil):
    net, given = soft().fit(COLOURS), copied(soft(5).fit(COLOURS))
    before = copied(net)
    spoil(given)
    with pytest.raises(InputError):
        net.load(given)
    assert same(before, net.state())


@pytest.mark.parametrize(
    ("net", "name", "value"),
    [
        (GRLU((6, 5, 3)), "seed", -3),
        (GRLU((6, 5, 3)), "seed", 2**40),
        (GRLU((6, 5, 3)), "sample", -1),
        (RStdp(5), "w", 100),
        (RStdp(5), "w", -1),
        (DiehlCook(4, 9), "w", -1),
        (DiehlCook(4, 9), "theta", -100),
    ],
)
def test_values_that_no_state_can_hold_are_refused(net, name, value):
    before = copied(net)
    with pytest.raises(InputError, match=name):
        net.load(before | {name: np.full_like(before[name], value)})
    assert same(before, net.state())
