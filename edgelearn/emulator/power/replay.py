"""A recorded run, cut after every op: each state once, with what had been acknowledged when it could be left."""

import hashlib
import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from edgelearn.emulator.power.disk import Disk, Fate, content
from edgelearn.emulator.power.log import Op
from edgelearn.emulator.power.states import FEW, State, choices, cost, fair_share, listed
from edgelearn.emulator.power.tree import Entries, walk

_MEMORY = 100_000  # digests kept; they are cheap to make again


class Left(NamedTuple):
    """A state at a moment."""

    state: State
    digest: bytes  # of all paths and all that is in the files
    acknowledged: int  # so many values had been yielded
    disk: Disk  # of that moment; it moves on


class Replay:
    """``base``: the disk before the first op. ``total``: how many states there are, about, if ``exhaustive`` is False.

    ``limit`` bounds how many are listed, about: first each cut gets fewer, then writes are cut less often. What is
    listed depends on the ops and the seed alone.
    """

    def __init__(self, base: Disk, ops: list[Op], *, seed: int, limit: int) -> None:
        self.base, self.ops, self.seed = base, ops, seed
        costs = [cost(choices(disk, cut, op)) for cut, op, disk in self._moments()]
        self._share = fair_share(costs, limit)
        self.total = sum(costs)
        worth = sum(each > 0 for each in costs)
        self._stride = -(-FEW * worth // limit) if self._share == FEW else 1
        every = all(disk.name_sets().every for _, _, disk in self._moments())
        self.exhaustive = every and max(costs) <= self._share and self._stride == 1
        self._digests: dict[tuple[int, int, tuple[Fate, ...]], bytes] = {}

    def __iter__(self) -> Iterator[Left]:
        acknowledged = 0
        for cut, op, disk in self._moments():
            acknowledged += op is not None and op.kind == "ack" and bool(op.data)
            if op is not None and op.kind in ("write", "truncate") and cut % self._stride:
                continue
            found = choices(disk, cut, op)
            paths = {choice.names: choice.paths for choice in found}
            for state in listed(found, self._share, f"{self.seed}:{cut}"):
                yield Left(state, self._digest(disk, state, paths[state.names]), acknowledged, disk)

    def disk_at(self, cut: int) -> Disk:
        """Return the disk after so many ops."""
        disk = deepcopy(self.base)
        for op in self.ops[:cut]:
            disk.apply(op)
        return disk

    def _moments(self) -> Iterator[tuple[int, Op | None, Disk]]:
        disk = deepcopy(self.base)
        yield 0, None, disk
        for cut, op in enumerate(self.ops, 1):
            disk.apply(op)
            yield cut, op, disk

    def _digest(self, disk: Disk, state: State, paths: list[tuple[str, int]]) -> bytes:
        hashed = hashlib.blake2b(digest_size=16)
        for path, number in paths:
            node = disk.nodes[number]
            fates = state.fates.get(number, ())
            key = (number, node.version, fates)
            known = self._digests.get(key)
            if known is None:
                if len(self._digests) > _MEMORY:
                    self._digests.clear()
                known = hashlib.blake2b(content(node, fates), digest_size=16).digest()
                self._digests[key] = known
            hashed.update(os.fsencode(path) + b"\0" + node.kind.encode() + known)
        return hashed.digest()


def materialise(disk: Disk, state: State, folder: Path) -> None:
    """Write a state of a disk, as it is at the cut of the state, into an empty folder."""
    place(disk, disk.tree(state.names), state.fates, folder)


def place(disk: Disk, tree: Entries, fates: dict[int, tuple[Fate, ...]], folder: Path) -> None:
    """Write a tree of a disk into an empty folder; each file as its fates say, hard links as such."""
    first: dict[int, Path] = {}
    for path, number in walk(tree):
        node, target = disk.nodes[number], folder / path
        if node.kind == "folder":
            target.mkdir()
        elif number in first:
            target.hardlink_to(first[number])
        elif node.kind == "link":
            target.symlink_to(os.fsdecode(node.certain))
        else:
            target.write_bytes(content(node, fates.get(number, ())))
            first[number] = target
