"""The waves of synchrony are the same bits everywhere, and many samples are taught by any basis as one is."""

from hashlib import sha256

import numpy as np
import pytest

from edgelearn import signals
from edgelearn.errors import ConfigError, InputError
from edgelearn.signals import synchrony

# convergents of pi from above and, every other one, from below
ABOVE = [(22, 7), (355, 113), (104348, 33215), (312689, 99532), (14885392687, 4738167652)]
BELOW = [(3, 1), (333, 106), (103993, 33102), (208341, 66317), (6167950454, 1963319607)]


@pytest.mark.parametrize(
    ("n_classes", "n_post", "digest", "cosine"),
    [
        (2, 100, "57f3a40754ed93c1", 0.031),
        (10, 256, "7eb31bb21b5dcc99", 0.130),
        (100, 512, "c1127ef16a3af967", 0.210),
        (200, 2048, "64ef6699581ce737", 0.179),
        (10, 8192, "4ca7cd3b0dbaa4fb", 0.015),
    ],
)
def test_the_waves_are_the_same_bits_on_every_machine(n_classes, n_post, digest, cosine):
    waves = synchrony.basis(n_classes, n_post)
    assert (waves.shape, waves.dtype) == ((n_post, n_classes), np.float32)
    assert sha256(waves.astype("<i1").tobytes()).hexdigest()[:16] == digest
    unit = waves / np.linalg.norm(waves, axis=0)
    assert np.abs(unit.T @ unit - np.eye(n_classes)).max() < cosine


@pytest.mark.parametrize(("n_classes", "n_post"), [(2, 5000), (7, 3000), (10, 8192)])
def test_the_waves_are_the_signs_of_the_sines(n_classes, n_post):
    sines = np.sin(np.arange(n_post)[:, None] * np.linspace(50, 512, n_classes))
    clear = np.abs(sines) > 1e-6
    waves = synchrony.basis(n_classes, n_post)
    assert clear[1:].mean() > 0.999
    assert (waves[clear] == np.sign(sines[clear])).all()
    assert not waves[0].any()


def test_the_sign_is_right_where_the_sine_is_smallest():
    assert [synchrony.half_turns(*ratio) for ratio in ABOVE] == [1] * 5
    assert [synchrony.half_turns(*ratio) for ratio in BELOW] == [0] * 5
    assert synchrony.half_turns(355 * 10**6, 1) == 113 * 10**6 + 9  # 30 rad beyond, so 9 turns more


def test_waves_belong_to_whoever_asked():
    synchrony.basis(3, 9)[:] = 7
    assert set(np.unique(synchrony.basis(3, 9))) == {-1, 0, 1}


@pytest.mark.parametrize(("n_classes", "n_post", "said"), [(1, 5, "n_classes"), (3, 0, "n_post")])
def test_waves_of_nothing(n_classes, n_post, said):
    with pytest.raises(ConfigError, match=f"{said} must be a whole number of at least"):
        synchrony.basis(n_classes, n_post)


def test_many_samples_of_more_classes_than_the_waves_were_made_for():
    signal = signals.make("synchrony", n_classes=3)
    assert signal.batch is not None
    with pytest.raises(InputError, match="the waves were made for 3 classes, not 4"):
        signal.batch(signal.params, np.ones((2, 6), np.float32), np.eye(4, dtype=np.float32)[:2])


def entropy(q, basis, teach, tau):
    logits = q @ basis / tau
    return (np.log(np.exp(logits).sum(axis=1)) - (logits * teach).sum(axis=1)).sum()


def test_by_the_number_of_units_a_silent_layer_is_taught_too():
    signal = synchrony.signal(n_classes=4, tau=0.25, normalised=False)
    third = signal.step(signal.params, signal.init(8), np.zeros(8), np.eye(4)[1])[1]
    share = np.full(4, 0.25) - np.eye(4)[1]
    assert third == pytest.approx(-synchrony.basis(4, 8) @ share / 0.25 / 8)


@pytest.mark.parametrize("normalised", [True, False])
def test_any_basis_teaches_the_gradient_by_output_and_by_basis(normalised):
    rng = np.random.default_rng(0)
    out, basis, teach = rng.normal(size=(5, 12)), rng.normal(size=(12, 3)), np.eye(3)[[0, 1, 2, 2, 0]]
    params = synchrony.signal(3, 0.7, normalised).params._replace(tau=0.7)
    found = synchrony.answers(params, basis, out, teach)
    length = np.linalg.norm(out, axis=1, keepdims=True) if normalised else 12
    assert found.q == pytest.approx(out / length)
    step = 1e-6
    for i, j in ((0, 0), (3, 7), (4, 11)):
        push = np.zeros_like(out)
        push[i, j] = step
        sides = []
        for more in (out + push, out - push):
            by = np.linalg.norm(more, axis=1, keepdims=True) if normalised else 12
            sides.append(entropy(more / by, basis, teach, 0.7))
        assert found.third[i, j] == pytest.approx(-(sides[0] - sides[1]) / (2 * step), abs=1e-7)
    change = np.zeros_like(basis)
    change[4, 2] = step
    sides = [entropy(found.q, basis + side * change, teach, 0.7) for side in (1, -1)]
    assert (found.q.T @ found.error)[4, 2] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-7)


def test_a_silent_sample_among_others_is_taught_nothing_and_the_others_as_ever():
    signal, teach = synchrony.signal(n_classes=4), np.eye(4, dtype=np.float32)[[1, 2, 3]]
    out = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    out[1] = 0
    third = signal.batch(signal.params, out, teach)
    alone = [
        signal.step(signal.params, signal.init(8), *sample)[1] for sample in zip(out, teach, strict=True)
    ]
    assert third == pytest.approx(np.array(alone), abs=1e-5)
    assert not third[1].any()
    assert not synchrony.answers(signal.params, synchrony.basis(4, 8), out, teach).error[1].any()
