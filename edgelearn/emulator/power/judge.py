"""What a load said of a state, against what had been acknowledged when the power went."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from edgelearn.emulator.power.log import PowerError


class Answer(NamedTuple):
    """What load said: which of the values it may be (their places), or what was wrong with it."""

    places: frozenset[int]
    words: str


class Verdict(NamedTuple):
    """What is wrong with an answer."""

    kind: str  # "corrupt" or "lost"
    words: str


def ask(load: Callable[[Path], Any], folder: Path, values: Sequence[object]) -> Answer:
    """Return what load says of a folder; ``values``: what it said before the first save, then all that were yielded."""
    try:
        value = load(folder)
    except Exception as error:  # whatever it is: a state that cannot be read
        return Answer(frozenset(), f"load raised {type(error).__name__}: {str(error)[:300]}")
    places = frozenset(place for place, known in enumerate(values) if _equal(known, value))
    return Answer(places, f"load returned {repr(value)[:120]}")


def before(load: Callable[[Path], Any], folder: Path) -> object:
    """Return what load says of what lies there before the first save; raises PowerError when it raises."""
    try:
        return load(folder)
    except Exception as error:  # the user's own code: any error of it is told with its name
        raise PowerError(
            f"load raised {type(error).__name__} before anything was saved ({error}); let it return None where "
            "there is nothing"
        ) from error


def judge(answer: Answer, acknowledged: int, values: Sequence[object]) -> Verdict | None:
    """Return what is wrong with an answer after so many acknowledgements; None if nothing is.

    Right is the value acknowledged last, or the one that was being saved. An older one (nothing at all is the
    oldest) is lost; everything else is corrupt.
    """
    if not answer.places:
        never = "" if answer.words.startswith("load raised") else ", which save never yielded"
        return Verdict("corrupt", answer.words + never)
    if answer.places & {acknowledged, acknowledged + 1}:
        return None
    if max(answer.places) < acknowledged:
        return Verdict("lost", f"{answer.words}, and {values[acknowledged]!r} was acknowledged")
    return Verdict("corrupt", f"{answer.words}, which nobody had begun to save")


def _equal(one: object, other: object) -> bool:
    try:
        return type(one == other) is bool and one == other
    except Exception:  # a value of a class of the user's that compares with none but its own
        return False
