"""SoftHebb's control has units of norm 1 as they were drawn; fields of its maps are means."""

from itertools import pairwise

import numpy as np
import pytest

from edgelearn.bench import softhebb_conv
from edgelearn.bench.images import Images
from edgelearn.bench.run import Run
from edgelearn.bench.softhebb_fits import STEP, bar, fitted, random
from edgelearn.bench.systems import softhebb
from edgelearn.systems.softhebb import PUBLISHED, conv, dense
from edgelearn.testing.fills import same_bits

X = np.random.default_rng(0).uniform(size=(STEP + 200, 12)).astype(np.float32)


def test_a_random_network_has_directions_as_drawn_and_norms_of_1():
    drawn, bare = random(dense(7, spread=1.0, seed=3), X), dense(7, spread=1.0, seed=3).settle(X[:1])
    w, start = drawn.stages[0].layer.w, bare.stages[0].layer.w
    assert np.linalg.norm(w, axis=0) == pytest.approx(1, abs=1e-6)
    assert w == pytest.approx(start / np.linalg.norm(start, axis=0), abs=1e-6)


def test_a_random_convolution_knows_the_statistics_of_its_input():
    images = 0.3 + 0.1 * np.random.default_rng(1).standard_normal((50, 192)).astype(np.float32)
    net = random(conv((8, 8, 3), PUBLISHED[:1], spread=1.0), images)
    seen = net.stages[0].standard.transform(images)
    assert (seen.mean(), seen.std()) == (pytest.approx(0, abs=0.02), pytest.approx(1, abs=0.02))


def test_all_samples_are_seen_in_their_order():
    one, two = fitted(Run(), dense(7), X), dense(7).fit(X[:STEP]).fit(X[STEP:])
    assert same_bits(one.stages[0].layer.w, two.stages[0].layer.w)


@pytest.mark.parametrize("side", [8, 6])
def test_fields_are_means_of_what_lies_in_them(side):
    maps = np.random.default_rng(0).normal(size=(2, side, side, 3))
    edges = np.linspace(0, side, 5).astype(int)
    expected = [[maps[:, a:b, c:d].mean(axis=(1, 2)) for c, d in pairwise(edges)] for a, b in pairwise(edges)]
    found = softhebb_conv._coarse(maps, 4).reshape(2, 4, 4, 3)
    assert found == pytest.approx(np.moveaxis(np.array(expected), 2, 0))


def test_a_stream_class_after_class_is_read_out_like_the_one_in_random_order(monkeypatch):
    rng = np.random.default_rng(0)
    images = Images(
        rng.uniform(size=(500, 9)).astype(np.float32), rng.integers(0, 3, 500), *[np.zeros(0)] * 2
    )
    learned = []
    monkeypatch.setattr(softhebb, "_ridge", lambda net, read: learned.append((net, read)) or 0.0)
    assert set(softhebb._streams(Run(), 100, images, 0)) == {"dense_100_stream", "dense_100_by_class"}
    (one, first), (other, second) = learned
    assert first is second is images
    assert not same_bits(one.stages[0].layer.w, other.stages[0].layer.w)


def test_bars_are_means_over_seeds():
    assert bar([{"a": 1.0, "b": 3.0}, {"a": 2.0, "b": 5.0}], "b", "a") == [4.0, 1.5]
