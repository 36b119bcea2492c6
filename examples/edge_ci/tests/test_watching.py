"""A board that samples, a wire, a watcher that is told what it sees: it notices what is new, and learns it."""

from machine import Shift, vibration
from people import attended, yesterday
from watcher.watch import WINDOW, Watcher, sensor_board

SHIFT = Shift(("load", 2), ("bearing", 3), ("load", 2), ("bearing", 2))
FAULT = ("bearing", 3.0, 4.0)  # a second of it, and late: nobody stood beside the machine
END_S = 8.9


def unknown(one, _truth):
    return one.state is None


def test_a_fault_is_noticed_and_learned(plug, sensor, tmp_path):
    wire = plug(vibration(SHIFT, sensor))
    with Watcher(yesterday(tmp_path / "watcher.db")) as watcher:
        seen = list(attended(watcher, sensor_board(wire.url), [FAULT], END_S))
    assert watcher.missed == 0
    assert SHIFT.right(seen, 0, 2) > 0.7, "a state of yesterday is known"
    assert SHIFT.share(seen, 2, 4, unknown) > 0.8, "what nobody has named is said to be unknown"
    assert SHIFT.right(seen, 4.2) > 0.9, "after one second of it, told at 4.0"


def test_what_nobody_names_stays_unknown(sensor, tmp_path):
    """The control: without that second the watcher knows no more of the fault the second time."""
    windows = vibration(SHIFT, sensor).windows(WINDOW)  # a sensor is a source too: no board
    with Watcher(yesterday(tmp_path / "watcher.db")) as watcher:
        seen = list(attended(watcher, windows, [], END_S))
    assert SHIFT.share(seen, 7, END_S, unknown) > 0.8
