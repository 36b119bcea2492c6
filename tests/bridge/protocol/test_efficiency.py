"""What the link carries on a virtual line with a round trip of 20 ms; start of the connection included."""

import pytest

from firmware_bridge.testing.figures import one_way


@pytest.mark.parametrize("baud", [115_200, 460_800, 921_600, 2_000_000])
def test_a_good_line_carries_97_percent(baud):
    seen = one_way(baud, seconds=60 if baud < 500_000 else 20)
    assert seen.share >= 0.97
    assert seen.lost == seen.repeated == seen.reordered == seen.resent == 0


@pytest.mark.parametrize("baud", [115_200, 2_000_000])
def test_a_line_with_byte_errors_of_1e_5_carries_95_percent_and_loses_nothing(baud):
    seen = one_way(baud, seconds=60 if baud < 500_000 else 20, byte_errors=1e-5)
    assert seen.share >= 0.95
    assert seen.resent > 0
    assert seen.lost == seen.repeated == seen.reordered == 0


def test_a_small_window_is_enough_for_a_slow_line_and_not_for_a_fast_one():
    assert one_way(115_200, seconds=60, window=4).share >= 0.97
    assert one_way(2_000_000, seconds=5, window=4).share < 0.6


def test_messages_that_are_often_damaged_still_arrive():
    seen = one_way(460_800, seconds=20, byte_errors=1e-3, seed=3)
    assert seen.lost == seen.repeated == seen.reordered == 0
    assert seen.share > 0.45  # 41 % of the frames are damaged, and some of the acknowledgements
