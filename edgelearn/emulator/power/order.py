"""Which names of those on their way a cut may leave: sets of them, as bit masks, the oldest name the lowest bit.

>>> sets([{1}, {1}, {2}], kept=False).masks
[7, 0, 1, 3, 4, 5]

Rule 1: names of different files arrive in any order. f2fs writes the name of a file ahead of older ones when the file
is synced (fsync_mode=posix, its default), btrfs does by its tree log, FAT and ext2 keep no order.
Rule 2: names of one file arrive in the order in which they changed, or a file would lose a name that it has.
Rule 3: ext4 and xfs keep the order of all (``kept``).
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

MOST = 128  # sets listed at one cut


class Sets(NamedTuple):
    """All names first, none second."""

    masks: list[int]
    every: bool  # or some of very many


def sets(about: Sequence[AbstractSet[int]], *, kept: bool) -> Sets:
    """Return the sets that may arrive; ``about``: of each pending name, the files that it is a name of."""
    full = (1 << len(about)) - 1
    if kept:
        return Sets(_ordered(full, {(1 << count) - 1 for count in range(len(about))}), every=True)
    before = [_before(about, place) for place in range(len(about))]
    found = [0]
    for place, needs in enumerate(before):
        found += [mask | 1 << place for mask in found if not needs & ~mask]
        if len(found) > MOST:
            return Sets(_ordered(full, _few(before)), every=False)
    return Sets(_ordered(full, set(found)), every=True)


def _before(about: Sequence[AbstractSet[int]], place: int) -> int:
    """Return the names that must be there before this one."""
    return sum(1 << older for older in range(place) if about[older] & about[place])


def _few(before: Sequence[int]) -> set[int]:
    """Return the first ones, each one alone and each one missing, with those of its file; at most MOST."""
    count = len(before)
    full = (1 << count) - 1
    found = []
    for place in range(count):
        alone, missing = 1 << place, 1 << place
        for older in reversed(range(place)):
            if any(before[newer] >> older & 1 for newer in range(older + 1, place + 1) if alone >> newer & 1):
                alone |= 1 << older
        for newer in range(place + 1, count):
            if before[newer] & missing:
                missing |= 1 << newer
        found += [(1 << place) - 1, alone, full & ~missing]
    return set(found[:: -(-len(found) // MOST)])


def _ordered(full: int, masks: set[int]) -> list[int]:
    return list(dict.fromkeys([full, 0, *sorted(masks)]))
