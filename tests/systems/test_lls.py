"""LLS: each layer follows the exact gradient of its own loss, and classifies alone; its controls do not."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from edgelearn.signals import synchrony
from edgelearn.systems import chain
from edgelearn.systems.adam import Adam
from edgelearn.systems.conv_block import Block, learned
from edgelearn.systems.lls import LLS, SMALL_FIELDS, dense, small_conv
from edgelearn.systems.net import one_hot
from edgelearn.testing.fills import same_bits

CONV = (Block((8, 8, 1), 6, 3, "max", 2), Block((4, 4, 6), 16))
WIDE = (Block((8, 8, 1), 32, 3, "max", 2), Block((4, 4, 32), 32))


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    X = (X / 16).astype(np.float32)
    return X[:1200], y[:1200], X[1200:], y[1200:]


def fitted(net, digits, epochs=15, y=None, batch=30):
    for _ in net.fit(digits[0], digits[1] if y is None else y, epochs=epochs, batch=batch):
        pass
    return net


def least(net, digits):
    return min((z == digits[3]).mean() for z in net.by_layer(digits[2]))


@pytest.fixture(scope="module")
def taught(digits):
    return fitted(LLS(dense((64, 100, 100))), digits)


# -- exactness ------------------------------------------------------------------------------------


def own_loss(net, k, X, y):
    """Return the mean cross-entropy of layer k, which sees X."""
    block = net.blocks[k]
    out = block.forward(learned(net.arrays, k), X).out
    latent = net.sights[k].latent(out)
    logits = latent / np.linalg.norm(latent, axis=1, keepdims=True) @ net.basis(k) / 0.5
    return (np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]).mean()


@pytest.mark.parametrize("mixing", ["", "M", "MxM"])
@pytest.mark.parametrize("k", [0, 1])
def test_a_layer_follows_the_gradient_of_its_own_loss(k, mixing):
    rng = np.random.default_rng(k)
    net = LLS(CONV, 5, fields=(2, 1), mixing=mixing)
    net.arrays = {name: a.astype(np.float64) + rng.normal(0, 0.1, a.shape) for name, a in net.arrays.items()}
    X, y = rng.normal(size=(7, int(np.prod(CONV[k].shape)))), rng.integers(0, 5, 7)
    asked = net.asked(k, CONV[k].forward(learned(net.arrays, k), X), one_hot(y, 5).astype(np.float64))
    assert set(asked) == {f"w{k}", f"gain{k}", f"shift{k}"} | ({f"m{k}"} if mixing else set())
    for name, gradient in asked.items():
        for at in rng.choice(gradient.size, 4, replace=False):
            value, sides = net.arrays[name].flat[at], []
            for side in (1e-6, -1e-6):
                net.arrays[name].flat[at] = value + side
                sides.append(own_loss(net, k, X, y))
            net.arrays[name].flat[at] = value
            assert gradient.flat[at] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=2e-6), name


def test_the_signal_sees_means_of_fields_channel_after_channel():
    net = LLS([Block((4, 4, 1), 2, 3)], 3, fields=(2,))
    maps = np.arange(32, dtype=np.float32).reshape(16, 2)  # positions, units
    expected = [
        [maps.reshape(4, 4, 2)[y : y + 2, x : x + 2, u].mean() for y in (0, 2) for x in (0, 2)]
        for u in (0, 1)
    ]
    assert net.sights[0].latent(maps)[0] == pytest.approx(np.ravel(expected))


def test_no_layer_learns_from_the_one_above(digits):
    one, two = (LLS(dense((64, 30, 30)), seed=3) for _ in range(2))
    two.arrays["w1"] *= -2
    two.arrays["head"] += 1
    for net in (one, two):
        net.learn(digits[0][:50], digits[1][:50], 0.005)
    assert same_bits(one.arrays["w0"], two.arrays["w0"])
    assert same_bits(one.arrays["gain0"], two.arrays["gain0"])


def test_a_batch_goes_up_once_and_each_layer_steps_by_what_it_saw(digits):
    """The layer above sees what the one below made of the batch before it learned of it, not after."""
    net, twin = (LLS(CONV, fields=(2, 1), seed=3) for _ in range(2))
    X, teach = digits[0][:50], one_hot(digits[1][:50], 10)
    adam, below = Adam(), X
    for k, block in enumerate(CONV):
        seen = block.forward(learned(twin.arrays, k), below)
        adam.step(twin.arrays, twin.asked(k, seen, teach), 0.005)
        below = block.pooled(seen.out)
    net.learn(X, digits[1][:50], 0.005)
    for name in ("w0", "gain0", "shift0", "w1", "gain1", "shift1"):
        assert same_bits(net.arrays[name], twin.arrays[name])


def test_the_rate_falls_along_half_a_cosine(digits, monkeypatch):
    net, rates = LLS(dense((64, 30)), eta=0.01), []
    monkeypatch.setattr(net, "learn", lambda *batch: rates.append(batch[-1]))
    list(net.fit(digits[0], digits[1], epochs=2, batch=300))
    assert rates == pytest.approx(0.005 * (1 + np.cos(np.pi * np.arange(8) / 8)))


def test_the_softmax_teaches_no_layer(digits):
    one, two = (LLS(dense((64, 30)), seed=3) for _ in range(2))
    two.arrays["head"][:] = 0
    for net in (one, two):
        net.learn(digits[0][:50], digits[1][:50], 0.005)
    assert same_bits(one.arrays["w0"], two.arrays["w0"])
    assert not same_bits(one.arrays["head"], two.arrays["head"])


# -- learning and its controls --------------------------------------------------------------------


def test_every_layer_classifies_alone_and_none_does_frozen(taught, digits):
    frozen = fitted(LLS(dense((64, 100, 100)), still=True), digits)
    assert least(taught, digits) > 0.88
    assert (taught.predict_many(digits[2]) == digits[3]).mean() > 0.88
    assert max((z == digits[3]).mean() for z in frozen.by_layer(digits[2])) < 0.2


def test_shuffled_labels_teach_nothing(digits):
    y = np.random.default_rng(0).permutation(digits[1])
    net = fitted(LLS(dense((64, 100, 100))), digits, y=y)
    assert max((z == digits[3]).mean() for z in net.by_layer(digits[2])) < 0.2


@pytest.mark.parametrize(
    "settings", [{"mixing": "M"}, {"mixing": "MxM"}, {"basis": "gaussian"}], ids=["M", "MxM", "gaussian"]
)
def test_other_forms_learn_as_well(digits, settings):
    assert least(fitted(LLS(dense((64, 100, 100)), **settings), digits), digits) > 0.88


def test_maps_learn_as_well(digits):
    net = fitted(LLS(WIDE, fields=(4, 1)), digits, epochs=10)
    first, last = ((z == digits[3]).mean() for z in net.by_layer(digits[2]))
    assert first > 0.5
    assert last > 0.88


def test_the_small_net_of_the_paper():
    net = LLS(small_conv((32, 32, 3)), fields=SMALL_FIELDS)
    assert [block.shape_out for block in net.blocks] == [(16, 16, 32), (8, 8, 64), (2, 2, 128), (1, 1, 512)]
    assert [net.basis(k).shape for k in range(4)] == [(512, 10), (256, 10), (512, 10), (512, 10)]
    assert same_bits(net.basis(1), synchrony.basis(10, 256))


# -- what becomes of it ---------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [dense((64, 20, 20)), CONV], ids=["dense", "conv"])
def test_frozen_operations_are_the_features(digits, blocks):
    net = fitted(LLS(blocks), digits, epochs=1)
    features = net.features(digits[2])
    assert same_bits(features, chain.run(net.frozen(), digits[2]))
    scores = features @ net.arrays["head"] + net.arrays["bias"]
    assert (scores.argmax(axis=1) == net.predict_many(digits[2])).all()
    assert (net.by_layer(digits[2])[-1] == (features @ net.basis(1)).argmax(axis=1)).all()


def test_running_statistics_end_at_those_of_the_data(digits):
    net = LLS(dense((64, 20)), still=True)
    for _ in range(60):
        net.learn(digits[0][:600], digits[1][:600], 1e-3)
    drives = digits[0][:600] @ net.arrays["w0"]
    assert net.arrays["mean0"] == pytest.approx(drives.mean(axis=0), abs=0.01)
    assert net.arrays["variance0"] == pytest.approx(drives.var(axis=0), abs=0.01)


def test_the_same_seed_gives_the_same_network(digits):
    one, two, other = (fitted(LLS(dense((64, 20)), seed=s), digits, epochs=1) for s in (5, 5, 6))
    assert all(same_bits(one.arrays[name], two.arrays[name]) for name in one.arrays)
    assert not same_bits(one.arrays["w0"], other.arrays["w0"])
