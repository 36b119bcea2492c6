"""A Pi Zero 2 W that loses power in the middle of a save while the sensor board is unplugged, and starts again."""

import sys
from pathlib import Path

from machine import Shift, plugged, vibration
from people import known, remembered, yesterday
from watcher.watch import Watcher, sensor_board

from edgelearn.emulator import VirtualClock

PROJECT = Path(__file__).parents[1]
A_DAY_S = 86_400.0  # in which it starts once
TODAY = Shift(("load", 2), ("bearing", 2.5), ("off", 60))


def save(folder):
    """Somebody hears the bearing, stops the machine, pulls the cable to have a look, and says what it was."""
    clock = VirtualClock()
    wire = plugged(vibration(TODAY, seed=5), clock=clock, seed=5)
    wire.unplug(at_s=5.0, for_s=2.0)
    with wire, Watcher(folder / "watcher.db") as watcher:
        seen = watcher.follow(sensor_board(wire.url))
        while next(seen).time_s < 4.6:
            pass
        clock.until(6_000_000)
        assert not wire.plugged
        assert watcher.told("bearing", 2.0, 4.5) > 10
        yield known(watcher)  # from here on it must be there
        while next(seen).time_s < 7.5:  # and the watcher goes on with the board
            pass
        assert watcher.missed > 0
        seen.close()


def test_it_starts_again(power_cut, edge_device, board, serial_wire, sensor, tmp_path):
    card = tmp_path / "card"
    card.mkdir()
    yesterday(card / "watcher.db")
    report = power_cut(save, remembered, folder=card, limit=400)  # of all states that cuts may leave, so many
    assert report.states > 200
    report.check()

    left = report.state(report.states // 2, tmp_path / "left")
    wire = plugged(
        vibration(Shift(("load", 60)), sensor), board, serial_wire
    )  # no virtual clock: a pty, in real time
    command = f"echo load 9 | {sys.executable} -m watcher {wire.url} --windows 20"  # as somebody types it
    env = {"PYTHONPATH": str(PROJECT)}
    ran = edge_device(folder=left).run(["sh", "-c", command], env=env, covers_s=A_DAY_S)
    assert ran.ok, ran
    assert ran.stdout.split("\n", 1)[0].endswith(" load"), ran.stdout
    assert "load: learned from" in ran.stdout
