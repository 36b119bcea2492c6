"""The picture of the reward head hides none of its curves."""

import numpy as np
import pytest

from edgelearn.bench.rewards import WAYS
from edgelearn.bench.systems import reward_head


def test_the_legend_stands_beside_the_curves(tmp_path, monkeypatch):
    drawn, picture = [], pytest.importorskip("matplotlib.figure").Figure
    save = picture.savefig
    monkeypatch.setattr(picture, "savefig", lambda self, path: (save(self, path), drawn.append(self)))
    reward_head._draw(tmp_path / "a.png", {way: np.ones(600) for way in WAYS}, {way: [0.5] for way in WAYS})
    (figure,) = drawn
    (axes,), (legend,) = figure.axes, figure.legends
    assert axes.get_legend() is None
    assert len(legend.get_texts()) == len(axes.lines) == len(WAYS)
    assert not legend.get_window_extent().overlaps(axes.get_tightbbox())
    assert legend.get_window_extent().y0 == pytest.approx(0, abs=20)
