"""People on site, who say from time to time what the machine has been doing."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from machine import Shift, vibration
from watcher.watch import WINDOW, Seen, Watcher

from edgelearn.sources import Item

KNOWN = ("off", "idle", "load")
Said = tuple[str, float, float]  # a state, from when, until when; they say it at its end


def attended(
    watcher: Watcher, source: Iterable[Item], said: Iterable[Said], until_s: float
) -> Iterator[Seen]:
    """Yield what is seen until then, while people say what they have to say."""
    waiting = sorted(said, key=lambda one: one[2])
    for seen in watcher.follow(source):
        while waiting and waiting[0][2] <= seen.time_s:
            watcher.told(*waiting.pop(0))
        if seen.time_s >= until_s:
            return
        yield seen


def yesterday(store: Path) -> Path:
    """Return a store in which three states are known, each told four times."""
    turns = [(state, 4.0) for state in KNOWN * 4]
    said = [(state, 4.0 * k + 1, 4.0 * k + 3.5) for k, (state, _) in enumerate(turns)]
    with Watcher(store) as watcher:
        for _ in attended(watcher, vibration(Shift(*turns)).windows(WINDOW), said, 47.9):
            pass
    return store


def known(watcher: Watcher) -> str | None:
    """Return what a watcher has learned, as a text; None for one that knows nothing."""
    readout = watcher.learner.readout
    return json.dumps([readout.classes_, readout.n_seen]) if readout.classes_ else None


def remembered(folder: Path) -> str | None:
    """Return what the watcher that starts on a card knows."""
    with Watcher(folder / "watcher.db") as watcher:
        return known(watcher)
