"""C on every machine equals the kernels and the definitions in Python where float32 has its edges: NaN, -0, infinity,
denormals, bounds that are infinite, sizes around a tile of 16."""

import zlib

import numpy as np
import pytest

from edgelearn import neurons, rules, signals
from edgelearn.kernels.functions import define_exp, define_log, define_tanh
from edgelearn.kernels.ncm import define_learn, define_scores
from edgelearn.kernels.order import define_drive
from edgelearn.testing.fills import FILLS, fill, same_bits
from edgelearn.types import F32
from firmware_bridge.protocol.constants import NEURONS, SIGNALS
from tests.bridge.rules import calls
from tests.bridge.rules.calls import row, unrow

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy says so when a sum overflows

SHAPES = ((1, 1), (3, 2), (33, 10), (5, 16), (4, 17), (2, 35))
STEPS = 3
BOUNDED = {"low": -0.5, "high": 0.25}
HARD = {
    "reset": 0.1,
    "refractory": 2,
    "theta_plus": 0.05,
    "theta_decay": 0.9,
    "inhibition": 0.2,
    "one_spike": True,
}
VARIANTS = {
    "delta": ({}, BOUNDED, {"high": 0.5}, {"low": -0.0}),
    "three_factor": ({}, BOUNDED, {"sees": "slope"}),
    "softhebb": ({},),
    "stdp": ({}, {"additive": True, "soft": True}, {"low": -np.inf, "high": np.inf}),
    "softmax": ({}, {"t": 0.0}, {"t": 8.0}),
    "triangle": ({}, {"power": 0.7}, {"power": 1.4}),
    "lif": ({}, HARD),
    "reward": ({}, {"alpha": 0.0}),
}


def rng_of(*words: object) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(repr(words).encode()))


EDGES = np.array(
    [
        0,
        1,
        0x7FFFFF,
        0x800000,
        0x7F7FFFFF,
        0x7F800000,
        0x7FC00000,
        0x3F800000,
        0x3F7FFFFF,
        0x4B000000,
        0x447A0000,
    ],
    np.uint32,
).view(
    np.float32
)  # 0, smallest and largest denormal, smallest and largest normal, infinity, NaN, ordinary ones
EDGES = np.concatenate([EDGES, -EDGES])


def bits(rng: np.random.Generator, n: int) -> F32:
    """Return numbers of every size, from random bits, behind those at the edges."""
    return np.concatenate([EDGES, rng.integers(0, 2**32, n, np.uint32).view(np.float32)])


@pytest.mark.parametrize("name", calls.TWINS)
def test_a_rule_equals_its_definition_at_the_edges(parts, name):
    for settings in VARIANTS[name]:
        rule = rules.make(name, **settings)
        for kind in FILLS:
            for shape in SHAPES:
                rng = rng_of(name, kind, shape)
                w = fill("random", rng, shape)
                defined, state = np.array(w), rule.init(*shape)
                mine, params = row(state), row(rule.params)
                for _ in range(STEPS):
                    sample = [fill(kind, rng, (n,)) for n in (shape[0], shape[1], shape[1])]
                    state, defined = rule.step(rule.params, state, defined, *sample)
                    calls.rule(parts, name, params, mine, w, *sample)
                found = {"w": w, **unrow(mine, state._asdict())}
                for key, expected in {"w": defined, **state._asdict()}.items():
                    assert same_bits(found[key], expected), (settings, kind, shape, key)


@pytest.mark.parametrize("name", NEURONS)
def test_a_neuron_equals_its_definition_at_the_edges(parts, name):
    for settings in VARIANTS.get(name, ({},)):
        neuron = neurons.make(name, **settings)
        for kind in FILLS:
            for n in (2, 7, 17):
                rng, state = rng_of(name, kind, n), neuron.init(n)
                lasting, faded = (
                    row(a for f, a in state._asdict().items() if (f in neuron.fades) == f_)
                    for f_ in (False, True)
                )
                for _ in range(STEPS):
                    drive = fill(kind, rng, (n,))
                    state, out, slope = neuron.step(neuron.params, state, drive)
                    found = calls.neuron(parts, name, row(neuron.params), lasting, faded, drive)
                    assert same_bits(found[0], out), (settings, kind, n)
                    assert same_bits(found[1], slope), (settings, kind, n)
                for fading, mine in ((False, lasting), (True, faded)):
                    kept = row(a for f, a in state._asdict().items() if (f in neuron.fades) == fading)
                    assert same_bits(mine, kept), (settings, kind, n)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_equals_its_definition_at_the_edges(parts, name):
    for settings in VARIANTS.get(name, ({},)):
        signal = signals.make(name, **settings)
        for kind in FILLS:
            for n in (1, 7, 17):
                rng, state = rng_of(name, kind, n), signal.init(n)
                mine = row(state)
                for _ in range(STEPS):
                    out, teach = fill(kind, rng, (n,)), fill(kind, rng, (signal.n_teach(n),))
                    state, expected = signal.step(signal.params, state, out, teach)
                    third = calls.signal(parts, name, row(signal.params), mine, out, teach)
                    assert same_bits(third, np.asarray(expected, np.float32)), (settings, kind, n)
                assert same_bits(mine, row(state)), (settings, kind, n)


