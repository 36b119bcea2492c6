"""What a program did to the files of one folder, in order: the records of both recorders, and the marks of the runner.

>>> for op in read(Path("ops.log")):
...     print(op)
write s.db 4096 bytes at 8192

A record is a head of fixed size, a path, another path and data, in this machine's own byte order.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from edgelearn.errors import EdgelearnError

_HEAD = struct.Struct("=IHHQqQII")
_MAGIC = 0x57504C45
_KINDS = (
    "create",
    "link",
    "write",
    "truncate",
    "sync",
    "sync all",
    "rename",
    "exchange",
    "remove",
    "unseen",
    "ack",
)
NODES = ("file", "folder", "link")  # what a create makes


class PowerError(EdgelearnError, RuntimeError):
    """A run that could not be recorded or repeated; the message holds what its process said."""


class Op(NamedTuple):
    """One thing that happened to one file; ``inode`` says which file, ``path`` where it lay below the folder."""

    kind: str  # one of the words above
    inode: int = 0
    offset: int = 0  # of a write; the new length of a truncate; which of NODES a create makes
    data: bytes = b""  # of a write; of an ack, the value as Python writes it
    path: str = ""
    other: str = ""  # the new name of a rename; where a link leads; why something is unseen
    durable: bool = False  # a write that came back only when it was on the medium (O_SYNC, O_DSYNC)

    def __str__(self) -> str:
        words = ""
        if self.kind == "ack":
            return f"-- acknowledged {self.data.decode()[:60]} --" if self.data else "-- save begins --"
        if self.kind == "create":
            words = f" ({NODES[self.offset]})" if self.offset else ""
        elif self.kind == "write":
            words = f" {len(self.data)} bytes at {self.offset}{' (durable)' if self.durable else ''}"
        elif self.kind == "truncate":
            words = f" to {self.offset} bytes"
        elif self.other:
            words = f" ({self.other})" if self.kind == "unseen" else f" and {self.other}"
        return f"{self.kind} {self.path or '.'}{words}"


def encode(op: Op) -> bytes:
    """Return the record of an op, to be appended with one write."""
    path, other = os.fsencode(op.path), os.fsencode(op.other)
    node = op.kind == "create"
    head = _HEAD.pack(
        _MAGIC, _KINDS.index(op.kind) + 1, op.offset if node else op.durable, op.inode, 0 if node else op.offset,
        len(op.data), len(path), len(other),
    )  # fmt: skip
    return head + path + other + op.data


def read(file: Path) -> Iterator[Op]:
    """Yield the ops of a log; raises PowerError when it ends inside a record."""
    whole = memoryview(file.read_bytes())
    at = 0
    while at < len(whole):
        if len(whole) - at < _HEAD.size:
            raise PowerError(f"the recording {file} ends inside a record; is the disk full?")
        magic, kind, flags, inode, offset, size, path, other = _HEAD.unpack_from(whole, at)
        start = at + _HEAD.size
        at = start + path + other + size
        if magic != _MAGIC or at > len(whole):
            raise PowerError(f"the recording {file} is damaged after {start} bytes; is the disk full?")
        name = os.fsdecode(bytes(whole[start : start + path]))
        second = os.fsdecode(bytes(whole[start + path : start + path + other]))
        data = bytes(whole[start + path + other : at])
        word = _KINDS[kind - 1]
        if word == "create":
            yield Op(word, inode, flags, data, name, second)
        else:
            yield Op(word, inode, offset, data, name, second, bool(flags))
