"""Made-up runs, and the states of a disk written as plain dictionaries."""

from itertools import product
from pathlib import Path

from edgelearn.emulator.power.disk import Disk, content
from edgelearn.emulator.power.log import Op
from edgelearn.emulator.power.replay import Replay
from edgelearn.emulator.power.tree import walk

Files = dict[str, bytes | None]  # None: a folder


def create(path: str, inode: int, node: int = 0) -> Op:
    return Op("create", inode, node, path=path)


def write(inode: int, offset: int, data: bytes, *, durable: bool = False) -> Op:
    return Op("write", inode, offset, data, durable=durable)


def truncate(inode: int, length: int) -> Op:
    return Op("truncate", inode, length)


def sync(inode: int, path: str = "f") -> Op:
    return Op("sync", inode, path=path)


FOLDER = Op("sync", path="")


def states(
    ops: list[Op], *, model: str = "posix", start: Path | None = None, limit: int = 10**6
) -> list[Files]:
    """Return every state that is listed, each once."""
    replay = Replay(Disk(model, start), ops, seed=0, limit=limit)
    found: dict[bytes, Files] = {}
    for left in replay:
        if left.digest not in found:
            disk, state = left.disk, left.state
            found[left.digest] = {
                path: None
                if disk.nodes[n].kind == "folder"
                else content(disk.nodes[n], state.fates.get(n, ()))
                for path, n in walk(disk.tree(state.names))
            }
    return list(found.values())


def naive(ops: list[Op]) -> list[Files]:
    """Return the definition for one folder: each cut, each subset of what no sync covers, a file's names in order."""
    found = []
    for cut in range(len(ops) + 1):
        done, named = ops[:cut], _named(ops[:cut])
        names = list(named)
        data = [i for i, op in enumerate(done) if op.kind in ("write", "truncate")]
        sure_names = [i for i in names if any(op == FOLDER for op in done[i:])]
        sure_data = [
            i for i in data if any(op.kind == "sync" and op.inode == done[i].inode for op in done[i:])
        ]
        free = [i for i in data if i not in sure_data]
        for there in subsets(names[len(sure_names) :]):
            arrived = {*sure_names, *there}
            if any(named[i] == named[j] and i not in arrived for j in arrived for i in names if i < j):
                continue
            found += [_files(done, named, arrived, {*sure_data, *kept}) for kept in subsets(free)]
    return found


def subsets(of: list[int]) -> list[set[int]]:
    masks = product((False, True), repeat=len(of))
    return [{i for i, keep in zip(of, mask, strict=True) if keep} for mask in masks]


def _named(done: list[Op]) -> dict[int, int]:
    """Return which file each change of a name is about."""
    places: dict[str, int] = {}
    named: dict[int, int] = {}
    for i, op in enumerate(done):
        if op.kind == "create":
            named[i] = places[op.path] = op.inode
        elif op.kind == "rename":
            named[i] = places[op.other] = places.pop(op.path)
        elif op.kind == "remove":
            named[i] = places.pop(op.path)
    return named


def _files(done: list[Op], named: dict[int, int], names: set[int], kept: set[int]) -> Files:
    contents: dict[int, bytearray] = {op.inode: bytearray() for op in done if op.kind == "create"}
    places: dict[str, int] = {}
    for i, op in enumerate(done):
        if i in names:
            places.pop(op.path, None)
            if op.kind != "remove":
                places[op.other or op.path] = named[i]
        elif i in kept:
            file = contents[op.inode]
            if op.kind == "truncate":
                del file[op.offset :]
            file.extend(bytes(max(0, op.offset + len(op.data) - len(file))))
            file[op.offset : op.offset + len(op.data)] = op.data
    return {path: bytes(contents[inode]) for path, inode in places.items()}
