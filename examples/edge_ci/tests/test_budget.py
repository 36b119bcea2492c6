"""The watcher on a Pi Zero 2 W, against what it may take there: memory, time, and the life of its card."""

import pytest
from machine import Shift, vibration
from people import attended
from watcher.watch import WINDOW, Watcher

from edgelearn.emulator import Budget, EdgeDevice

STATES, TURN_S, TURNS = ("off", "idle", "load"), 10.0, 30
SHIFT = Shift(*((STATES[k % 3], TURN_S) for k in range(TURNS)))
LESSONS = [(STATES[k % 3], k * TURN_S + 1, k * TURN_S + 3) for k in range(6)]
AN_HOUR_S = 3600.0  # which the five minutes stand for: between lessons nothing is written
WRITES = "50MB"


def five_minutes(lessons):
    """Watch, in a fresh process that is as small as the device; the folder it is in is the card."""
    with Watcher("watcher.db") as watcher:
        seen = list(attended(watcher, vibration(SHIFT, seed=2).windows(WINDOW), lessons, TURNS * TURN_S))
    return SHIFT.right(seen, 6 * TURN_S)


@pytest.mark.edge_budget(ram="300MB", p99_ms=100, writes_per_day=WRITES, card_years=5)
def test_six_lessons_an_hour(edge_device):
    ran = edge_device().run(five_minutes, LESSONS, covers_s=AN_HOUR_S)
    assert ran.ok, ran
    assert ran.value > 0.95


def test_a_lesson_each_six_seconds_is_too_much():
    """The control: it breaks the same budget, and would be stopped in CI."""
    eager = [(STATES[int(s // TURN_S) % 3], s, s + 0.5) for s in range(0, 300, 6)]
    budget = Budget(writes_per_day=WRITES)
    ran = EdgeDevice("pi-zero-2w").run(five_minutes, eager, covers_s=AN_HOUR_S, budget=budget)
    assert ran.ok, ran
    assert [line.name for line in ran.verdict.broken] == ["writes_per_day"]
