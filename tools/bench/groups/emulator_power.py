"""Power cuts: what the store loses, and what the emulator finds of classic mistakes. The same on every machine."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tools.bench.figure import Figure, Goal, Group, Measured

SAVES = 4
FLOATS = 1500
EVERY = 1_000_000  # states: more than there are
MISTAKES = (
    "in place",
    "rename, unsynced",
    "wrong file synced",
    "folder unsynced",
    "removed first",
    "log, no checksum",
)
RIGHT = ("replaced", "log, checksum")


def save_store(folder: Path) -> Iterator[str]:
    """Save a few versions, the oldest dropped on the way."""
    import numpy as np

    from edgelearn.store import Store
    from edgelearn.types import Snapshot

    with Store(folder / "s.db", keep=2) as store:
        for number in range(1, SAVES + 1):
            rng = np.random.default_rng(number)
            mean = rng.normal(size=FLOATS + 300 * (number % 3)).astype(np.float32)
            store.save(Snapshot({"mean": mean}, {"schema": 1, "number": number}))
            yield _digest(number, mean.tobytes())


def load_store(folder: Path) -> str | None:
    """Verify the whole store and return number and digest of the newest version."""
    from edgelearn.store import Store

    with Store(folder / "s.db") as store:
        found = store.verify()
        if not found.ok:
            raise ValueError(f"verify: {found.problems}")
        if store.newest is None:
            return None
        snapshot = store.load()
        return _digest(snapshot.meta["number"], snapshot.arrays["mean"].tobytes())


def save_store_unsynced(folder: Path) -> Iterator[str]:
    """The same with a store that never syncs."""
    yield from _with_pragma(folder, "synchronous=FULL", "synchronous=OFF")


def save_store_no_journal(folder: Path) -> Iterator[str]:
    """The same with a journal that no cut survives."""
    yield from _with_pragma(folder, "journal_mode=PERSIST", "journal_mode=MEMORY")


def measure() -> Iterator[Measured]:
    from edgelearn.emulator.power import mistakes, power_cut

    report = power_cut(save_store, load_store, limit=EVERY)
    every = report.exhaustive and not report.misses
    yield Measured(
        "emulator_power.states", report.states if every else float("nan"), note=f"{report.cuts} cuts"
    )
    yield Measured("emulator_power.corrupt", report.corrupt)
    yield Measured("emulator_power.lost", report.lost)
    twice = power_cut(save_store, load_store, limit=10_000, again=True)
    yield Measured(
        "emulator_power.twice", twice.corrupt + twice.lost, note=f"{twice.again} states of a second cut"
    )
    for word, save in (("unsynced", save_store_unsynced), ("no_journal", save_store_no_journal)):
        broken = power_cut(save, load_store, limit=2000)
        yield Measured(
            f"emulator_power.store_{word}", broken.corrupt + broken.lost, note=f"of {broken.states} states"
        )
    for name, (ways, load) in {**mistakes.MISTAKES, **mistakes.RIGHT}.items():
        found = power_cut(ways, load, limit=EVERY)
        yield Measured(
            f"emulator_power.{_word(name)}", found.corrupt + found.lost,
            note=f"{found.states} states: {found.corrupt} corrupt, {found.lost} lost what was acknowledged",
        )  # fmt: skip


def _with_pragma(folder: Path, old: str, new: str) -> Iterator[str]:
    from edgelearn.store import database

    pragmas: tuple[str, ...] = database._PRAGMAS
    if old not in pragmas:
        raise LookupError(f"the store has no pragma {old}; what breaks it has another name now")
    vars(database)["_PRAGMAS"] = tuple(new if pragma == old else pragma for pragma in pragmas)
    yield from save_store(folder)


def _digest(number: int, data: bytes) -> str:
    return f"{number} {hashlib.sha256(data).hexdigest()[:16]}"


def _word(name: str) -> str:
    return name.replace(",", "").replace(" ", "_")


def _figure(word: str, what: str, goal: Goal | None) -> Figure:
    return Figure(f"emulator_power.{word}", "states", what, goal)


GROUP = Group(
    "emulator_power",
    (
        _figure(
            "states", f"every state that a cut may leave of a new store and {SAVES} saves", Goal(">=", 1000)
        ),
        _figure("corrupt", "of them, stores that do not load and verify", Goal("<=", 0)),
        _figure("lost", "of them, stores that lost a version that was acknowledged", Goal("<=", 0)),
        _figure(
            "twice", "that go wrong after a second cut, while the store repairs the first", Goal("<=", 0)
        ),
        _figure("store_unsynced", "that go wrong with a store that never syncs", Goal(">=", 1)),
        _figure("store_no_journal", "that go wrong with a store whose journal is in memory", Goal(">=", 1)),
        *(
            _figure(_word(name), f"that go wrong with a file saved so: {name}", Goal(">=", 1))
            for name in MISTAKES
        ),
        *(
            _figure(_word(name), f"that go wrong with a file saved right: {name}", Goal("<=", 0))
            for name in RIGHT
        ),
    ),
    measure,
)
