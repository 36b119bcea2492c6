"""What readouts cost, and which figures tell it."""

import numpy as np
import pytest

from edgelearn.bench import counts
from edgelearn.bench.counts import Cost
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
    assert counts.ridge(d, c).macs == d * d + c * d


def test_a_softmax_keeps_one_sample():
    assert counts.softmax(300, 10) == (4 * 310, 2 * 3000)
