"""A file that appears whole or not at all: written beside its place, then moved there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edgelearn.errors import ConfigError


def check_replaceable(path: Path) -> None:
    """Raise ConfigError when something is there that is no ordinary file, such as a folder or a device."""
    try:
        special = path.exists() and not path.is_file()
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    if special:
        raise ConfigError(f"{path} is a folder or a device, which no file can replace; give another name.")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the name beside ``path`` to write to; at the end of the block that file becomes ``path``.

    Whatever is raised inside the block leaves ``path`` as it was, and nothing beside it.
    """
    partial = path.with_name(path.name + ".part")
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
