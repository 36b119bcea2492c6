"""A layer that goes silent, saturates or collapses is told; a healthy one is not."""

import numpy as np
import pytest

from edgelearn.health import KEPT
from edgelearn.layer import Layer
from edgelearn.neurons import softmax
from edgelearn.rules import hebb, softhebb
from tests.layer.tasks import blobs, unit


def lived(layer, n=200):
    for x in unit(blobs(n)[0]):
        layer.learn_one(x)
    return layer.health()


def blinded(n=200):
    """Return the health of units driven so hard that they say 1 or -1 whatever they see."""
    layer = Layer(10, hebb.rule(eta=1e-6), "tanh", spread=1e4)
    for x in blobs(n)[0]:
        layer.learn_one(x + np.float32(50))
    return layer.health()


def test_a_healthy_layer_is_not_told():
    health = lived(Layer(12, softhebb.rule(eta=0.05), softmax.neuron(t=8), "competition", code="triangle"))
    assert health.seen == KEPT
    assert health.found() == {}
    assert health.participation > 2


def test_units_that_never_answer_are_silent():
    layer = Layer(10, hebb.rule(eta=1e-6), "relu")
    layer.bind(8)
    layer.w[:, :8], layer.w[:, 8:] = -1, 1
    for x in blobs(KEPT)[0]:
        layer.learn_one(np.abs(x))
    assert layer.health().silent == 0.8
    assert layer.health().found()["silent"].startswith("80% of the units are silent")


def test_units_at_their_limit_are_saturated():
    assert list(blinded().found()) == ["saturated"]


def test_units_that_all_say_the_same_have_collapsed():
    layer = Layer(10, hebb.rule(eta=1e-6))
    layer.bind(8)
    layer.w[:] = layer.w[:, :1] * np.linspace(0.5, 2, 10, dtype=np.float32)
    health = lived(layer)
    assert health.participation == pytest.approx(1, abs=1e-3)
    assert list(health.found()) == ["collapsed"]


def test_one_unit_cannot_collapse():
    assert lived(Layer(1, "oja")).found() == {}


@pytest.mark.parametrize("w", [1e7, np.inf, np.nan])
def test_weights_that_ran_away_are_told(w):
    layer = Layer(5, hebb.rule())
    lived(layer, 300)
    layer.w[0, 0] = w
    assert next(iter(layer.health().found())) == "runaway"


def test_nothing_is_said_of_the_outputs_of_few_samples():
    health = blinded(KEPT // 2 - 1)
    assert health.saturated > 0.5
    assert health.found() == {}
