"""The verdict on a whole test: the worst line of each name over its runs and boards.

Rule 1: a line that one run broke is broken, whatever the others did. Rule 2: what nothing measured stays open.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from edgelearn.emulator.plugin.use import Use

if TYPE_CHECKING:
    from edgelearn.emulator.profiles.verdict import Line, Measured, Verdict


def verdict_of(use: Use) -> "Verdict | None":
    """Return what the marker's budget, or budgets given to single runs, say of a test; None without any."""
    from edgelearn.emulator.profiles.verdict import Verdict

    found = [run.verdict for run in use.runs if run.verdict is not None]
    if use.budget is not None:
        found.append(
            use.budget.judge({})
        )  # every line is there, were it only to say that nothing was measured
        found += [use.budget.judge(_counted(board)) for board in use.boards]
    if not found:
        return None
    return Verdict(tuple(_worst(line for verdict in found for line in verdict.lines)))


def _counted(board: Any) -> "dict[str, Measured]":
    """Return what a board took, as far as it knows: instructions are counted on a board that was opened for that."""
    from edgelearn.emulator.profiles.verdict import Measured
    from edgelearn.errors import UnsupportedError

    try:
        told = board.report()
    except UnsupportedError:  # QEMU does not look inside
        return {}
    memory = told.ram_used_bytes + told.stack_high_water_bytes
    found = {
        "ram": Measured(memory, unit="bytes"),
        "stack": Measured(told.stack_high_water_bytes, unit="bytes"),
    }
    if told.instructions is not None:
        found["instructions"] = Measured(told.instructions, unit="instructions", basis="counted")
    return found


def _worst(lines: "Iterable[Line]") -> "Iterable[Line]":
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        by_name.setdefault(line.name, []).append(line)
    return [min(same, key=_rank) for same in by_name.values()]


def _rank(line: "Line") -> tuple[int, float]:
    if line.low is None or line.high is None:
        return 3, 0.0
    return {False: 0, None: 1, True: 2}[line.holds], line.low if line.least else -line.high
