"""What readouts cost, and which figures tell it."""

import numpy as np
import pytest

from edgelearn.bench import counts
from edgelearn.bench.counts import Cost
from edgelearn.bench.systems import deep_hebbian
from edgelearn.readouts.ridge import Ridge

OURS, BACKPROP, READOUT = Cost(1, 2), Cost(3, 4), Cost(5, 6)


@pytest.mark.parametrize("readout", [None, READOUT])
def test_what_is_declared_is_what_is_yielded(readout):
    declared = {figure.name for figure in counts.figures("a", readout=readout is not None)}
    found = {measured.name: measured.value for measured in counts.costs("a", OURS, BACKPROP, readout)}
    more = {} if readout is None else {"a.memory_readout": 5, "a.macs_readout": 6}
    assert found == {"a.memory": 1, "a.macs": 2, "a.memory_bp": 3, "a.macs_bp": 4} | more
    assert found.keys() == declared


def test_ridge_is_counted_as_the_readout_keeps_it():
    d, c = 300, 10
    made = Ridge()
    for k in range(c):
        made.learn_one(np.full(d, k, np.float32), k)
    kept = sum(made.state()[name].nbytes for name in ("inverse", "weights"))
    assert counts.ridge(d, c).bytes == pytest.approx(kept, rel=0.01)
    assert counts.ridge(d, c).macs == 1.5 * d * d + 2 * c * d


def test_a_softmax_keeps_one_sample():
    assert counts.softmax(300, 10) == (4 * 310, 2 * 3000)


def test_a_look_of_deep_hebbian_takes_the_maps_of_both_layers():
    found = {measured.name: measured.value for measured in deep_hebbian._costs()}
    maps = 22 * 22 * 49 * 8 + 5 * 5 * 72 * 32  # of both layers, before their pools
    learning = 20 * (49 * 8 + 49 + 72 * 32 + 72)  # drives of a patch, and the change of the one that wins
    features = 5 * 5 * 8 + 2 * 2 * 32
    assert found["deep_hebbian.macs"] == maps + learning
    assert found["deep_hebbian.memory"] == 4 * (784 + features + 72 + 2 * 32 + 2 * (8 + 32))
    assert found["deep_hebbian.memory_readout"] == counts.ridge(features, 10).bytes
