"""Names and what they lead to: the folders of a disk, as entries of numbered nodes.

Rule 1: a name is an entry of a folder; a file is a node with a number of its own, whatever leads to it.
Rule 2: whatever happens to names is a set of entries that take new values at once, so that it can happen later, or
not at all, and in any tree.
"""

from dataclasses import dataclass, field

ROOT = 0
Entries = dict[int, dict[str, int]]  # of each folder, by its number: name -> number of a node


@dataclass
class Naming:
    """Entries that change together: (folder, name, node or None for nothing)."""

    changes: tuple[tuple[int, str, int | None], ...]
    about: frozenset[int]  # nodes that get or lose a name
    number: int  # of the op
    waits_for: set[int] = field(init=False)  # folders that nobody has synced since

    def __post_init__(self) -> None:
        self.waits_for = {folder for folder, _, _ in self.changes}

    def apply(self, entries: Entries) -> None:
        """Let it happen in a tree, in place."""
        for folder, name, node in self.changes:
            if node is None:
                entries.setdefault(folder, {}).pop(name, None)
            else:
                entries.setdefault(folder, {})[name] = node


def find(entries: Entries, path: str) -> tuple[int, str, int | None]:
    """Return folder, name and node of a path; raises KeyError when a folder on the way is not there."""
    folder = ROOT
    *way, name = path.split("/")
    for part in way:
        folder = entries[folder][part]
    return folder, name, entries[folder].get(name)


def after(entries: Entries, namings: list[Naming], arrived: int) -> Entries:
    """Return a tree in which of those namings that nobody made durable the set ``arrived`` has happened too.

    It is a bit mask, the oldest naming the lowest bit.
    """
    tree = {folder: dict(names) for folder, names in entries.items()}
    for naming in namings:
        if naming.waits_for:
            happened, arrived = arrived & 1, arrived >> 1
            if not happened:
                continue
        naming.apply(tree)
    return tree


def walk(entries: Entries, folder: int = ROOT, prefix: str = "") -> list[tuple[str, int]]:
    """Return path and node of everything a name leads to, in order of the path; a folder comes before what it holds."""
    found = []
    for name, node in sorted(entries.get(folder, {}).items()):
        found.append((prefix + name, node))
        if node in entries:
            found += walk(entries, node, f"{prefix}{name}/")
    return found