@pytest.mark.parametrize("kind", FILLS)
def test_drive_and_nearest_class_mean_equal_their_definitions_at_the_edges(parts, kind):
    for n, m in SHAPES:
        rng = rng_of(kind, n, m)
        w, X = fill("random", rng, (n, m)), fill(kind, rng, (6, n))
        X[1, 0] = -0.0
        u, sums, carry, half = (np.zeros(shape, np.float32) for shape in (m, (n, m), (n, m), m))
        defined, counts = [np.array(a) for a in (sums, carry, half)], np.zeros(m, np.uint32)
        for k, x in enumerate(X):
            parts.call("run_drive", x, w, u, n, m)
            assert same_bits(u, define_drive(x, w)), (n, m)
            c = k % m
            counts[c] += 1
            parts.call("run_ncm_learn", x, c, X[0], sums, carry, int(counts[c]), half, n, m)
            column = define_learn(x, X[0], defined[0][:, c], defined[1][:, c], int(counts[c]))
            defined[0][:, c], defined[1][:, c], defined[2][c] = column
        assert all(map(same_bits, (sums, carry, half), defined)), (n, m)
        inverse = np.float32(1.0) / np.maximum(counts, 1).astype(np.float32)
        for x in X:
            parts.call("run_ncm_scores", x, X[0], sums, counts, half, u, n, m)
            expected = np.where(counts > 0, define_scores(x, X[0], sums, inverse, half), -np.inf)
            assert same_bits(u, expected.astype(np.float32)), (n, m)


def test_an_input_of_0_is_no_event_whatever_its_sign_and_weight(parts):
    x, u = np.array([1.0, 0.0, -0.0], np.float32), np.full(20, 7, np.float32)
    w = np.full((3, 20), np.inf, np.float32)
    w[0] = np.arange(20)
    parts.call("run_drive", x, w, u, 3, 20)
    assert same_bits(u, w[0])


def test_exp_log_and_tanh_equal_their_definitions(parts):
    rng = rng_of("functions")
    x = np.concatenate([bits(rng, 4000), rng.uniform(-100, 100, 4000).astype(np.float32)])
    y = np.empty_like(x)
    for name, define in (("exp", define_exp), ("log", define_log), ("tanh", define_tanh)):
        parts.call(f"run_{name}", x, y, len(x))
        assert same_bits(y, define(x)), name


def test_roots_are_correctly_rounded(parts):
    rng = rng_of("roots")
    exact = rng.integers(0, 2**12, 500).astype(np.float32)
    x = np.concatenate([bits(rng, 8000), exact * exact, np.abs(bits(rng, 4000))])
    for name in ("sqrt", "sqrt_soft"):
        y = np.empty_like(x)
        parts.call(f"run_{name}", x, y, len(x))
        assert same_bits(y, np.sqrt(x)), name


def test_the_arithmetic_of_the_core_is_ieee_754(parts):
    rng = rng_of("arithmetic")
    a, b = rng.integers(0, 2**32, (2, 8000), np.uint32)
    b[:3000] = a[:3000] ^ rng.integers(
        0, 2**24, 3000, np.uint32
    )  # exponents alike: cancellation, quotients near 1
    a, b = a.view(np.float32), b.view(np.float32)
    b[3000:5000] = a[3000:5000] * np.float32(2.0**126)  # quotients that are denormal
    denormal = np.arange(1, 65, dtype=np.uint32).view(np.float32)
    halves = np.float32([2, 4, 8])  # quotients half way between two floats
    a = np.concatenate([np.repeat(EDGES, len(EDGES)), np.repeat(denormal, len(halves)), a])
    b = np.concatenate([np.tile(EDGES, len(EDGES)), np.tile(halves, len(denormal)), b])
    y = np.empty((8, len(a)), np.float32)
    parts.call("run_arithmetic", a, b, y, len(a))
    shifted = (a.view(np.uint32) >> (np.arange(len(a)) % 32).astype(np.uint32)).astype(np.float32)
    expected = (a + b, a - b, a * b, a / b, a / b, a < b, a <= b, shifted)
    for k, (found, wanted) in enumerate(zip(y, expected, strict=True)):
        assert same_bits(found, wanted.astype(np.float32)), k
