"""How many bytes a save hands to the file system."""

from pathlib import Path
from typing import Self

_COUNTERS = Path("/proc/thread-self/io")  # Linux; wchar: bytes this thread has handed to write calls
_PAGE_BYTES = 4096
_OTHER_PAGES = 24  # the table, the free list and the journal of both, for a save of any size


class Written:
    """Counts the bytes written inside its ``with`` block by this thread.

    Where the kernel does not count, ``bytes`` is an upper estimate: the pages of the payload once, and one
    page in a hundred and 24 more for what is journalled.
    """

    def __init__(self, payload_bytes: int) -> None:
        self.bytes = 0
        self._payload_bytes = payload_bytes
        self._start: int | None = None

    def __enter__(self) -> Self:
        self._start = _counter()
        return self

    def __exit__(self, *_: object) -> None:
        end = _counter()
        if self._start is None or end is None:
            self.bytes = estimate(self._payload_bytes)
        else:
            self.bytes = end - self._start


def estimate(payload_bytes: int) -> int:
    """Return bytes a save of this payload writes at the most, where nothing counts them."""
    pages = payload_bytes // (_PAGE_BYTES - 4) + 1
    return (pages + pages // 100 + _OTHER_PAGES) * _PAGE_BYTES


def _counter() -> int | None:
    try:
        lines = _COUNTERS.read_text().splitlines()
    except OSError:
        return None
    return int(dict(line.split(": ") for line in lines)["wchar"])
