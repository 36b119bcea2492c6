"""What a board has done and what it took, as a table and as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from edgelearn.emulator.boards.elf import Function
from edgelearn.emulator.boards.flash import Wear

ROWS = 12  # functions in a printed report
SAVES_A_DAY = 24
BESIDE = "(no function)"


class FunctionCount(NamedTuple):
    """Instructions of a function itself, without those of what it calls; ``calls``: how often it was entered."""

    name: str
    instructions: int
    calls: int


class BoardReport(NamedTuple):
    """``instructions`` and ``functions`` are None and empty where the board did not count; ``compute_s`` is what the
    instructions would take on the real core, from and to: predicted from the profile, not measured."""

    board: str
    now_us: int
    instructions: int | None
    compute_s: tuple[float, float] | None
    functions: tuple[FunctionCount, ...]
    ram_bytes: int
    ram_used_bytes: int
    stack_room_bytes: int
    stack_high_water_bytes: int
    wear: Wear
    flips: int
    boots: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        functions = [one._asdict() for one in self.functions]
        wear = {**self.wear._asdict(), "years_at_24_saves_a_day": self.wear.years(SAVES_A_DAY)}
        return {**self._asdict(), "functions": functions, "wear": wear}

    def __str__(self) -> str:
        years = self.wear.years(SAVES_A_DAY)
        lasts = "" if years is None else f"; predicted to last {years:.1f} years at {SAVES_A_DAY} saves a day"
        rows = [
            f"{self.board}: {self.now_us / 1e6:.3f} s, started {self.boots} times, {self.flips} bits flipped",
            f"  RAM    {self.ram_used_bytes:,} bytes of variables, {self.ram_bytes:,} there",
            f"  stack  {self.stack_high_water_bytes:,} bytes at most, room for {self.stack_room_bytes:,}",
            f"  flash  {max(self.wear.erases)} erases of a page at most, {self.wear.stuck} bits stuck{lasts}",
        ]
        if self.instructions is not None:
            rows.append(f"  {self.instructions:,} instructions{self._predicted()}")
        rows += [f"  {one.instructions:>14,}  {one.calls:>10,}  {one.name}" for one in self.functions[:ROWS]]
        return "\n".join(rows)

    def _predicted(self) -> str:
        if self.compute_s is None:
            return ""
        low, high = self.compute_s
        return f": {low:.3g} to {high:.3g} s of computing on the real core (predicted, not measured)"


def functions(known: Sequence[Function], blocks: Iterable[tuple[int, int, int]]) -> tuple[FunctionCount, ...]:
    """Return the counts of each function that ran, the most first; ``known`` and ``blocks`` (address, times entered,
    instructions) are in order of address."""
    counts, at = dict[str, list[int]](), -1
    for address, entered, instructions in blocks:
        while at + 1 < len(known) and known[at + 1].address <= address:
            at += 1
        inside = at >= 0 and (not known[at].size or address < known[at].address + known[at].size)
        count = counts.setdefault(known[at].name if inside else BESIDE, [0, 0])
        count[0] += instructions
        count[1] += entered if at >= 0 and address == known[at].address else 0
    found = [FunctionCount(name, *count) for name, count in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.instructions, one.name)))
