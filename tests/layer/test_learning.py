"""Neuron, rule and signal put together learn, and what is left out or frozen does not."""

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.layer import Layer
from edgelearn.neurons import softmax
from edgelearn.rules import delta, hebb, krotov_hopfield, softhebb, three_factor
from edgelearn.signals import feedback, goodness, perturbation, rank, reward_choice, synchrony
from tests.layer.tasks import accuracy, blobs, hot, pairs, parity, purity, unit


def one(value):
    """Return the one number a teacher says."""
    return np.full(1, value, np.float32)


def test_delta_softmax_and_label_error_classify():
    layer, (X, y), test = (
        Layer(4, delta.rule(eta=0.05), "softmax", "label_error"),
        blobs(300),
        blobs(300, seed=1),
    )
    before = (layer.bind(8), accuracy(layer, *test))[1]
    for x, c in zip(X, y, strict=True):
        layer.learn_one(x, hot(c, 4))
    assert accuracy(layer, *test) > 0.95
    assert before < 0.6


def test_delta_learns_nothing_from_labels_that_say_nothing():
    layer, (X, _), test = (
        Layer(4, delta.rule(eta=0.05), "softmax", "label_error"),
        blobs(300),
        blobs(300, seed=1),
    )
    for x, c in zip(X, np.random.default_rng(2).integers(0, 4, 300), strict=True):
        layer.learn_one(x, hot(c, 4))
    assert accuracy(layer, *test) < 0.6


SEEDS = range(5)


def clustered(make):
    """Return the mean purity over seeds, learned and frozen, and the mean of the median norms learned."""
    X = unit(blobs(1500, noise=0.25)[0])
    test, c = blobs(300, noise=0.25, seed=1)
    found = []
    for seed in SEEDS:
        layer, frozen = make(seed), make(seed)
        frozen.bind(8)
        for x in X:
            layer.learn_one(x)
        pure = [purity(each, unit(test), c) for each in (layer, frozen)]
        found.append([*pure, layer.health().norm_median])
    return np.mean(found, axis=0)


def test_softhebb_softmax_and_competition_find_clusters_and_norms_end_at_1():
    def make(seed, t=8):
        rule = softhebb.rule(eta=0.05)
        return Layer(6, rule, softmax.neuron(t=t), "competition", code="triangle", spread=4.0, seed=seed)

    learned, frozen, norm = clustered(make)
    assert learned > max(0.9, frozen + 0.1)
    assert norm == pytest.approx(1, abs=0.15)  # from 4
    alike, _, norm = clustered(lambda seed: make(seed, t=0))  # units share alike: none stands for a cluster
    assert alike < learned - 0.2
    assert norm > 1.5


def test_krotov_hopfield_ranked_and_rank_find_clusters_and_norms_end_at_1():
    def make(seed):
        rule = krotov_hopfield.rule(eta=0.05)
        return Layer(6, rule, "ranked", rank.signal(delta=0.2), code="relu", spread=4.0, seed=seed)

    learned, frozen, norm = clustered(make)
    assert learned > max(0.9, frozen + 0.1)
    assert norm == pytest.approx(1, abs=0.1)


def goodness_gap(layer):
    """Return by how much the mean square of the outputs is higher for real samples, and how often it is."""
    X, real = pairs(400, seed=1)
    g = np.array([(layer.transform(x) ** 2).mean() for x in X])
    return g[real == 1].mean() - g[real == 0].mean(), (g[real == 1][:, None] > g[real == 0]).mean()


def test_hebb_relu_and_goodness_tell_real_from_corrupted():
    make = lambda: Layer(24, hebb.rule(eta=0.01), "relu", goodness.signal(), spread=1.5)  # noqa: E731
    layer, frozen, shuffled = make(), make(), make()
    X, real = pairs(3000)
    guesses = np.random.default_rng(0).permutation(real)
    for x, c, guess in zip(X, real, guesses, strict=True):
        layer.learn_one(x, one(c))
        shuffled.learn_one(x, one(guess))
    frozen.bind(12)
    assert goodness_gap(layer)[0] > 0.5
    assert goodness_gap(layer)[1] > 0.9
    assert goodness_gap(frozen)[1] < 0.75
    assert goodness_gap(shuffled)[1] < 0.75


