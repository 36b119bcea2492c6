"""What a source is: an iterable of items, without threads and without sleeping.

Whoever drives a source decides how to wait: an item of `Pause` says that nothing is there yet, and when
to ask again. Rule 1: opening (``iter``) raises InputError for what can never work. Rule 2: one bad sample
is an item of `Refused`, and the source goes on. Rule 3: the end of the iterator is the end of the source.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, TypeAlias

from edgelearn.types import Label, Sample


class Refused(NamedTuple):
    """A sample that could not be read; the source goes on behind it."""

    id: str | int
    reason: str


class Missed(NamedTuple):
    """Samples that were made and never arrived, between the item before and the next."""

    samples: int | None  # how many; None: nobody knows
    reason: str


class Late(NamedTuple):
    """The truth about an earlier decision, or what it earned, found among the samples."""

    ticket: str
    label: Label | None
    reward: float | None = None


class Pause(NamedTuple):
    """Nothing yet: ask again after so many seconds, or once the descriptor is readable; None is for ever."""

    seconds: float | None = None
    fd: int | None = None


Item: TypeAlias = Sample | Refused | Missed | Late | Pause


class Source(Protocol):
    """Anything that can be iterated for items."""

    def __iter__(self) -> Iterator[Item]: ...
