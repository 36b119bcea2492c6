"""The values a store hands out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What one save cost."""

    version: int
    bytes_written: int  # handed to the file system, journal included
    payload_bytes: int  # of the safetensors blob
    seconds: float


@dataclass(frozen=True, slots=True)
class Version:
    """One saved version, without its arrays; ``meta`` is empty when it can no longer be read."""

    version: int
    saved_at: float  # seconds since 1970
    payload_bytes: int
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """What ``verify`` found: every version, the numbers of the damaged ones, and one sentence a problem."""

    ok: bool
    versions: list[Version]
    problems: list[str]
    damaged: list[int]
