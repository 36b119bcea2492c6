"""A copy of the checkout in the root: the tests write to it, never to the checkout itself."""

import shutil
from collections.abc import Callable
from pathlib import Path


def copy(checkout: Path, to: Path, without: Path) -> None:
    """Copy all but the repository, what .gitignore names, and the folder `without` (the root, if it lies inside)."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(checkout, to, ignore=_ignored(checkout, without.resolve()), symlinks=True)


def _ignored(checkout: Path, without: Path) -> Callable[[str, list[str]], set[str]]:
    lines = (checkout / ".gitignore").read_text().split()
    patterns = shutil.ignore_patterns(".git", *(line.rstrip("/") for line in lines))

    def ignored(folder: str, names: list[str]) -> set[str]:
        inside = {name for name in names if Path(folder, name).resolve() == without}
        return inside | patterns(folder, names)

    return ignored
