"""A group of figures: who measures them, and what is stored and printed of one."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from edgelearn.bench.figure import Figure, Goal, Measured

__all__ = ["Figure", "Goal", "Group", "Measured", "record"]


class Group(NamedTuple):
    """Figures that are measured together, by ``measure`` in a process of their own."""

    name: str
    figures: tuple[Figure, ...]
    measure: Callable[[], Iterator[Measured]]
    sets: tuple[str, ...] = ()  # public data sets it needs, names of `data.SETS`
    peers: bool = False  # measured in the environment that has the peers


def record(figure: Figure, measured: Measured | None, note: str | None = None) -> dict[str, Any]:
    """Return what is stored and printed of a figure (JSON); ``measured`` None says why in ``note``."""
    value = None if measured is None else measured.value
    control = None if measured is None else measured.control
    return {
        "name": figure.name,
        "value": value,
        "unit": figure.unit,
        "goal": None if figure.goal is None else str(figure.goal),
        "holds": None if figure.goal is None or value is None else figure.goal.holds(value),
        "peer": figure.peer,
        "what": figure.what,
        "control": control,
        "reliable": None if control is None else abs(control - 1) <= figure.noise,
        "spread": None if measured is None else measured.spread,
        "note": note if measured is None else measured.note,
        "detail": {} if measured is None else measured.detail,
    }
