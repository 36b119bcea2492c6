"""One run of the user's save under a recorder, checked against the folder it left."""

import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from edgelearn.emulator.power.child import CANNOT_SEE, begin, choose, home, scratch, started
from edgelearn.emulator.power.disk import Disk, whole
from edgelearn.emulator.power.log import Op, PowerError, read
from edgelearn.emulator.power.plain import from_text
from edgelearn.emulator.power.tree import walk

# SQLite's index of its log is a shared mapping; SQLite makes it anew after a crash, whatever lies there.
_MADE_ANEW = ("-shm",)


class Recording(NamedTuple):
    """What was done to a folder; ``base`` is the disk before the first op."""

    base: Disk
    ops: list[Op]
    values: list[object]  # acknowledged, in order
    recorder: str
    misses: tuple[str, ...]  # what the recorder did not see, found by comparing; () if it saw everything

    @property
    def cannot_see(self) -> str:
        """What this recorder is blind to."""
        return CANNOT_SEE[self.recorder]


def record(
    function: Callable[[Path], Any],
    what: str,
    start: Path | None,
    *,
    recorder: str = "auto",
    model: str = "posix",
    deadline_s: float = 60.0,
) -> Recording:
    """Call a function ("save" or "load") on a copy of ``start`` in a process of its own; raises PowerError."""
    found = home(function)
    name, library = choose(recorder)
    with scratch() as place:
        folder, log = place / "disk", place / "log"
        begin(start, folder)
        base = Disk(model, folder)
        log.touch()
        with started(found, what, folder, log, name, library) as child:
            child.finish(found, deadline_s)
        ops = list(read(log))
        values = [from_text(op.data.decode()) for op in ops if op.kind == "ack" and op.data]
        if what == "save" and not values:
            raise PowerError(f"{found.qualname} acknowledged nothing; yield each value once it is durable")
        return Recording(base, ops, values, name, _misses(base, ops, folder))


def _misses(base: Disk, ops: list[Op], folder: Path) -> tuple[str, ...]:
    """Return what the folder holds that the ops do not explain, and what they say nobody saw."""
    disk = deepcopy(base)
    for op in ops:
        disk.apply(op)
    expected = {path: _described(disk, number) for path, number in walk(disk.seen)}
    found = {str(path.relative_to(folder)): _look(path) for path in sorted(folder.rglob("*"))}
    wrong = [
        f"{path}: {_difference(expected.get(path), found.get(path))}"
        for path in sorted(expected.keys() | found.keys())
        if expected.get(path) != found.get(path)
    ]
    return tuple(
        words
        for words in (*dict.fromkeys(disk.unseen), *wrong)
        if not words.split(": ")[0].endswith(_MADE_ANEW)
    )


def _described(disk: Disk, number: int) -> tuple[str, bytes]:
    node = disk.nodes[number]
    return node.kind, whole(node)


def _look(path: Path) -> tuple[str, bytes]:
    if path.is_symlink():
        return "link", os.fsencode(path.readlink())
    return ("folder", b"") if path.is_dir() else ("file", path.read_bytes())


def _difference(expected: tuple[str, bytes] | None, found: tuple[str, bytes] | None) -> str:
    if expected is None:
        return "it is there, and nobody was seen to make it"
    if found is None:
        return "it is gone, and nobody was seen to remove it"
    return (
        f"it holds something else ({len(found[1])} bytes) than the recorded writes ({len(expected[1])} bytes)"
    )
