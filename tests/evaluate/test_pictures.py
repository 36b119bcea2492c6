"""What an evaluation's picture shows."""

import numpy as np
import pytest

from edgelearn.evaluate.pictures import seen
from edgelearn.evaluate.study import Row, Study
from edgelearn.evaluate.trials import Outcome, Plan, ProtocolName


@pytest.mark.parametrize(("protocol", "blank"), [("class-incremental", 1), ("domain", 0)])
def test_classes_not_yet_learned_are_blank(protocol: ProtocolName, blank: int) -> None:
    matrix = np.array([[0.9, 0.0], [0.7, 0.8]])
    row = Row("slda", [Outcome({"accuracy": 0.75}, np.array([0.9, 0.75]), matrix)])
    shown = seen(Study(Plan(protocol), [row], {}, 4, 4, [0, 1], [], 0), row)
    assert shown is not None
    assert np.isnan(shown).sum() == np.isnan(shown[0, 1]) == blank
    np.testing.assert_array_equal(shown[:, 0], matrix[:, 0])
