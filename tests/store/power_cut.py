"""What a power cut can leave of a recorded run, and whether a store survives it.

A cut after change k leaves every change that was synced before k, and of the others any subset, the last one
perhaps in half. A block that was written out of order is a block whose later writes were lost, so subsets in
the recorded order are all there is.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgelearn.errors import EdgelearnError
from edgelearn.store import Store
from tests.store.recorder import Change
from tests.store.samples import same, snapshot

Files = dict[str, bytearray]


def prefixes(log: Sequence[Change]) -> Iterator[tuple[int, list[Change]]]:
    """Every cut with all that was written before it: what a killed process leaves."""
    for cut in range(len(log) + 1):
        yield cut, list(log[:cut])


def torn(log: Sequence[Change], rng: random.Random) -> Iterator[tuple[int, list[Change]]]:
    """Every cut inside a write: its first part only, and its last part only."""
    for cut, change in enumerate(log):
        if change.kind == "write" and len(change.data) > 1:
            at = rng.randrange(1, len(change.data))
            for part in _halves(change, at):
                yield cut, [*log[:cut], part]


def unsynced(log: Sequence[Change], rng: random.Random, subsets: int) -> Iterator[tuple[int, list[Change]]]:
    """Every cut with what was not synced lost: all of it, then seeded subsets, now and then one in half."""
    for cut in range(1, len(log) + 1):
        pending = _pending(log[:cut])
        for share in [0.0] + [rng.random() for _ in range(subsets)]:
            kept = []
            for index, change in enumerate(log[:cut]):
                if index not in pending:
                    kept.append(change)
                elif rng.random() < share:
                    half = change.kind == "write" and len(change.data) > 1 and rng.random() < 0.1
                    kept.append(_halves(change, rng.randrange(1, len(change.data)))[0] if half else change)
            yield cut, kept


def failures(
    log: Sequence[Change], cuts: Iterator[tuple[int, list[Change]]], folder: Path, limit: int = 3
) -> tuple[int, list[str]]:
    """Replay every cut and return how many there were, and a sentence for those a store does not survive."""
    found: list[str] = []
    states = 0
    for cut, changes in cuts:
        states += 1
        place = folder / f"cut{states}"
        place.mkdir()
        write(changes, place)
        wrong = _wrong(place / "s.db", _acknowledged(log[:cut]))
        if wrong:
            found.append(f"cut {cut} of {len(log)}: {wrong}")
            if len(found) == limit:
                break
        else:
            for file in place.iterdir():
                file.unlink()
            place.rmdir()
    return states, found


def _wrong(path: Path, acknowledged: int) -> str | None:
    """Return what is wrong with the store a cut has left, None if nothing is."""
    try:
        seen = None
        if path.exists():
            with Store(path, read_only=True) as reader:
                seen = _checked(reader, acknowledged)
        with Store(path) as store:
            newest = _checked(store, acknowledged)
            assert seen in (None, newest), f"a reader saw version {seen}, the writer {newest}"
            store.save(snapshot(newest + 1))
        with Store(path, read_only=True) as reader:
            _checked(reader, newest + 1)
    except (EdgelearnError, AssertionError) as error:
        return str(error)
    return None


def _checked(store: Store, acknowledged: int) -> int:
    """Return the newest version, checked to be whole and the last acknowledged or the one after."""
    newest = store.newest or 0
    assert newest in (acknowledged, acknowledged + 1), f"{acknowledged} was saved, {newest} is there"
    found = store.verify()
    assert found.ok, f"verify: {found.problems}"
    assert newest == 0 or same(store.load(), snapshot(newest)), f"version {newest} holds something else"
    return newest


def _acknowledged(log: Sequence[Change]) -> int:
    return max((change.offset for change in log if change.kind == "ack"), default=0)


def _pending(log: Sequence[Change]) -> set[int]:
    """Return the indices of the changes that no sync has made durable."""
    pending: dict[str, set[int]] = {}
    for index, change in enumerate(log):
        if change.kind == "sync" or change.durable:
            pending.pop(change.file, None)
        elif change.kind != "ack":
            pending.setdefault(change.file, set()).add(index)
    return set().union(*pending.values())


def _halves(change: Change, at: int) -> tuple[Change, Change]:
    return (
        change._replace(data=change.data[:at]),
        change._replace(data=change.data[at:], offset=change.offset + at),
    )


def write(changes: Sequence[Change], folder: Path) -> None:
    files: Files = {}
    for change in changes:
        if change.kind == "delete":
            files.pop(change.file, None)
        elif change.kind in ("create", "write", "truncate"):
            _apply(change, files.setdefault(change.file, bytearray()))
    for name, data in files.items():
        (folder / name).write_bytes(data)


def _apply(change: Change, file: bytearray) -> None:
    if change.kind == "truncate":
        del file[change.offset :]
    elif change.kind == "write":
        file.extend(bytes(max(0, change.offset + len(change.data) - len(file))))
        file[change.offset : change.offset + len(change.data)] = change.data
