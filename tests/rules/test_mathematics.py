"""What is known of each rule: where it ends, how fast it may move, what it forgets."""

import numpy as np
import pytest

from edgelearn.rules import make, three_factor_ring

pytestmark = pytest.mark.kernels


def trained(rule, X, n_post, third=lambda u: np.ones_like(u), spread=0.1, seed=0):
    """Return weights and the last state after linear units saw X (n, n_pre) once, sample by sample."""
    rng = np.random.default_rng(seed)
    w = (rng.normal(size=(X.shape[1], n_post)) * spread).astype(np.float32)
    state = rule.init(*w.shape)
    for x in X:
        u = x @ w
        rule.kernel.dispatcher(w, x, u, third(u), *state, *rule.params)
    return w, state


def principal(n=6000, seed=0):
    """Return samples (n, 6) of mean 0, and their principal axes in the columns, the largest first."""
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    X = rng.normal(size=(n, 6)) * [2.0, 1.3, 0.8, 0.3, 0.2, 0.1] @ axes.T
    return X.astype(np.float32), axes


def test_oja_finds_the_first_principal_component_with_norm_1():
    X, axes = principal()
    w, _ = trained(make("oja", eta=0.01), X, 2)
    assert np.abs(axes[:, 0] @ w) == pytest.approx([1, 1], abs=0.02)
    assert np.linalg.norm(w, axis=0) == pytest.approx([1, 1], abs=0.05)


def test_without_its_forgetting_plain_hebb_grows_without_end():
    X, _ = principal(500)
    w, _ = trained(make("hebb", eta=0.01), X, 2)
    assert np.linalg.norm(w, axis=0).min() > 1e6


def test_sanger_finds_the_principal_components_in_order():
    X, axes = principal()
    w, _ = trained(make("sanger", eta=0.005), X, 3)
    overlap = np.abs(axes.T @ w) / np.linalg.norm(w, axis=0)
    assert np.diag(overlap) == pytest.approx([1, 1, 1], abs=0.02)
    alone, _ = trained(make("oja", eta=0.005), X, 3)  # what Sanger adds: Oja's units all find the first
    assert np.abs(axes[:, 0] @ alone).min() > 0.95


def orthogonal(n, seed=0):
    """Return n samples (n, 4), one of four orthogonal patterns each, equally likely."""
    return np.eye(4, dtype=np.float32)[np.random.default_rng(seed).integers(0, 4, n)]


def test_bcm_selects_one_of_orthogonal_patterns_and_answers_1_over_its_probability():
    w, _ = trained(make("bcm", eta=0.005, decay=0.96), orthogonal(12000), 5, spread=0.5)
    answers = np.sort(np.abs(w), axis=0)
    assert answers[-1] == pytest.approx(np.full(5, 4.0), rel=0.25)
    assert answers[-2].max() < 0.3


def test_bcm_grows_without_end_when_its_threshold_is_slower_than_its_weights():
    with np.errstate(over="ignore", invalid="ignore"):
        w, _ = trained(make("bcm", eta=0.3, decay=0.999), orthogonal(2000), 5, spread=0.5)
    assert not np.isfinite(w).all()


