"""The files of a folder in the order of their names, once or for ever."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from edgelearn.errors import InputError
from edgelearn.sources.base import Pause

Labels: TypeAlias = Literal["none", "folders"]
Mark: TypeAlias = tuple[int, int]  # size in bytes and time of the last change in ns


class Folder:
    """Files with one of the suffixes in ``path``, or, with labels "folders", in the folders in it.

    Raises InputError when the folder cannot be listed.
    """

    def __init__(self, path: Path, suffixes: tuple[str, ...], labels: Labels) -> None:
        self._path, self._suffixes, self._labels = path, suffixes, labels
        self._listing()

    def once(self) -> Iterator[Path]:
        """Return every file that is there now; raises InputError when there is none."""
        found = list(self._listing())
        if not found:
            raise InputError(f"the folder {self._path} holds no {self._wanted()}")
        return iter(found)

    def watch(self, poll_s: float) -> Iterator[Path | Pause]:
        """Yield every file, and again those that are new or were written anew, looking each ``poll_s``.

        A file counts once it looked the same twice: whoever writes it is then done.
        """
        done: dict[Path, Mark] = {}
        before: dict[Path, Mark] = {}
        while True:
            now = self._listing()
            for path, mark in now.items():
                if before.get(path) == mark != done.get(path):
                    done[path] = mark
                    yield path
            done = {path: mark for path, mark in done.items() if path in now}
            before = now
            yield Pause(poll_s)

    def name(self, path: Path) -> str:
        """Return the file's name below the folder."""
        return path.relative_to(self._path).as_posix()

    def label(self, path: Path) -> str | None:
        """Return the name of the folder a file lies in, where folders are labels."""
        return path.parent.name if self._labels == "folders" else None

    def _wanted(self) -> str:
        kinds = "/".join(self._suffixes)
        if self._labels == "folders":
            return f'folder with {kinds} files in it; labels = "none" takes the files beside them'
        hint = any(entry.is_dir() for entry in self._path.iterdir())
        return f"{kinds} file" + ('; labels = "folders" takes those in its folders' if hint else "")

    def _listing(self) -> dict[Path, Mark]:
        try:
            folders = [self._path]
            if self._labels == "folders":
                folders = [Path(entry) for entry in os.scandir(self._path) if entry.is_dir()]
            found = [entry for folder in folders for entry in os.scandir(folder)]
        except OSError as error:
            raise InputError(f"the folder {self._path} cannot be listed: {error.strerror}") from error
        marks = {}
        for entry in sorted(found, key=lambda entry: entry.path):
            if entry.name.startswith(".") or not entry.name.lower().endswith(self._suffixes):
                continue
            try:
                stat = entry.stat()
            except FileNotFoundError:  # gone since it was listed
                continue
            marks[Path(entry)] = (stat.st_size, stat.st_mtime_ns)
        return marks
