"""A disk under a running program: what it holds for sure, and what is on its way there.

Rule 1: a write, a truncation or an extension of a file is on its way until the file is synced (fsync, fdatasync,
sync); a write of a descriptor opened with O_SYNC or O_DSYNC is there when it returns, and so are the truncations
of its file before it, since a length is kept in one place.
Rule 2: a sync of a file says nothing of its name. Creations, renames, links and removals are on their way until
every folder they change is synced (fsync of the folder, sync). POSIX promises no more.
Rule 3: names arrive in any order, but those of one file in theirs, and whatever becomes of the data (order.py).
Rule 4 (model "ext4" only, mounted as by default): names arrive in the order in which they changed; a sync of any file
or folder brings every name changed before it; and a rename onto a file that exists brings the data of what is renamed
before the name (auto_da_alloc).
"""

import os
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from edgelearn.emulator.power.log import NODES, Op
from edgelearn.emulator.power.order import Sets, sets
from edgelearn.emulator.power.tree import ROOT, Entries, Naming, after, find

MODELS = ("posix", "ext4")


@dataclass
class Change:
    """A write or a truncation that is on its way, in the order of its file."""

    op: Op
    number: int  # of the op
    durable: bool
    extends: bool  # a write past the end of the file as the program saw it


@dataclass
class Node:
    """A file, a folder or a symbolic link."""

    kind: str
    certain: bytes = b""  # what is on the medium; where a link leads
    changes: list[Change] = field(default_factory=list)
    seen_bytes: int = 0  # as long as the program sees it
    version: int = 0  # counts changes of ``certain``

    def pending(self) -> list[int]:
        """Return the places in ``changes`` of those that a cut may lose."""
        return [place for place, change in enumerate(self.changes) if not change.durable]

    def settle(self, certain: bytes) -> None:
        """Let everything be on the medium."""
        self.certain, self.changes = certain, []
        self.version += 1


