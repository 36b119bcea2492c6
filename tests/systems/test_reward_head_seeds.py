"""The figures of the reward head are over the seeds that were asked for."""

import numpy as np
import pytest

from edgelearn.bench.rewards import Samples
from edgelearn.bench.run import Run
from edgelearn.bench.systems import reward_head
from tests.readouts.makes import stream


@pytest.mark.parametrize("seeds", [1, 2])
def test_so_many_seeds_as_asked(seeds, monkeypatch):
    X, y = stream(0, 100, 4, 3)
    samples = Samples(X, np.array(y))
    monkeypatch.setattr(reward_head, "_camera", lambda _: (samples, samples))
    monkeypatch.setattr(reward_head, "LATE", 5)
    monkeypatch.setattr(reward_head, "PASSES", 1)
    measured = [one for one in reward_head.measure(Run(seeds=seeds)) if "seeds" in one.detail]
    assert len(measured) > 8
    assert {len(one.detail["seeds"]) for one in measured} == {seeds}
    assert {one.spread is None for one in measured} == {seeds == 1}
