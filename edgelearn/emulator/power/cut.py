"""Power cuts at every moment of a save: each state the disk may be left in, given to load.

>>> def save(folder):  # at the top of a file, since it runs in a process of its own
...     for number in range(3):
...         write(folder / "model", number)
...         yield number  # durable, says the save
>>> power_cut(save, load).check()

Rule 1: load must return the value acknowledged last or the one that was being saved; anything else is an error.
Rule 2: what a recorder does not see is no success: its log, replayed, must give the folder that the run left.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from edgelearn.emulator.power.child import scratch
from edgelearn.emulator.power.disk import GROWN, MODELS, Disk
from edgelearn.emulator.power.judge import Answer, ask, before, judge
from edgelearn.emulator.power.recording import Recording, record
from edgelearn.emulator.power.replay import Left, Replay, materialise
from edgelearn.emulator.power.report import Report
from edgelearn.emulator.power.states import State
from edgelearn.errors import ConfigError

_AROUND = 6  # ops printed before a cut
_AGAIN = 8  # states whose load is cut


def power_cut(
    save: Callable[[Path], Iterator[object]],
    load: Callable[[Path], Any],
    *,
    folder: Path | None = None,
    seed: int = 0,
    limit: int = 5000,
    recorder: str = "auto",
    model: str = "posix",
    again: bool = False,
    deadline_s: float = 60.0,
) -> Report:
    """Run ``save`` under a recorder and ``load`` on every state that a cut may leave; return the report.

    ``folder``: what lies on the disk beforehand (copied, never changed; None: nothing). ``limit``: more states than
    that are sampled with ``seed``. ``model``: what the disk promises, of MODELS (disk.py has the rules). ``again``:
    cut also while load repairs what a first cut left. Raises ConfigError for a bad option or value, PowerError when
    a process fails, NativeError for recorder="native" without a compiler.
    """
    if not isinstance(limit, int) or limit < 1 or model not in MODELS:
        raise ConfigError(
            f"limit is a number of states above 0 and model one of {', '.join(MODELS)}, not {limit!r} and {model!r}"
        )
    recorded = record(save, "save", folder, recorder=recorder, model=model, deadline_s=deadline_s)
    report = Report(
        f"power cuts in {save.__qualname__}",
        seed=seed, model=model, recorder=recorded.recorder, cannot_see=recorded.cannot_see, misses=recorded.misses,
    )  # fmt: skip
    if recorded.misses:
        return report
    with scratch() as place:
        trial = _Trial(load, report, place, look=again)
        trial.values = [trial.before(recorded), *recorded.values]
        trial.run(recorded, 0, limit)
        if again:
            trial.run_again(recorder, limit, deadline_s)
    report.write_state = trial.write_state
    return report


class _Trial:
    """Gives states to load, each once, and counts in the report."""

    def __init__(self, load: Callable[[Path], Any], report: Report, place: Path, *, look: bool) -> None:
        self.load, self.report, self._place, self._look = load, report, place, look
        self.values: list[object] = []
        self._known: dict[bytes, tuple[int, Answer]] = {}
        # By the number of a state, from 1: the state, what had been acknowledged, and how much load changed.
        self._states: list[tuple[Replay, State, int]] = []
        self._changed: list[int] = []

    def before(self, recorded: Recording) -> object:
        """Return what load says of the disk before the first save."""
        with self._folder(recorded.base, State(0, 0, {})) as folder:
            return before(self.load, folder)

    def run(self, recorded: Recording, acknowledged: int, limit: int, where: str = "") -> None:
        """Try every state of a recording; ``acknowledged``: so many values before it."""
        replay = Replay(recorded.base, recorded.ops, seed=self.report.seed, limit=limit)
        self.report.cuts += len(recorded.ops) + 1
        self.report.total += replay.total
        self.report.exhaustive &= replay.exhaustive
        for left in replay:
            number, answer = self._answer(replay, left, acknowledged + left.acknowledged)
            verdict = judge(answer, acknowledged + left.acknowledged, self.values)
            if verdict is not None:
                cut = f"cut {left.state.cut} of {len(recorded.ops)}{where}"
                self.report.add(number, verdict, cut, partial(_around, replay.ops, left))

    def run_again(self, recorder: str, limit: int, deadline_s: float) -> None:
        """Record load on states in which it changed the most files, and cut that too."""
        numbers = [number for number, changed in enumerate(self._changed, 1) if changed]
        random.Random(self.report.seed).shuffle(numbers)
        numbers.sort(key=lambda number: -self._changed[number - 1])
        first = self.report.states
        for number in numbers[:_AGAIN]:
            start = self._written(number)
            recorded = record(
                self.load, "load", start, recorder=recorder, model=self.report.model, deadline_s=deadline_s
            )
            shutil.rmtree(start)
            self.report.misses += recorded.misses
            self.run(recorded, self._states[number - 1][2], limit // _AGAIN, f" of load on state {number}")
        self.report.again = self.report.states - first

    def _written(self, number: int) -> Path:
        """Return a fresh folder that holds a state."""
        folder = self._place / f"first{number}"
        folder.mkdir()
        self.write_state(number, folder)
        return folder

    def write_state(self, number: int, folder: Path) -> None:
        """Write a state into an empty folder."""
        replay, state, _ = self._states[number - 1]
        materialise(replay.disk_at(state.cut), state, folder)

    def _answer(self, replay: Replay, left: Left, acknowledged: int) -> tuple[int, Answer]:
        known = self._known.get(left.digest)
        if known is None:
            self.report.states += 1
            self._states.append((replay, left.state, acknowledged))
            with self._folder(left.disk, left.state) as folder:
                looked = _looks(folder) if self._look else set()
                known = self.report.states, ask(self.load, folder, self.values)
                self._changed.append(len(looked ^ _looks(folder)) if self._look else 0)
            self._known[left.digest] = known
        return known

    @contextmanager
    def _folder(self, disk: Disk, state: State) -> Iterator[Path]:
        folder = self._place / f"state{self.report.states}"
        folder.mkdir()
        materialise(disk, state, folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _looks(folder: Path) -> set[tuple[str, int, int]]:
    """Return what shows that a file was changed: its path, its time and its length."""
    found = ((path, path.lstat()) for path in folder.rglob("*"))
    return {(str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found}


def _around(ops: list[Any], left: Left) -> tuple[str, ...]:
    """Return the ops before a cut, with what became of those that were on their way, and the one after it."""
    names = left.disk.pending_names()
    arrived = {name.number: left.state.names >> place & 1 for place, name in enumerate(names)}
    became = {
        number: "its name arrived" if there else "its name is lost" for number, there in arrived.items()
    }
    for number, fates in left.state.fates.items():
        for change, fate in zip(left.disk.nodes[number].changes, fates, strict=True):
            became[change.number] = (
                "lost" if fate is None
                else "only its length" if fate == GROWN
                else "arrived" if fate == ((0, len(change.op.data)),)
                else f"bytes {' and '.join(f'{start} to {stop}' for start, stop in fate)} arrived"
            )  # fmt: skip
    cut = left.state.cut
    first = max(0, min([cut - _AROUND, *(number for number in became)]))
    shown = [f"    {n + 1:4} {ops[n]}{' - ' + became[n] if n in became else ''}" for n in range(first, cut)]
    after = [f"         (next: {ops[cut]})"] if cut < len(ops) else []
    return (*shown[-30:], "    ---- power cut ----", *after)
