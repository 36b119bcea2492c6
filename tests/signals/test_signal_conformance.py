"""Every signal in the folder keeps what check_signal promises, and its golden vectors are current."""

import numpy as np
import pytest

from edgelearn import signals
from edgelearn.signals import feedback, goodness, perturbation, prediction_error, reward, synchrony
from edgelearn.testing import check_signal
from edgelearn.testing.fills import same_bits
from tests import golden

pytestmark = pytest.mark.kernels

OTHERS = [
    feedback.signal(n_error=1, seed=3),
    goodness.signal(theta=0.1),
    perturbation.signal(sigma=1e-3, seed=2**32 - 1),
    prediction_error.signal(alpha=0.0),
    reward.signal(alpha=0.0),
    synchrony.signal(n_classes=2, tau=0.05),
    synchrony.signal(n_classes=3, tau=0.1, normalised=False),
]


def teach(signal, n_post, k):
    """Return an exact ``teach`` that means something to the signal."""
    n = signal.n_teach(n_post)
    said = {
        "label": np.eye(max(n, 1), dtype=np.float32)[k % max(n, 1)],
        "real": np.array([k % 2], np.float32),
    }
    said["choice"] = np.array([k % n_post, k % 2], np.float32)
    return said.get(signal.teaches, golden.exact(50 + k, (n,), -2))


def cases(signal):
    """Return params and state before, the samples with their third factors, and the state after."""
    found = []
    for n, exponent in ((2, 0), (7, 0), (5, -3)):
        state, samples = signal.init(n), []
        before = state._asdict()
        for k in range(5):
            sample = {"out": golden.exact(k, (n,), exponent), "teach": teach(signal, n, k)}
            state, third = signal.step(signal.params, state, **sample)
            samples.append(sample | {"third": third})
        found.append(
            {
                "params": signal.params._asdict(),
                "before": before,
                "samples": samples,
                "after": state._asdict(),
            }
        )
    return found


@pytest.mark.parametrize("name", signals.names())
def test_a_signal_keeps_its_promises(name):
    check_signal(signals.make(name))


@pytest.mark.parametrize("signal", OTHERS, ids=lambda signal: signal.name)
def test_a_signal_keeps_its_promises_with_other_constants(signal):
    check_signal(signal)


@pytest.mark.parametrize("name", signals.names())
def test_golden_vectors_are_current(name):
    golden.write_or_compare("signals", name, cases(signals.make(name)))


@pytest.mark.parametrize("name", signals.names())
def test_kernels_equal_the_golden_vectors(name):
    signal = signals.make(name)
    for case in golden.read("signals", name):
        state = [np.array(a) for a in case["before"].values()]
        for sample in case["samples"]:
            third = np.empty_like(sample["out"])
            params = map(np.float32, case["params"].values())
            signal.kernel(sample["out"], sample["teach"], third, *state, *params)
            assert same_bits(third, sample["third"])
        assert all(map(same_bits, state, case["after"].values()))


def test_each_file_of_vectors_is_of_a_signal():
    assert {file.stem for file in (golden.VECTORS / "signals").glob("*.json")} == set(signals.names())
