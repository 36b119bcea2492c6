"""The structured projection is the matrix it says it is, keeps lengths, and follows from its seed alone."""

import numpy as np
import pytest

from edgelearn.kernels import hadamard
from edgelearn.kernels.hadamard import Projector, projection_bytes

pytestmark = pytest.mark.kernels


def hadamard_matrix(n):
    H = np.ones((1, 1))
    while len(H) < n:
        H = np.block([[H, H], [H, -H]])
    return H


@pytest.mark.parametrize("n", [1, 2, 4, 8, 16, 32, 64, 128])
def test_transform_is_the_hadamard_matrix(n):
    x = np.random.default_rng(n).normal(size=n)
    part = x.copy()
    hadamard.transform(part)
    np.testing.assert_allclose(part, hadamard_matrix(n) @ x, atol=1e-12)


@pytest.mark.parametrize(("n_in", "n_out"), [(1, 3), (5, 5), (8, 3), (8, 20), (12, 40)])
def test_projector_is_its_dense_matrix(n_in, n_out):
    projector = Projector(n_in, n_out, seed=3)
    signs, pick = projector._signs.astype(float), projector._pick
    n = signs.shape[2]
    H = hadamard_matrix(n)
    dense = np.concatenate([H @ np.diag(second) @ H @ np.diag(first) for first, second in signs])[pick]
    dense = dense[:, :n_in] / (np.sqrt(n) * np.sqrt(n_in))
    x = np.random.default_rng(1).normal(size=n_in)
    np.testing.assert_allclose(projector(x, np.empty(n_out)), dense @ x, atol=1e-12)
    assert len(set(pick.tolist())) == n_out
    assert set(np.unique(signs)) <= {-1.0, 1.0}


def test_same_seed_same_projection():
    x = np.random.default_rng(0).normal(size=12).astype(np.float32)
    one, two, other = (Projector(12, 30, seed)(x, np.empty(30)) for seed in (5, 5, 6))
    assert np.array_equal(one, two)
    assert not np.allclose(one, other)


def test_the_projection_of_a_seed_never_changes():
    """Stored statistics are worth nothing under another projection: these values are for ever."""
    out = Projector(3, 4, seed=0)(np.array([1.0, 2.0, 4.0]), np.empty(4))
    np.testing.assert_allclose(out * np.sqrt(12), [0, 4, -16, -8], atol=1e-12)


def test_a_full_square_projection_turns_and_nothing_else():
    projector = Projector(16, 16, seed=1)
    M = np.stack([projector(row, np.empty(16)).copy() for row in np.eye(16)])
    np.testing.assert_allclose(M @ M.T, np.eye(16), atol=1e-12)


def test_distances_survive_a_projection_to_fewer_dimensions():
    """Johnson & Lindenstrauss: 48 of 128 dimensions keep squared distances within a factor."""
    X = np.random.default_rng(2).normal(size=(12, 128))
    projector = Projector(128, 48, seed=4)
    Z = np.stack([projector(x, np.empty(48)).copy() for x in X])
    before = ((X[:, None] - X) ** 2).mean(axis=2)[np.triu_indices(12, 1)]
    after = ((Z[:, None] - Z) ** 2).mean(axis=2)[np.triu_indices(12, 1)]
    ratio = after / before
    assert abs(ratio.mean() - 1) < 0.15
    assert ratio.min() > 0.4
    assert ratio.max() < 2.0


@pytest.mark.parametrize(("n_in", "n_out"), [(5, 5), (8, 20), (100, 30)])
def test_bytes_are_told(n_in, n_out):
    kept = sum(array.nbytes for array in Projector(n_in, n_out, 0).arrays)
    assert kept == projection_bytes(n_in, n_out)


@pytest.mark.parametrize("x", [[1.0, 2.0, 4.0], [1e6, 1e6 + 1, 1e6 + 5], [1e-20, 2e-20, 0.0]])
def test_normalise_takes_out_mean_and_spread(x):
    x = np.array(x, np.float32)
    out = np.empty(3)
    hadamard.normalise(x, out)
    wide = x.astype(float)
    np.testing.assert_allclose(out, (wide - wide.mean()) / wide.std(), atol=1e-9)


@pytest.mark.parametrize("n", [1, 3, 7, 49])
def test_normalise_of_a_constant_is_zero(n):
    out = np.full(n, np.nan)
    hadamard.normalise(np.full(n, 1 / 3, np.float32), out)
    assert np.array_equal(out, np.zeros(n))
