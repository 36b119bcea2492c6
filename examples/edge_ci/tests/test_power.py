"""The power goes at every moment at which something is written: what people were told is stored, is there."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import Shift, vibration
from people import attended, known, remembered
from watcher.watch import WINDOW, Watcher

SHIFT = Shift(("off", 2), ("load", 2))
SAID = [("off", 0, 1.5), ("load", 2, 3.5)]


def lessons(store):
    """Yield what is known after each lesson; `told` has returned then, so it is said to be stored."""
    with Watcher(store) as watcher:
        before = None
        for _ in attended(watcher, vibration(SHIFT, seed=1).windows(WINDOW), SAID, until_s=3.9):
            if known(watcher) != before:
                before = known(watcher)
                yield before


def save(folder):
    yield from lessons(folder / "watcher.db")


def save_carelessly(folder):
    """Keep the same in a file of one's own: a new file takes the place of the old one, and nobody calls fsync."""
    with TemporaryDirectory() as elsewhere:
        for learned in lessons(Path(elsewhere) / "watcher.db"):
            (folder / "new").write_text(learned)
            (folder / "new").replace(folder / "watcher.json")
            yield learned


def load_carelessly(folder):
    file = folder / "watcher.json"
    return json.dumps(json.loads(file.read_text())) if file.exists() else None


def test_stored_is_stored(power_cut):
    report = power_cut(save, remembered)
    assert report.exhaustive
    report.check()


def test_a_rename_alone_is_caught(power_cut):
    """The control."""
    report = power_cut(save_carelessly, load_carelessly)
    assert report.corrupt > 0
    assert report.lost > 0
