"""What one test used of the emulator: its seed, its runs, cuts, wires and boards; kept in the item's stash."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from edgelearn.emulator.plugin.marker import limits_of
from edgelearn.emulator.plugin.options import profile_of, seed_of

if TYPE_CHECKING:
    from edgelearn.emulator.device.result import Result
    from edgelearn.emulator.power.report import Report
    from edgelearn.emulator.profiles.budget import Budget
    from edgelearn.emulator.profiles.verdict import Verdict


@dataclass
class Use:
    """``budget`` is the marker's. ``boards`` and ``wires`` are open until the test's fixtures are torn down."""

    seed: int
    profile: str
    budget: "Budget | None" = None
    runs: "list[Result]" = field(default_factory=list)
    cuts: "list[Report]" = field(default_factory=list)
    wires: list[Any] = field(default_factory=list)
    boards: list[Any] = field(default_factory=list)
    verdict: "Verdict | None" = None
    _made: dict[str, int] = field(default_factory=dict)

    def next_seed(self, kind: str) -> int:
        """Return a seed for the next thing of a kind: two wires of a test are not damaged alike."""
        number = self._made.get(kind, 0)
        self._made[kind] = number + 1
        return self.seed + number


KEY = pytest.StashKey[Use]()


def use_of(item: pytest.Item) -> Use:
    """Return what this test used so far; the first call of a run switches the judging of tests on."""
    from edgelearn.emulator.plugin.judging import switch_on

    switch_on(item.config)
    if KEY not in item.stash:
        use = item.stash[KEY] = Use(seed_of(item), profile_of(item.config))
        limits = limits_of(item)
        if limits:
            from edgelearn.emulator.profiles.budget import Budget

            use.budget = Budget(**limits)
    return item.stash[KEY]
