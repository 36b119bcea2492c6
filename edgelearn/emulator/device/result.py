"""What a run on an emulated device came to.

>>> result = EdgeDevice("pi-zero-2w").run(train, X, y, budget=Budget(ram="350MB", p99_ms=20))
>>> print(result); result.raise_for_budget()

Rule 1: what was measured here (memory, CPU seconds, samples, writes) and what is predicted for the board (time, years)
are kept apart and labelled. Rule 2: `peak_rss_bytes` is the most that the whole tree held resident at once: what it
allocated and touched and the pages of files it maps, the interpreter's start and its libraries among them; a page that
several of its processes share counts once. Page cache of files it reads or writes is not in it, as the kernel gives
that back.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any, NamedTuple

from edgelearn.emulator.device import card, report
from edgelearn.emulator.device.held import Held, Look
from edgelearn.emulator.device.latency import Latency
from edgelearn.emulator.profiles.budget import Budget
from edgelearn.emulator.profiles.prediction import Prediction, predict
from edgelearn.emulator.profiles.profile import Profile
from edgelearn.emulator.profiles.verdict import Measured, Verdict


class Failure(NamedTuple):
    """An exception in the workload: the name of its type, its message, its traceback as text."""

    type: str
    message: str
    traceback: str


@dataclass(frozen=True)
class Result:
    """``stopped``: None, "memory", "deadline", "storage", "signal …" or "error"; ``why`` says it in a sentence.

    ``value``: what the function returned. ``covers_s``: the device's time that the run stands for; None: nobody said,
    so what is told of a day is as if the run went on without a pause. ``files``: bytes by path below the device's
    folder at the end. ``held``: by what each cap was held. ``trace``: some 20 looks a second.
    """

    profile: Profile
    stopped: str | None
    why: str | None
    exit_code: int | None
    value: Any
    error: Failure | None
    stdout: str
    stderr: str
    ram_cap_bytes: int
    peak_rss_bytes: int
    cpu_s: float
    wall_s: float
    covers_s: float | None
    latency: Latency | None
    written: card.Written
    files: dict[str, int]
    held: dict[str, Held]
    notes: tuple[str, ...]
    budget: Budget | None = None
    trace: list[Look] = field(default_factory=list, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it ran to its end by itself; what a budget says is in `verdict`."""
        return self.stopped is None

    @property
    def bytes_written(self) -> int:
        return self.written.bytes

    @property
    def writes_per_day_bytes(self) -> float:
        """Whole pages a day, where pages were counted: flash writes no less."""
        covers_s = self.covers_s or max(self.wall_s, 1e-3)
        return card.a_day(self.written.page_bytes or self.written.bytes, covers_s)

    @property
    def card_years(self) -> tuple[float, float]:
        """Return from and to: predicted from writes a day and the endurance of the profile; 1000 means for ever."""
        endurance = self.profile.figure("storage_endurance_bytes")
        a_day = self.writes_per_day_bytes
        return card.years(endurance.low, a_day), card.years(endurance.high, a_day)

    @cached_property
    def predicted_cpu(self) -> Prediction:
        """CPU seconds of the run on the board."""
        return predict(self.profile, cpu_s=self.cpu_s)

    @cached_property
    def predicted_latency(self) -> dict[str, Prediction]:
        """Time of a sample on the board by "p50_ms", "p99_ms" and "max_ms", from its CPU time here; {} without samples.

        Several threads share their CPU time at best, so the low end takes no more than the wall clock showed here.
        """
        if self.latency is None:
            return {}
        found = {}
        for name in ("p50_ms", "p99_ms", "max_ms"):
            wall_ms, cpu_ms = getattr(self.latency, name), getattr(self.latency, f"cpu_{name}")
            most = predict(self.profile, cpu_s=cpu_ms / 1e3)
            least = predict(self.profile, cpu_s=min(wall_ms, cpu_ms) / 1e3)
            found[name] = Prediction(least.low_s, most.high_s, most.how)
        return found

    @cached_property
    def verdict(self) -> Verdict | None:
        """What the budget says of it; None without one."""
        return None if self.budget is None else self.budget.judge(self._measured(self.budget))

    def raise_for_budget(self) -> None:
        """Raise AssertionError, with all of it, if the run was stopped or a line of its budget is broken."""
        if not self.ok or (self.verdict is not None and not self.verdict.ok):
            raise AssertionError(str(self))

    def __str__(self) -> str:
        return report.text(self)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON takes it, without the function's value."""
        return {
            "profile": self.profile.name, "ok": self.ok, "stopped": self.stopped, "why": self.why,
            "exit_code": self.exit_code, "error": self.error._asdict() if self.error else None,
            "stdout": self.stdout, "stderr": self.stderr, "ram_cap_bytes": self.ram_cap_bytes,
            "peak_rss_bytes": self.peak_rss_bytes, "cpu_s": self.cpu_s, "wall_s": self.wall_s,
            "covers_s": self.covers_s, "latency": self.latency.as_dict() if self.latency else None,
            "written": self.written._asdict(), "files": self.files,
            "writes_per_day_bytes": self.writes_per_day_bytes, "card_years": list(self.card_years),
            "predicted": {"cpu_s": self.predicted_cpu.as_dict()}
            | {name: said.as_dict() for name, said in self.predicted_latency.items()},
            "held": {cap: held._asdict() for cap, held in self.held.items()}, "notes": list(self.notes),
            "verdict": self.verdict.as_dict() if self.verdict else None,
            "trace": [look._asdict() for look in self.trace],
        }  # fmt: skip

    def _measured(self, budget: Budget) -> dict[str, Measured]:
        (low, high), most = self.card_years, self.writes_per_day_bytes
        least = most if self.covers_s else 0.0  # the run may be all that happens in a day
        found = {
            "ram": Measured(self.peak_rss_bytes, unit="bytes"),
            "writes_per_day": Measured(low=least, high=most, unit="bytes/day", basis="counted"),
            "card_years": Measured(
                low=low, high=high if self.covers_s else inf, unit="years", basis="predicted"
            ),
        }
        if "cpu_s" in budget.limits:  # predictions measure this machine first: only where they are asked for
            found["cpu_s"] = self.predicted_cpu.for_budget("s")
        if {"p50_ms", "p99_ms", "max_ms"} & set(budget.limits):
            found |= {name: said.for_budget("ms") for name, said in self.predicted_latency.items()}
        return found
