"""What power cuts left of a save, for people: how many states, how many went wrong, and how to see one again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edgelearn.emulator.power.judge import Verdict

SHOWN = 3  # failures that are printed
KEPT = 10  # of each kind, in `Report.failures`


@dataclass(frozen=True)
class Failure:
    """A state that load does not read as it should."""

    number: int  # of the state, for `Report.state`
    kind: str  # "corrupt" or "lost"
    words: str
    where: str  # the cut, in words
    ops: tuple[str, ...] = ()  # around the cut, and what became of each

    def __str__(self) -> str:
        return "\n".join([f"state {self.number}, {self.where}: {self.kind}: {self.words}", *self.ops])


@dataclass
class Report:
    """``corrupt`` and ``lost`` count states; ``total`` is how many there are, about, when not ``exhaustive``."""

    what: str  # was tried
    states: int = 0  # different ones, each loaded once
    corrupt: int = 0
    lost: int = 0
    cuts: int = 0
    total: int = 0
    exhaustive: bool = True
    seed: int = 0
    model: str = ""
    recorder: str = "none"
    cannot_see: str = ""
    misses: tuple[str, ...] = ()
    again: int = 0  # states of a second cut, while load repaired what the first had left
    failures: list[Failure] = field(default_factory=list)  # the first of each kind
    write_state: Callable[[int, Path], None] | None = None
    counted: set[tuple[int, str]] = field(default_factory=set, repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong, and all of it was seen."""
        return not (self.corrupt or self.lost or self.misses)

    def check(self) -> None:
        """Raise AssertionError, with this report in words, unless it is ok."""
        if not self.ok:
            raise AssertionError(str(self))

    def state(self, number: int, folder: Path) -> Path:
        """Write a state into a folder, new or empty, and return that; raises IndexError for an unknown number."""
        if self.write_state is None:
            raise IndexError(
                "no states were kept: a kill cannot be repeated, and a recording with holes has none"
            )
        if not 1 <= number <= self.states:
            raise IndexError(f"there is no state {number}; they are numbered from 1 to {self.states}")
        folder.mkdir(parents=True, exist_ok=True)
        self.write_state(number, folder)
        return folder

    def add(self, number: int, verdict: Verdict, where: str, ops: Callable[[], tuple[str, ...]]) -> None:
        """Count a state that went wrong, once for each kind, and keep the first few."""
        if (number, verdict.kind) in self.counted:
            return
        self.counted.add((number, verdict.kind))
        self.corrupt += verdict.kind == "corrupt"
        self.lost += verdict.kind == "lost"
        if sum(failure.kind == verdict.kind for failure in self.failures) < KEPT:
            self.failures.append(Failure(number, verdict.kind, verdict.words, where, ops()))

    def __str__(self) -> str:
        if self.misses:
            found = "\n".join(f"  {words}" for words in self.misses[:10])
            return (
                f"{self.what}: the recording misses writes, so no state was tried. The {self.recorder} recorder "
                f"cannot see {self.cannot_see}.\n{found}"
            )
        total = str(self.total) if self.total < 10**9 else f"2^{self.total.bit_length() - 1}"
        how = "every one" if self.exhaustive else f"of about {total}"
        again = f", {self.again} of them of a second cut" if self.again else ""
        lines = [
            f"{self.what}: {self.states} states ({how}{again}), {self.corrupt} corrupt, "
            f"{self.lost} lost what was acknowledged",
            f"  {self.cuts} cuts, seed {self.seed}, model {self.model or 'none'}, recorder {self.recorder}"
            + (f" (cannot see {self.cannot_see})" if self.cannot_see else ""),
        ]
        lines += [str(failure) for failure in self.failures[:SHOWN]]
        if self.failures and self.write_state is not None:
            lines.append(
                f"  to see the first again: the same call with seed={self.seed}, and on its report "
                f".state({self.failures[0].number}, Path('state'))"
            )
        return "\n".join(lines)
