"""The cable is pulled twice, the line damages bytes: nothing wrong arrives, what is missing is counted, it goes on."""

import numpy as np
from machine import Shift, plugged, vibration
from people import attended
from watcher.watch import WINDOW_S, Watcher, sensor_board

from edgelearn.emulator import VirtualClock
from edgelearn.types import Sample

SHIFT = Shift(("off", 2), ("load", 4), ("off", 1), ("load", 3))
SAID = [("off", 0.3, 1.8), ("load", 2.1, 3.3)]
END_S = 9.5
BAD = {"flip": 5e-4, "drop": 1e-4, "cut": 0.005}


def unplugged_twice(wire):
    wire.unplug(at_s=3.5, for_s=1.4)
    wire.unplug(at_s=6.2, for_s=0.9)
    return wire


def noted(source, notes):
    """Yield what comes from a source, and note the windows."""
    for item in source:
        if isinstance(item, Sample):
            notes.append(item.x)
        yield item


def test_whole_or_counted_missing(plug, sensor, tmp_path):
    felt, windows = vibration(SHIFT, sensor), []
    wire = unplugged_twice(plug(felt, faults=BAD))
    with Watcher(tmp_path / "watcher.db") as watcher:
        seen = list(attended(watcher, noted(sensor_board(wire.url), windows), SAID, END_S))
    assert wire.counts.unplugged == 2
    assert wire.counts.to_host.flipped > 0, "the line damaged bytes"
    assert watcher.missed > 0, "the board made more than it could keep while nobody listened"
    assert len(seen) + watcher.missed == seen[-1].number + 1
    expected_s = seen[0].time_s + WINDOW_S * np.array([one.number for one in seen])
    assert np.abs([one.time_s for one in seen] - expected_s).max() < 0.02, (
        "so many are missing, no more, no less"
    )
    read = np.array([felt.adc(1000 * k) for k in range(10_000)], np.int16).tobytes()
    assert all((2**15 * x).astype(np.int16).tobytes() in read for x in windows), (
        "as it was felt, to the last bit"
    )
    assert SHIFT.right(seen, 7.2) > 0.9, "decisions go on"


def bad_day(store, seed):
    """Return all that can be seen of a run."""
    wire = plugged(vibration(SHIFT, seed=seed), faults=BAD, seed=seed, clock=VirtualClock())
    with unplugged_twice(wire), Watcher(store) as watcher:
        seen = list(attended(watcher, sensor_board(wire.url), SAID, END_S))
        state = watcher.learner.snapshot().arrays
        learned = {name: state[name].tobytes() for name in state if name.startswith("readout/")}
    return seen, watcher.missed, wire.counts, learned  # tickets are of their process and hour


def test_same_seed_same_day(tmp_path):
    first = bad_day(tmp_path / "first.db", seed=7)
    assert bad_day(tmp_path / "again.db", seed=7) == first
    assert bad_day(tmp_path / "other.db", seed=8)[2] != first[2]
