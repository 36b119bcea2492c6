"""Every neuron in the folder keeps what check_neuron promises, and its golden vectors are current."""

import numpy as np
import pytest

from edgelearn import neurons
from edgelearn.neurons import k_winners, lif, ranked, softmax, triangle
from edgelearn.testing import check_neuron
from edgelearn.testing.fills import same_bits
from tests import golden

pytestmark = pytest.mark.kernels

OTHERS = [
    softmax.neuron(t=12),
    softmax.neuron(t=0),
    k_winners.neuron(k=5),
    ranked.neuron(k=7),
    triangle.neuron(power=0.7),
    triangle.neuron(power=4.5),
    lif.neuron(reset=0.1, refractory=2, theta_plus=0.1, theta_decay=0.99, inhibition=0.5, one_spike=True),
]


def cases(neuron):
    """Return params and state before, the drives with what they made of the units, and the state after."""
    found = []
    for n, exponent in ((2, 0), (7, 0), (5, -3)):
        state, samples = neuron.init(n), []
        before = state._asdict()
        for k in range(5):
            drive = golden.exact(k, (n,), exponent)
            state, out, slope = neuron.step(neuron.params, state, drive)
            samples.append({"drive": drive, "out": out, "slope": slope})
        found.append(
            {
                "params": neuron.params._asdict(),
                "before": before,
                "samples": samples,
                "after": state._asdict(),
            }
        )
    return found


@pytest.mark.parametrize("name", neurons.names())
def test_a_neuron_keeps_its_promises(name):
    check_neuron(neurons.make(name))


@pytest.mark.parametrize("neuron", OTHERS, ids=lambda neuron: neuron.name)
def test_a_neuron_keeps_its_promises_with_other_constants(neuron):
    check_neuron(neuron)


@pytest.mark.parametrize("name", neurons.names())
def test_golden_vectors_are_current(name):
    golden.write_or_compare("neurons", name, cases(neurons.make(name)))


@pytest.mark.parametrize("name", neurons.names())
def test_kernels_equal_the_golden_vectors(name):
    neuron = neurons.make(name)
    for case in golden.read("neurons", name):
        state = [np.array(a) for a in case["before"].values()]
        for sample in case["samples"]:
            out, slope = np.empty_like(sample["drive"]), np.empty_like(sample["drive"])
            neuron.kernel(sample["drive"], out, slope, *state, *map(np.float32, case["params"].values()))
            assert same_bits(out, sample["out"])
            assert same_bits(slope, sample["slope"])
        assert all(map(same_bits, state, case["after"].values()))


def test_each_file_of_vectors_is_of_a_neuron():
    assert {file.stem for file in (golden.VECTORS / "neurons").glob("*.json")} == set(neurons.names())
