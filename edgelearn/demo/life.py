"""The life of the device: it learns, is killed, resumes from its store, and goes on to the end."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgelearn.demo.controls import taught
from edgelearn.demo.device import Device, digest, memory, wake
from edgelearn.demo.stream import Stream
from edgelearn.readouts import Readout
from edgelearn.store import Store
from edgelearn.types import F32, F64, Array

KILL_AFTER = 575  # samples: in the middle of the new classes
KILL_DELAY_S = 0.001  # after the next order was given: the process is at work when it dies
ROUNDING = 1e-9  # of the largest number in an array

Say = Callable[[str], None]


class Life(NamedTuple):
    """What became of the device."""

    curve: F64  # accuracy at the points asked for
    killed_at: int  # samples learned and answered for
    resumed_at: int  # samples in the store then
    resumed: (
        bool  # from the save, bit for bit; it held what those samples teach, and in the end what all teach
    )
    times: Mapping[str, float]
    state_bytes: int
    readout: Readout


def live(
    path: Path,
    seed: int,
    stream: Stream,
    features: F32,
    points: Sequence[int],
    say: Say,
) -> Life:
    """Run the device with its store at ``path``; ``features`` (n, D) are for comparison only."""
    curve: dict[int, float] = {}
    say("a process learns digit by digit")
    with Device(path, seed) as device:
        for point in points:
            curve[point] = device.learn_until(point)
            if point >= KILL_AFTER and _versions(path):
                break
        killed_at = device.seen
        device.tell(_before_next(points, killed_at))
        time.sleep(KILL_DELAY_S)
        killed = device.kill() == -signal.SIGKILL
    with Store(path, read_only=True) as store:
        saved = store.load()
    resumed_at = int(saved.meta["n_seen"])
    as_saved = _alike(saved.arrays, taught(features[:resumed_at], stream.y[:resumed_at]))
    say(f"SIGKILL after {killed_at} samples; a new process goes on from the save at {resumed_at}")
    with Device(path, seed) as device:
        went_on = device.seen == resumed_at and device.memory == digest(saved.arrays)
        for point in (p for p in points if p > resumed_at):
            curve[point] = device.learn_until(point)
        times = device.finish()
    with wake(path) as learner:
        as_unbroken = _alike(learner.snapshot().arrays, taught(features, stream.y))
        resumed = killed and as_saved and went_on and as_unbroken
        accuracies = np.array([curve[point] for point in points])
        return Life(accuracies, killed_at, resumed_at, resumed, times, learner.memory_bytes, learner.readout)


def _before_next(points: Sequence[int], seen: int) -> int:
    """Return how far a device may go on unseen, so that no point of the curve is passed."""
    return min((p for p in points if p > seen), default=seen + 1) - 1


def _versions(path: Path) -> int:
    with Store(path, read_only=True) as store:
        return len(store.versions())


def _alike(arrays: Mapping[str, Array], state: Mapping[str, Array]) -> bool:
    """Say whether a snapshot holds this state of a readout, up to rounding.

    Kernels that are free to reorder sums round differently when numba links them anew or loads them from its
    cache, so one process may differ from the next by some units in the last place.
    """
    kept = memory(arrays)
    return kept.keys() == state.keys() and all(
        kept[name].shape == state[name].shape
        and np.abs(kept[name] - state[name]).max() <= ROUNDING * np.abs(state[name]).max()
        for name in state
    )
