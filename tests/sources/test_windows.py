import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgelearn.sources import windows


@given(st.lists(st.integers(0, 7), max_size=12), st.integers(1, 9), st.integers(1, 12))
def test_windows_are_slices_of_the_whole_signal(sizes: list[int], window: int, hop: int) -> None:
    signal = np.arange(sum(sizes), dtype=np.float32)
    blocks = np.split(signal, np.cumsum(sizes)[:-1]) if sizes else []
    expected = [(start, signal[start : start + window]) for start in range(0, len(signal) - window + 1, hop)]
    got = list(windows(blocks, window, hop))
    assert [start for start, _ in got] == [start for start, _ in expected]
    for (_, mine), (_, theirs) in zip(got, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_several_channels_stay_side_by_side() -> None:
    signal = np.arange(12, dtype=np.float32).reshape(6, 2)
    got = [x for _, x in windows([signal[:1], signal[1:]], 3, 3)]
    np.testing.assert_array_equal(np.stack(got), signal.reshape(2, 3, 2))
