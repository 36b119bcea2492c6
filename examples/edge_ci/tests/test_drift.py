"""The magnet that holds the sensor slips: it feels less and less. Who goes on learning keeps up, who stops does not."""

from machine import Shift, vibration
from people import attended
from watcher.watch import WINDOW, Watcher

from edgelearn.emulator.sensors import GainDrift

STATES = ("off", "idle", "load")
TURN_S, TURNS = 4.0, 60
SHIFT = Shift(*((STATES[k % 3], TURN_S) for k in range(TURNS)))
END_S = TURNS * TURN_S
SLIPS = GainDrift(to=0.15, at_s=36, over_s=END_S - 48)
SAID = [(STATES[k % 3], k * TURN_S + 1, k * TURN_S + 1.6) for k in range(TURNS)]  # of every turn four windows


def accuracy(sensor, store, said):
    """Return the share of right decisions while the sensor slips no more."""
    felt = vibration(SHIFT, sensor, [SLIPS])
    with Watcher(store) as watcher:
        seen = list(attended(watcher, felt.windows(WINDOW), said, END_S))
    return SHIFT.right(seen, END_S - 12)


def test_learning_keeps_up(sensor, tmp_path):
    assert accuracy(sensor, tmp_path / "watcher.db", SAID) > 0.8


def test_without_learning_it_is_lost(sensor, tmp_path):
    """The control: people say the same for the first half minute, and nothing after."""
    early = [one for one in SAID if one[2] < 36]
    assert accuracy(sensor, tmp_path / "watcher.db", early) < 0.6
