"""Windows: received + missing = made, whatever the line does."""

import pytest

from firmware_bridge.protocol.connection import Missing, Received
from firmware_bridge.protocol.messages import Gap, Window
from firmware_bridge.protocol.windows import WindowReceiver
from firmware_bridge.testing.figures import windows


def window(index: int) -> Window:
    return Window(index, 0, 0, 1, 1, b"ab")


def test_what_did_not_come_is_told_before_what_did():
    one = WindowReceiver()
    assert one.take(window(0)) == [Received(window(0))]
    assert one.take(window(3)) == [Missing(1, 2), Received(window(3))]
    assert one.take(Gap(6)) == [Missing(4, 2)]
    assert one.take(window(6)) == [Received(window(6))]


def test_what_comes_again_is_not_delivered():
    one = WindowReceiver()
    one.take(window(2))
    for old in (window(2), window(0), Gap(3), Gap(0)):
        assert one.take(old) == []


def test_indexes_wrap():
    one = WindowReceiver()
    one.boot(1)
    assert one.take(Gap(2**32 - 2)) == [Missing(0, 2**32 - 2)], "a host may come late"
    assert one.take(window(2**32 - 2)) == [Received(window(2**32 - 2))]
    assert one.take(window(1)) == [Missing(2**32 - 1, 2), Received(window(1))]
    assert one.take(window(2**32 - 1)) == []


def test_another_boot_counts_from_0_and_the_same_goes_on():
    one = WindowReceiver()
    one.boot(1)
    one.take(window(5))
    one.boot(1)
    assert one.take(window(6)) == [Received(window(6))]
    one.boot(2)
    assert one.take(window(1)) == [Missing(0, 1), Received(window(1))]


@pytest.mark.parametrize("byte_errors", [0.0, 1e-5, 1e-3, 1e-2])
def test_every_window_is_received_or_missing(byte_errors):
    count = 5_000
    seen = windows(count, byte_errors=byte_errors, seed=int(byte_errors * 1e5))
    assert seen.made == count
    assert seen.received + seen.missing == count
    assert seen.wrong == 0
    assert (seen.missing > 0) == (byte_errors > 0)
