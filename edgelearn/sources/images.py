"""Samples from a folder of images."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from edgelearn.errors import InputError
from edgelearn.sources.base import Item, Pause, Refused
from edgelearn.sources.folder import Folder, Labels
from edgelearn.sources.options import Above
from edgelearn.sources.picture import Channels, need_pillow, read_picture
from edgelearn.types import Sample

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")


@dataclass(frozen=True)
class Images:
    """Images (height, width, 3) uint8 RGB, or (height, width) grey, in the order of their names; the name is the id.

    With ``labels = "folders"`` each image lies in a folder named as its class. With ``watch`` the source
    never ends: it looks for new files each ``poll_s`` seconds.
    """

    path: Path
    channels: Channels = 3
    labels: Labels = "none"
    watch: bool = False
    poll_s: Annotated[float, Above(0)] = 1.0

    def __iter__(self) -> Iterator[Item]:
        """Open the folder; raises InputError without a file to read, MissingExtraError without Pillow."""
        need_pillow()
        folder = Folder(self.path, SUFFIXES, self.labels)
        return self._items(folder, folder.watch(self.poll_s) if self.watch else folder.once())

    def _items(self, folder: Folder, paths: Iterator[Path | Pause]) -> Iterator[Item]:
        for path in paths:
            if isinstance(path, Pause):
                yield path
                continue
            try:
                yield Sample(folder.name(path), read_picture(path, self.channels), folder.label(path))
            except InputError as error:
                yield Refused(folder.name(path), str(error))
