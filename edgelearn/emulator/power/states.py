"""The states a power cut may leave: at each cut, what was on its way arrived, or did not, or in part.

Rule 1: a state is a cut, a set of names that arrived (order.py), and a fate for each change of a file on its way.
Any set of changes may arrive: a disk and a cache above it write in any order, and a block written out of
order is one whose later writes were lost.
Rule 2: a write may be torn: its first part arrived, or its last one, or all but its middle, cut at sectors (512, 4096
bytes); the first two are cut once inside of one as well. Bytes outside of a write are never touched (as SQLite's
"powersafe overwrite" assumes). A write that makes a file longer may leave the length alone: zeros, as of blocks that
are allocated and unwritten.
Rule 3: a cut adds only what the op before it added, so each state is listed at the first cut that can leave it;
after an acknowledgement all states of that moment are listed again, since they are judged anew.
Rule 4: all subsets are listed where they are few. Else: all and nothing, each change alone, each one lost, the first
ones, torn ones, then seeded subsets. Tears and bare lengths are listed one at a time, not in all combinations.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from edgelearn.emulator.power.disk import GROWN, Change, Disk, Fate
from edgelearn.emulator.power.log import Op
from edgelearn.emulator.power.tree import walk

FEW = 4  # states that a cut is worth at least
Lazy = Callable[[], "State"]
_SECTORS = (512, 4096)


class State(NamedTuple):
    """What a cut may leave."""

    cut: int  # after so many ops
    names: int  # the set of pending names that arrived: a bit mask, the oldest the lowest
    # Of each file that a name leads to and that has changes: one fate a change.
    fates: dict[int, tuple[Fate, ...]]


class Choice:
    """The changes of one cut under one number of names, of which any subset may arrive."""

    def __init__(self, disk: Disk, cut: int, names: int, last: int | None) -> None:
        self.cut, self.names = cut, names
        self.paths = walk(disk.tree(names))
        reached = {number for _, number in self.paths}
        self.files = {n: disk.nodes[n].changes for n in sorted(reached) if disk.nodes[n].changes}
        pending = [change for changes in self.files.values() for change in changes if not change.durable]
        self.last = next((change for change in pending if change.number == last), None)
        self.free = [change for change in pending if change is not self.last]
        self.empty = last is not None and self.last is None  # the last op changed what no name leads to

    def subsets(self) -> int:
        """Return how many there are."""
        return 1 << len(self.free)

    def all(self) -> Iterator[State]:
        """Yield every subset, the full one first."""
        for mask in reversed(range(self.subsets())):
            yield self.state({c.number for i, c in enumerate(self.free) if mask >> i & 1})

    def core(self) -> tuple[set[int], set[int]]:
        """Return everything and nothing."""
        return self._numbers(self.free), set()

    def systematic(self) -> Iterator[Lazy]:
        """Yield each change lost, each alone, and the first ones."""
        everything = self._numbers(self.free)
        for place, change in enumerate(self.free):
            yield partial(self._without, everything, change.number)
            yield partial(self.state, {change.number})
            yield partial(self._first, place)

    def partly(self, rng: random.Random) -> Iterator[Lazy]:
        """Yield torn changes and bare lengths: the last one in every way, the others in a few."""
        everything = self._numbers(self.free)
        if self.last is not None:
            for fate in _parts(self.last, rng, _SECTORS):
                yield partial(self.state, everything, {self.last.number: fate})
                yield partial(self.state, set(), {self.last.number: fate})
        for change in self.free:
            for fate in _parts(change, rng, ()):
                yield partial(self.state, everything, {change.number: fate})
        longer = [change for change in (*self.free, self.last) if change is not None and change.extends]
        grown: dict[int, Fate] = {change.number: GROWN for change in longer}
        if len(grown) > 1:
            yield partial(self.state, everything, grown)

    def seeded(self, rng: random.Random) -> State:
        """Return a subset, large or small."""
        share = rng.random()
        return self.state({change.number for change in self.free if rng.random() < share})

    def _without(self, everything: set[int], number: int) -> State:
        return self.state(everything - {number})

    def _first(self, count: int) -> State:
        return self.state(self._numbers(self.free[:count]))

    def state(self, kept: set[int], special: dict[int, Fate] | None = None) -> State:
        """Return the state in which these changes arrived, and the last one, some of them with a fate of their own."""
        special = special or {}
        return State(self.cut, self.names, {
            number: tuple(self._fate(change, kept, special) for change in changes)
            for number, changes in self.files.items()
        })  # fmt: skip

    def _fate(self, change: Change, kept: set[int], special: dict[int, Fate]) -> Fate:
        if change.number in special:
            return special[change.number]
        arrived = change.durable or change is self.last or change.number in kept
        return ((0, len(change.op.data)),) if arrived else None

    @staticmethod
    def _numbers(changes: Sequence[Change]) -> set[int]:
        return {change.number for change in changes}


def choices(disk: Disk, cut: int, op: Op | None) -> list[Choice]:
    """Return what the op before a cut added, all names first and none second; a sync adds nothing."""
    if op is not None and op.kind in ("sync", "sync all", "unseen"):
        return []
    last, names = None, disk.name_sets().masks
    if op is not None and op.kind in ("write", "truncate"):
        last = None if op.durable else cut - 1
    elif op is not None and op.kind != "ack":
        names = [mask for mask in names if not names[0] & ~mask & _newest(disk, cut)]
    found: dict[tuple[tuple[str, int], ...], Choice] = {}
    for mask in names:  # one for each tree that differs
        choice = Choice(disk, cut, mask, last)
        found.setdefault(tuple(choice.paths), choice)
    return [choice for choice in found.values() if not choice.empty]


def _newest(disk: Disk, cut: int) -> int:
    """Return the bit of the name that the op before a cut changed; all bits when it changed none."""
    pending = disk.pending_names()
    changed = bool(pending) and pending[-1].number == cut - 1
    return 1 << (len(pending) - 1) if changed else -1


def cost(found: list[Choice]) -> int:
    """Return how many states there are to list at a cut, those in part about so many."""
    in_part = sum(3 * len(choice.free) + (14 if choice.last else 0) for choice in found)
    return sum(choice.subsets() for choice in found) + in_part


def listed(found: list[Choice], share: int, seed: str) -> Iterator[State]:
    """Yield the states of a cut: all of them if they are at most ``share``, else so many of them."""
    rng = random.Random(seed)
    in_part = [state for choice in found for state in choice.partly(rng)]
    if cost(found) <= share:
        yield from chain.from_iterable(choice.all() for choice in found)
        yield from (make() for make in in_part)
        return
    more = [state for choice in found for state in choice.systematic()] + in_part
    more += [partial(choice.state, kept) for choice in found[2:] for kept in choice.core()]
    rng.shuffle(more)
    core = (choice.state(kept) for choice in found[:2] for kept in choice.core())
    endless = (rng.choice(found).seeded(rng) for _ in range(share))
    yield from islice(chain(core, (make() for make in more), endless), share)


def fair_share(costs: Sequence[int], limit: int) -> int:
    """Return how many states each cut may have so that all together have about ``limit``; at least a few."""
    rest, left = limit, len(costs)
    for each in sorted(costs):
        if each * left > rest:
            return max(FEW, rest // left)
        rest, left = rest - each, left - 1
    return max(costs, default=0)


def _parts(change: Change, rng: random.Random, sectors: Sequence[int]) -> list[Fate]:
    op = change.op
    length = len(op.data)
    found: list[Fate] = [GROWN] if change.extends and length else []
    cuts = {rng.randrange(1, length)} if length > 1 else set()
    for sector in sectors:
        first = sector - op.offset % sector
        last = first + (length - first - 1) // sector * sector
        cuts |= {first, last}
        if first < last:
            found.append(((0, first), (last, length)))
    for cut in sorted(cut for cut in cuts if 0 < cut < length):
        found += [((0, cut),), ((cut, length),)]
    return found
