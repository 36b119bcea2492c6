"""NCM's kernels equal their NumPy definition bit for bit, and the golden vectors equal both."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from edgelearn.kernels import ncm

pytestmark = pytest.mark.kernels

VECTORS = Path(__file__).parents[1] / "vectors" / "ncm.json"
FILLS = {
    "random": lambda rng, shape: rng.normal(size=shape),
    "far from 0": lambda rng, shape: 1e4 + rng.normal(size=shape),
    "zero": lambda _, shape: np.zeros(shape),
    "constant": lambda _, shape: np.full(shape, 1 / 3),
    "denormal": lambda rng, shape: rng.normal(size=shape) * 1e-41,
    "large": lambda rng, shape: rng.normal(size=shape) * 1e15,
    "infinite squares": lambda rng, shape: rng.normal(size=shape) * 1e30,
    "signed zeros": lambda rng, shape: np.copysign(np.zeros(shape), rng.normal(size=shape)),
}


def same_bits(a, b):
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    nan = np.isnan(a) & np.isnan(b)  # any NaN will do: its payload is nobody's law
    return a.shape == b.shape and bool((nan | (a.view(np.uint32) == b.view(np.uint32))).all())


def by_definition(X, classes, n_classes):
    """Return (sums, carry, inverse, half) after learning X (n, D), by the definition alone."""
    sums, carry = (np.zeros((X.shape[1], n_classes), np.float32) for _ in range(2))
    counts, half = np.zeros(n_classes, np.int64), np.zeros(n_classes, np.float32)
    for x, c in zip(X, classes, strict=True):
        counts[c] += 1
        sums[:, c], carry[:, c], half[c] = ncm.define_learn(x, X[0], sums[:, c], carry[:, c], int(counts[c]))
    inverse = np.zeros(n_classes, np.float32)
    inverse[counts > 0] = np.float32(1.0) / counts[counts > 0].astype(np.float32)
    return sums, carry, inverse, half


def by_kernel(X, classes, n_classes, *, stream):
    sums, carry = (np.zeros((X.shape[1], n_classes), np.float32) for _ in range(2))
    inverse, half = (np.zeros(n_classes, np.float32) for _ in range(2))
    counts = np.zeros(n_classes, np.int64)
    if stream:
        ncm.learn_stream(X, classes, counts, X[0], sums, carry, inverse, half)
        return sums, carry, inverse, half
    for x, c in zip(X, classes, strict=True):
        counts[c] += 1
        inverse[c] = np.float32(1.0) / np.float32(counts[c])
        ncm.learn(x, int(c), 1, X[0], sums, carry, inverse, half)
    return sums, carry, inverse, half


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize(("n_features", "n_classes"), [(1, 1), (1, 3), (7, 1), (5, 4), (16, 2), (33, 9)])
def test_kernels_equal_the_definition(fill, n_features, n_classes):
    rng = np.random.default_rng(n_features * 100 + n_classes)
    X = FILLS[fill](rng, (12, n_features)).astype(np.float32)
    classes = rng.integers(0, n_classes, 12)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = by_definition(X, classes, n_classes)
        for stream in (False, True):
            got = by_kernel(X, classes, n_classes, stream=stream)
            assert all(same_bits(a, b) for a, b in zip(got, expected, strict=True))
        out = np.empty(n_classes, np.float32)
        for x in X[:4]:
            ncm.scores(x, X[0], expected[0], expected[2], expected[3], out)
            assert same_bits(out, ncm.define_scores(x, X[0], expected[0], expected[2], expected[3]))


def test_taking_away_is_learning_the_negative():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(6, 5)).astype(np.float32)
    sums, carry, inverse, half = by_definition(X, np.zeros(6, int), 1)
    total, lost, square = ncm.define_learn(
        X[0], X[2], sums[:, 0], carry[:, 0], 5
    )  # x and origin changed places
    inverse[0] = np.float32(1.0) / np.float32(5)
    ncm.learn(X[2], 0, -1, X[0], sums, carry, inverse, half)
    assert same_bits(sums[:, 0], total)
    assert same_bits(carry[:, 0], lost)
    assert same_bits(half[0], square)


def test_the_carry_keeps_counting_where_plain_float32_stops():
    sums, carry = np.full((1, 1), 2.0**24, np.float32), np.zeros((1, 1), np.float32)
    inverse, half = np.ones(1, np.float32), np.zeros(1, np.float32)
    one = np.ones(1, np.float32)
    for _ in range(100):
        ncm.learn(one, 0, 1, np.zeros(1, np.float32), sums, carry, inverse, half)
    assert np.float32(2.0**24) + np.float32(1) == np.float32(2.0**24)  # what plain float32 does
    assert float(sums[0, 0]) - float(carry[0, 0]) == 2.0**24 + 100


def golden():
    """Cases of exact inputs (from raw bits, the same everywhere) and what the definition makes of them."""
    cases = []
    for n_features, n_classes, n, exponent in ((1, 1, 4, 0), (6, 3, 20, 0), (9, 4, 16, 12), (5, 2, 10, -130)):
        raw = np.asarray(np.random.PCG64(n_features).random_raw(n * n_features)) >> np.uint64(44)
        whole = raw.astype(np.int64) - 2**19
        X = np.ldexp(whole.astype(np.float64), exponent - 16).astype(np.float32).reshape(n, n_features)
        classes = np.arange(n) * 7 % n_classes
        sums, carry, inverse, half = by_definition(X, classes, n_classes)
        parts = {"x": X, "sums": sums, "carry": carry, "inverse": inverse, "half": half}
        parts["scores"] = np.stack([ncm.define_scores(x, X[0], sums, inverse, half) for x in X])
        bits = {name: part.view(np.uint32).ravel().tolist() for name, part in parts.items()}
        cases.append({"n_features": n_features, "n_classes": n_classes, "classes": classes.tolist(), **bits})
    return {"words": "uint32 bit patterns of float32, row after row", "cases": cases}


def test_golden_vectors_are_current():
    if os.environ.get("EDGELEARN_WRITE_VECTORS"):
        VECTORS.parent.mkdir(exist_ok=True)
        VECTORS.write_text(json.dumps(golden()) + "\n")
    stale = "tests/vectors/ncm.json is not what the definition says; EDGELEARN_WRITE_VECTORS=1 writes it anew"
    assert json.loads(VECTORS.read_text()) == golden(), stale


@pytest.mark.parametrize("case", range(4))
def test_kernels_equal_the_golden_vectors(case):
    vector = json.loads(VECTORS.read_text())["cases"][case]
    d, m = vector["n_features"], vector["n_classes"]

    def part(name, *shape):
        return np.array(vector[name], np.uint32).view(np.float32).reshape(shape)

    X = part("x", -1, d)
    classes = np.array(vector["classes"])
    sums, carry, inverse, half = by_kernel(X, classes, m, stream=False)
    assert same_bits(sums, part("sums", d, m))
    assert same_bits(carry, part("carry", d, m))
    assert same_bits(inverse, part("inverse", m))
    assert same_bits(half, part("half", m))
    out = np.empty(m, np.float32)
    for x, expected in zip(X, part("scores", -1, m), strict=True):
        ncm.scores(x, X[0], sums, inverse, half, out)
        assert same_bits(out, expected)
