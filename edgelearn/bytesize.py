"""Sizes as people write them."""

import re

from edgelearn.errors import ConfigError

_UNITS = {
    "": 1,
    "B": 1,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KIB": 1024,
    "MIB": 1024**2,
    "GIB": 1024**3,
}


def parse_bytes(size: int | str) -> int:
    """Return bytes for ``262144``, ``"256KB"`` (1000) or ``"256KiB"`` (1024); raises ConfigError otherwise."""
    if isinstance(size, str):
        match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", size)
        if match is None or match[2].upper() not in _UNITS:
            raise ConfigError(f"a size is written like 262144, '256KB' or '2MiB', not {size!r}")
        size = int(float(match[1]) * _UNITS[match[2].upper()])
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ConfigError(f"a size in bytes is a whole number above 0, not {size!r}")
    return size
