"""What a run wrote to its card: the counts that the preloaded library shares (`card.c`), and what they mean for years.

>>> counts = Counts(scratch / "card", quota_bytes=0, used_bytes=0); counts.read().bytes
"""

import struct
from pathlib import Path
from typing import NamedTuple

_FORM = struct.Struct("=6Q")  # struct counts
FOLDER, SHARED = "EDGELEARN_CARD", "EDGELEARN_CARD_COUNTS"
PAGE_BYTES = 4096
_DAYS_A_YEAR, _DAY_S = 365.25, 86400.0
ENDLESS_YEARS = 1000.0


class Written(NamedTuple):
    """``bytes`` given to write calls, in ``calls``; ``page_bytes`` whole 4 KiB pages those touched, as flash writes.

    ``refused`` calls found no room.
    """

    bytes: int
    page_bytes: int | None
    calls: int | None
    refused: int


class Counts:
    """The file that all processes of a run count in."""

    def __init__(self, path: Path, *, quota_bytes: int, used_bytes: int) -> None:
        self.path = path
        path.write_bytes(_FORM.pack(quota_bytes, used_bytes, 0, 0, 0, 0))

    def read(self) -> Written:
        """Return what was counted so far."""
        _, _, count, pages, calls, refused = _FORM.unpack(self.path.read_bytes()[: _FORM.size])
        return Written(count, pages * PAGE_BYTES, calls, refused)

    def variables(self, folder: Path) -> dict[str, str]:
        """Return what the library reads."""
        return {FOLDER: str(folder.resolve()), SHARED: str(self.path)}


def a_day(size: int, covers_s: float) -> float:
    """Return bytes a day, of ``size`` bytes in ``covers_s`` seconds of a device's time."""
    return size * _DAY_S / covers_s


def years(endurance_bytes: float, bytes_a_day: float) -> float:
    """Return how long a card lasts; `ENDLESS_YEARS` at the most, which means: for ever."""
    return min(
        ENDLESS_YEARS, endurance_bytes / (bytes_a_day * _DAYS_A_YEAR) if bytes_a_day else ENDLESS_YEARS
    )