class Disk:
    """Fed with ops one by one; ``unseen`` says what happened that no op told."""

    def __init__(self, model: str = "posix", start: Path | None = None) -> None:
        self.model = model
        self.nodes: dict[int, Node] = {ROOT: Node("folder")}
        self.certain: Entries = {ROOT: {}}
        self.seen: Entries = {ROOT: {}}
        self.namings: list[Naming] = []
        self.unseen: list[str] = []
        self._numbers = count(1)
        self._by_inode: dict[int, int] = {}
        self._done = 0
        if start is not None:
            self._scan(start, ROOT)

    def tree(self, names: int) -> Entries:
        """Return the tree when of the pending namings this set has arrived (a bit mask, the oldest the lowest)."""
        return after(self.certain, self.namings, names)

    def pending_names(self) -> list[Naming]:
        """Return the changes of names that a cut may lose."""
        return [naming for naming in self.namings if naming.waits_for]

    def name_sets(self) -> Sets:
        """Return which sets of them a cut may leave."""
        return sets([naming.about for naming in self.pending_names()], kept=self.model == "ext4")

    def apply(self, op: Op) -> None:
        """Let an op happen."""
        number, self._done = self._done, self._done + 1
        try:
            if op.kind in ("write", "truncate"):
                self._change(op, number)
            elif op.kind in ("sync", "sync all"):
                self._sync(op)
            elif op.kind == "unseen":
                self.unseen.append(f"{op.path or 'the folder'}: {op.other}")
            elif op.kind != "ack":
                self._name(op, number)
        except KeyError:
            self.unseen.append(f"{op.path or op.other}: nobody was seen to make it before: {op}")

    def _change(self, op: Op, number: int) -> None:
        node = self.nodes[self._by_inode[op.inode]]
        end = op.offset + len(op.data)
        extends = end > node.seen_bytes
        node.seen_bytes = max(end, node.seen_bytes) if op.kind == "write" else end
        if op.durable:
            for change in node.changes:
                change.durable |= change.op.kind == "truncate"
        node.changes.append(Change(op, number, op.durable, extends))
        if all(change.durable for change in node.changes):
            node.settle(whole(node))

    def _sync(self, op: Op) -> None:
        everything = op.kind == "sync all"
        target = ROOT if everything or not op.path else self._by_inode[op.inode]
        if everything or self.model == "ext4":
            self._sync_names(None)
        elif target in self.seen:
            self._sync_names(target)
        for number, node in self.nodes.items():
            if (everything or number == target) and node.changes:
                node.settle(whole(node))

    def _sync_names(self, folder: int | None) -> None:
        for naming in self.namings:
            naming.waits_for -= naming.waits_for if folder is None else {folder}
        while self.namings and not self.namings[0].waits_for:
            self.namings.pop(0).apply(self.certain)

    def _name(self, op: Op, number: int) -> None:
        if op.kind == "create":
            node = self._create(NODES[op.offset], op.inode)
            self.nodes[node].certain = os.fsencode(op.other) if op.offset == NODES.index("link") else b""
            changes = self._entry(op.path, node)
        else:
            changes = self._moves(op)
        if changes:
            about = {find(self.seen, op.path)[2], *(node for _, _, node in changes)}
            naming = Naming(tuple(changes), frozenset(node for node in about if node is not None), number)
            naming.apply(self.seen)
            self.namings.append(naming)

    def _entry(self, path: str, node: int) -> list[tuple[int, str, int | None]]:
        if not path:  # made without a name (O_TMPFILE)
            return []
        folder, name, _ = find(self.seen, path)
        return [(folder, name, node)]

    def _moves(self, op: Op) -> list[tuple[int, str, int | None]]:
        folder, name, node = find(self.seen, op.path)
        if op.kind == "link":
            return self._entry(op.path, self._by_inode[op.inode])
        if node is None:
            raise KeyError(op.path)
        if op.kind == "remove":
            return [(folder, name, None)]
        to_folder, to_name, there = find(self.seen, op.other)
        if there == node:  # two names of one file: POSIX leaves both
            return []
        if self.model == "ext4" and there is not None and self.nodes[node].changes:
            self.nodes[node].settle(whole(self.nodes[node]))
        return [(folder, name, there if op.kind == "exchange" else None), (to_folder, to_name, node)]

    def _create(self, kind: str, inode: int) -> int:
        number = next(self._numbers)
        self.nodes[number] = Node(kind)
        self._by_inode[inode] = number
        if kind == "folder":
            self.certain[number], self.seen[number] = {}, {}
        return number

    def _scan(self, folder: Path, parent: int) -> None:
        for entry in sorted(folder.iterdir()):
            inode = entry.lstat().st_ino
            kind = "link" if entry.is_symlink() else "folder" if entry.is_dir() else "file"
            number = self._by_inode.get(inode) or self._create(kind, inode)
            self.certain[parent][entry.name] = self.seen[parent][entry.name] = number
            node = self.nodes[number]
            if kind == "folder":
                self._scan(entry, number)
            else:
                node.certain = os.fsencode(entry.readlink()) if kind == "link" else entry.read_bytes()
                node.seen_bytes = len(node.certain)


def whole(node: Node) -> bytes:
    """Return what the program sees in a file."""
    return content(node, tuple(((0, len(change.op.data)),) for change in node.changes))


# What became of a change: None it is lost, else the parts (start, stop) of it that arrived; GROWN: only its length did.
Fate = tuple[tuple[int, int], ...] | None
GROWN: Fate = ()


def content(node: Node, fates: tuple[Fate, ...]) -> bytes:
    """Return what a file holds when each of its changes had its fate."""
    data = bytearray(node.certain)
    for change, fate in zip(node.changes, fates, strict=True):
        if fate is None:
            continue
        op = change.op
        end = op.offset + (fate[-1][1] if fate else len(op.data))  # a truncation has no data
        if op.kind == "truncate":
            del data[end:]
        data.extend(bytes(max(0, end - len(data))))
        for start, stop in fate:
            data[op.offset + start : op.offset + stop] = op.data[start:stop]
    return bytes(data)