def two_layers(learns, seed, n=3000):
    """Return how often a net of 20 hidden units is right about parity; its hidden layer learns, or does not."""
    rule = three_factor.rule(eta=0.02, decay=0.0, sees="slope")
    hidden = Layer(20, rule, "relu", feedback.signal(n_error=2, seed=seed), seed=seed)
    top = Layer(2, delta.rule(eta=0.02), "softmax", "label_error")
    X, y = parity(n)
    for x, c in zip(X, y, strict=True):
        h = hidden.transform(x)
        said = top.learn_one(h, hot(c, 2))
        if learns:
            hidden.learn_one(x, hot(c, 2) - said)
    X, y = parity(400, seed=1)
    return accuracy(top, np.array([hidden.transform(x) for x in X]), y)


def test_fixed_random_feedback_teaches_a_hidden_layer():
    learned, frozen = (np.mean([two_layers(learns, seed) for seed in range(3)]) for learns in (True, False))
    assert learned > 0.95
    assert frozen < learned - 0.2


def rewarded(informed, n=1500):
    """Return the mean reward of the first and the last 200 samples; noise is what was shown, or is not."""
    rng = np.random.default_rng(0)
    goal = rng.normal(size=(5, 3)).astype(np.float32)
    layer = Layer(3, hebb.rule(eta=0.02, sees="slope"), "linear", perturbation.signal(sigma=0.05))
    layer.bind(5)
    live = layer.state()
    state = perturbation.State(live["signal.seed"] + (not informed), live["signal.sample"])
    rewards = []
    for x in rng.normal(size=(n, 5)).astype(np.float32):
        push = perturbation.noise(
            layer.signal.params, state._replace(sample=layer.state()["signal.sample"]), 3
        )
        out = layer.transform(x)
        plus, minus = (-float(((out + side * push - x @ goal) ** 2).sum()) for side in (1, -1))
        layer.learn_one(x, one((plus - minus) / 2))
        rewards.append(-float(((out - x @ goal) ** 2).sum()))
    return np.mean(rewards[:200]), np.mean(rewards[-200:])


def test_perturbation_raises_the_reward():
    first, last = rewarded(informed=True)
    assert last > 0.02 * first  # rewards are below 0
    with pytest.raises(InputError, match="weights beyond"):  # noise of another sample drives them away
        rewarded(informed=False)


def test_a_reward_for_a_choice_teaches_a_classifier():
    layer, rng = Layer(4, delta.rule(eta=0.1), "softmax", reward_choice.signal()), np.random.default_rng(0)
    X, y = blobs(1500)
    for x, c in zip(X, y, strict=True):
        k = rng.choice(4, p=(p := layer.transform(x).astype(float)) / p.sum())
        layer.learn_one(x, np.array([k, k == c], np.float32))
    assert accuracy(layer, *blobs(300, seed=1)) > 0.9


def test_synchrony_turns_a_layer_towards_the_wave_of_the_class():
    make = lambda: Layer(60, hebb.rule(eta=0.5, sees="slope"), "relu", synchrony.signal(n_classes=4))  # noqa: E731
    layer, frozen = make(), make()
    for x, c in zip(*blobs(600), strict=True):
        layer.learn_one(x, hot(c, 4))
    frozen.bind(8)
    basis = synchrony.init(4, 60).basis
    X, y = blobs(300, seed=1)
    learned, control = (np.mean([(m.transform(x) @ basis).argmax() for x in X] == y) for m in (layer, frozen))
    assert learned > 0.9
    assert control < 0.6
