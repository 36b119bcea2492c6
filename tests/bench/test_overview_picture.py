"""The picture of all systems: points that would hide each other share a mark, and twins are seen."""

import numpy as np
import pytest

from edgelearn.bench.overview_picture import _marks, _scales, groups, numbers

KIB = 1024


@pytest.mark.parametrize(
    ("indices", "said"),
    [([0], "1"), ([4, 5, 6], "5-7"), ([8, 10, 11], "9,11-12"), ([12, 14], "13,15"), ([0, 1], "1-2")],
)
def test_a_mark_says_which_points_it_stands_for(indices, said):
    assert numbers(indices) == said


def test_points_nearer_than_a_mark_share_one_and_no_chain_grows_from_it():
    places = np.array([[0.0, 0.0], [100, 0], [6, 0], [0, 9.9], [12, 0], [110, 0]])
    assert groups(places, 10) == [[0, 2, 3], [1], [4], [5]]
    assert groups(np.zeros((0, 2)), 10) == []


def test_every_mark_and_every_twin_is_seen():
    figure = pytest.importorskip("matplotlib.figure").Figure(layout="constrained")
    axes = figure.subplots()
    ours = [(4 * KIB, 0.97), (4.01 * KIB, 0.97), (64 * KIB, 0.6)]
    theirs = [(4 * KIB, 0.97), (KIB, 0.8)]
    for place in (*ours, *theirs):
        axes.plot(*place)
    _scales(axes)
    figure.draw_without_rendering()
    before = len(axes.collections)
    _marks(axes, ours, theirs)
    assert [text.get_text() for text in axes.texts] == ["1-2", "3"]
    ring, dot = axes.collections[before:]
    assert ring.get_facecolor().size == 0
    assert list(ring.get_offsets()[0]) == pytest.approx([4.005 * KIB, 0.97], rel=1e-3)
    assert list(dot.get_offsets()[0]) == pytest.approx([KIB, 0.8])
    assert dot.get_zorder() > ring.get_zorder()
