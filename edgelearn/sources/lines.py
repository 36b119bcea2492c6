"""Samples from lines of JSON: standard input, or a file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edgelearn.errors import InputError
from edgelearn.sources.base import Item, Pause, Refused
from edgelearn.sources.jsonline import late_of, parse, sample_of
from edgelearn.sources.picture import Channels
from edgelearn.sources.splitter import Splitter

STDIN = 0
MAX_LINE_BYTES = 16 << 20
CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class Lines:
    """One JSON object a line, from standard input or from ``path``.

    A sample is ``{"id", "x": [...], "label"}`` or ``{"id", "path": "image.png", "label"}``; without an id
    it is known by its line. ``{"ticket", "label" | "reward"}`` is the truth about an earlier decision,
    or what it earned.
    """

    path: Path | None = None
    channels: Channels = 3  # of image files

    def __iter__(self) -> Iterator[Item]:
        """Open the file; raises InputError when that is not possible."""
        if self.path is None:
            return self._items(STDIN)
        try:
            return self._items(os.open(self.path, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror}") from error

    def _items(self, fd: int) -> Iterator[Item]:
        splitter = Splitter(MAX_LINE_BYTES)
        number = 0
        try:
            while True:
                yield Pause(fd=fd)
                data = os.read(fd, CHUNK_BYTES)
                for line in splitter.feed(data) if data else splitter.close():
                    number += 1
                    if line is None or line.strip():
                        yield item_of(line, number, self.channels)
                if not data:
                    return
        finally:
            if fd != STDIN:
                os.close(fd)


def item_of(line: bytes | None, number: int, channels: Channels = 3) -> Item:
    """Return what a line holds; None is one that was too long."""
    if line is None:
        return Refused(number, f"line {number}: longer than {MAX_LINE_BYTES} bytes")
    try:
        value = parse(line)
        return late_of(value) if "ticket" in value else sample_of(value, number, channels)
    except InputError as error:
        return Refused(number, f"line {number}: {error}")