def clusters(n, seed=0):
    """Return n samples (n, 12) around four centres with inputs above 0."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(size=(4, 12))
    return (centres[rng.integers(0, 4, n)] + 0.05 * rng.normal(size=(n, 12))).astype(np.float32)


def ranked(u):
    """The best unit 1, the second -0.4."""
    third = np.zeros_like(u)
    third[np.argsort(-u, kind="stable")[:2]] = 1, -0.4
    return third


def winners(w, X):
    return np.unique((X @ w).argmax(axis=1))


def test_krotov_hopfield_brings_winners_to_norm_1():
    X = clusters(4000)
    w, _ = trained(make("krotov_hopfield", eta=0.02), X, 8, ranked, spread=1.0)
    chosen = w[:, winners(w, X)]
    assert np.linalg.norm(chosen, axis=0) == pytest.approx(np.ones(chosen.shape[1]), abs=0.05)


def test_krotov_hopfield_leaves_units_without_rank_alone():
    rule, rng = make("krotov_hopfield"), np.random.default_rng(0)
    w = rng.normal(size=(5, 3)).astype(np.float32)
    before = w.copy()
    x, u, third = np.ones(5, np.float32), np.full(3, np.inf, np.float32), np.array([0, 0, 0], np.float32)
    rule.kernel(w, x, u, third, *rule.params)
    assert np.array_equal(w, before)


def test_delta_ends_at_least_squares():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5)).astype(np.float32)
    Y = (X @ rng.normal(size=(5, 3)) + rng.normal(size=(200, 3))).astype(np.float32)
    rule, w, none = make("delta", eta=0.001), np.zeros((5, 3), np.float32), np.zeros(3, np.float32)
    for k in range(8000):
        x = X[k % 200]
        rule.kernel.dispatcher(w, x, none, Y[k % 200] - x @ w, *rule.params)
    best = np.linalg.lstsq(X, Y, rcond=None)[0]
    assert np.abs(w - best).max() < 0.02


def pairs(n, shape=(4, 3), seed=0):
    rng = np.random.default_rng(seed)
    return [tuple(rng.normal(size=k).astype(np.float32) for k in shape) for _ in range(n)]


def test_the_trace_of_three_factor_is_its_closed_form():
    rule, samples = make("three_factor", decay=0.8), pairs(30)
    w, state = np.zeros((4, 3), np.float32), rule.init(4, 3)
    for pre, post in samples:
        rule.kernel(w, pre, post, np.zeros(3, np.float32), *state, *rule.params)
    closed = sum(0.8**k * np.outer(*pair).astype(float) for k, pair in enumerate(reversed(samples)))
    assert np.abs(state.trace - closed).max() < 1e-5
    assert not w.any()


@pytest.mark.parametrize(("decay", "tolerance"), [(0.9, 0.01), (0.5, 0.1), (0.0, 0.5)])
def test_the_ring_is_three_factor_but_for_what_it_says_it_forgets(decay, tolerance):
    length = three_factor_ring.pairs(decay, tolerance)
    assert decay**length <= tolerance < (decay ** (length - 1) if length > 1 else 1)
    samples, one = pairs(2 * length + 1), np.ones(3, np.float32)
    ring = make("three_factor_ring", eta=1.0, decay=decay, tolerance=tolerance)
    full = make("three_factor", eta=1.0, decay=decay)
    kept, state, traces = ring.init(4, 3), full.init(4, 3), [np.zeros((4, 3), np.float32)]
    for k, (pre, post) in enumerate(samples):
        moved, told = np.zeros((4, 3), np.float32), np.zeros((4, 3), np.float32)
        ring.kernel(moved, pre, post, one, *kept, *ring.params)
        full.kernel(told, pre, post, one, *state, *full.params)
        traces.append(state.trace.copy())
        if k < length:
            assert np.array_equal(moved, told)
        else:  # the oldest pair but those in the ring was the last of this trace
            forgotten = decay**length * traces[k + 1 - length]
            assert moved + forgotten == pytest.approx(told, abs=1e-5)


def test_the_ring_learns_nothing_without_a_third_factor():
    ring = make("three_factor_ring", low=-0.1, high=0.1)
    w, state = np.full((4, 3), 0.5, np.float32), ring.init(4, 3)
    for pre, post in pairs(5):
        ring.kernel(w, pre, post, np.zeros(3, np.float32), *state, *ring.params)
    assert (w == np.float32(0.5)).all()


def softened(u):
    """Soft competition with the sign of the winner, as SoftHebb's neuron and signal give it."""
    y = np.exp(4 * (u - u.max()))
    return (np.where(np.arange(len(u)) == u.argmax(), y, -y) / y.sum()).astype(np.float32)


def test_softhebb_moves_no_weight_further_than_it_says_and_ends_at_norm_1():
    rule, X = make("softhebb", eta=0.1), clusters(3000)
    rng = np.random.default_rng(0)
    w, state = (rng.normal(size=(12, 4)) * 2).astype(np.float32), rule.init(12, 4)
    for x in X:
        u, before = x @ w, w.copy()
        rule.kernel.dispatcher(w, x, u, softened(u), *state, *rule.params)
        most = 0.1 * np.sqrt(np.abs(np.linalg.norm(before, axis=0) - 1))
        assert (np.abs(w - before) <= most + 1e-6).all()
    chosen = w[:, winners(w, X)]
    assert np.linalg.norm(chosen, axis=0) == pytest.approx(np.ones(chosen.shape[1]), abs=0.02)
