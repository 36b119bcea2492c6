"""S-TLLR refuses what it cannot use, by name, and learns nothing of it."""

import numpy as np
import pytest

from edgelearn.errors import ConfigError, InputError
from edgelearn.systems.s_tllr import SpikingNet, accuracy, fit, gradient
from edgelearn.systems.s_tllr.online import OnlineNet

X, Y = np.ones((6, 6, 5), np.float32), np.arange(6) % 3
NAN, INF = X.copy(), X.copy()
NAN[2, 3, 4], INF[0, 0, 0] = np.nan, -np.inf
BAD_X = [
    NAN,
    INF,
    X * np.float32(1e38),
    X[0],
    X[:4],
    X[:, :, :4],
    X.tolist(),
    None,
    X.astype(complex),
    X.astype(str),
    X.astype(object),
]
BAD_Y = [Y - 1, Y + 1, Y.astype(float), Y == 1, Y[:, None], Y[:5], Y[:0], Y.tolist(), Y.astype(str)]


def net(**settings):
    return SpikingNet((5, 4, 3), **settings)


def trained(one, x, y, n_samples=6, **settings):
    return list(fit(one, lambda *_: (x, y), n_samples, **{"epochs": 1, "batch": 6} | settings))


LEARN = [trained, gradient]


@pytest.mark.parametrize(
    "use", [*LEARN, accuracy, lambda one, x, _: one.scores(x), lambda one, x, _: one.predict_many(x)]
)
@pytest.mark.parametrize("x", BAD_X)
def test_samples_that_cannot_be_used_are_refused(use, x):
    refused(use, x, Y, "x ")


@pytest.mark.parametrize("use", [*LEARN, accuracy])
@pytest.mark.parametrize("y", BAD_Y)
def test_labels_that_are_no_classes_are_refused(use, y):
    refused(use, X, y, "y ")


@pytest.mark.parametrize("use", [*LEARN, accuracy])
def test_no_sample_is_refused(use):
    refused(use, X[:, :0], Y[:0], "at least 1")


def refused(use, x, y, word):
    one = net()
    before = {name: np.array(w) for name, w in one.arrays.items()}
    with pytest.raises(InputError, match=word):
        use(one, x, y)
    assert all(np.array_equal(one.arrays[name], w) for name, w in before.items())


def test_learning_needs_the_dtype_of_the_net_and_accuracy_takes_any():
    with pytest.raises(InputError, match="float32"):
        gradient(net(), X.astype(float), Y)
    assert accuracy(net(), X > 0, Y) == accuracy(net(), X.astype(float), Y) == accuracy(net(), X, Y)


@pytest.mark.parametrize("name", ["batch", "epochs", "n_samples"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "2", None, np.nan])
def test_fit_counts_in_whole_numbers(name, value):
    with pytest.raises(ConfigError, match=name):
        fit(
            net(), lambda *_: (X, Y), **{"n_samples": 6, "epochs": 1} | {name: value}
        )  # before it is iterated


@pytest.mark.parametrize("last", [0, -1, 7, 2.0, True, "2"])
def test_the_last_steps_are_among_all(last):
    for use in (net().scores, net().predict_many, lambda x, last: accuracy(net(), x, Y, last)):
        with pytest.raises(ConfigError, match="last"):
            use(X, last)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None, 2**63])
def test_a_seed_is_a_whole_number(seed):
    for make in (
        net,
        lambda seed: OnlineNet(5, 4, 3, seed=seed),
        lambda seed: trained(net(), X, Y, seed=seed),
    ):
        with pytest.raises(ConfigError, match="seed"):
            make(seed=seed)


@pytest.mark.parametrize(("name", "value"), [("neuron", "lif"), ("rule", "stdp_eligibility"), ("rule", 1)])
def test_a_part_is_no_name(name, value):
    for make in (net, lambda **part: OnlineNet(5, 4, 3, **part)):
        with pytest.raises(ConfigError, match=f"{name} must be a"):
            make(**{name: value})


def test_one_class_alone_is_refused_before_anything_is_learned():
    one = net()
    before = {name: np.array(array) for name, array in one.state().items()}
    with pytest.raises(InputError, match="all labels are 1"):
        fit(one, lambda _, who: (X[:, who], np.ones(len(who), int)), 6, epochs=1, batch=2)
    assert all((a == before[name]).all() for name, a in one.state().items())


@pytest.mark.parametrize(
    ("draw", "error", "said"),
    [
        (None, ConfigError, "draw must be a function"),
        (lambda _, who: X[:, who], InputError, "a tuple of x and y, not ndarray"),
    ],
)
def test_a_draw_that_is_none_is_refused(draw, error, said):
    with pytest.raises(error, match=said):
        fit(net(), draw, 6, epochs=1, batch=2)
