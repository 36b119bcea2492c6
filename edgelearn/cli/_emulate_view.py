"""The view of a run on a terminal: memory against its cap, CPU, samples and their times, below what it prints."""

import threading
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from edgelearn.emulator.profiles.figure import written

if TYPE_CHECKING:
    from edgelearn.cli._emulate_run import Moment
    from edgelearn.emulator.device.held import Look

_RATE_OVER_S = 1.0
_BAR = 24


class View:
    """``ram_bytes``: the cap; ``deadline_s``: when it is ended."""

    def __init__(self, ram_bytes: int, deadline_s: float) -> None:
        self._ram_bytes, self._deadline_s = ram_bytes, deadline_s
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, transient=True, redirect_stdout=False, redirect_stderr=False)
        self._looks: deque[Look] = deque()
        self._line = b""  # of its output, not ended yet
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line:
            self.above(b"\n")
        self._live.stop()

    def above(self, data: bytes) -> None:
        """Print what the command printed, whole lines of it, above the view."""
        with self._lock:
            *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._console.print(Text.from_ansi(line.decode(errors="replace")), soft_wrap=True)

    def show(self, look: "Look", moment: "Moment | None") -> None:
        """Show a moment of the run."""
        self._looks.append(look)
        while look.t_s - self._looks[0].t_s > _RATE_OVER_S:
            self._looks.popleft()
        self._live.update(
            Text("\n").join(map(Text, lines(self._looks, moment, self._ram_bytes, self._deadline_s)))
        )


def lines(looks: "deque[Look]", moment: "Moment | None", ram_bytes: int, deadline_s: float) -> list[str]:
    """Return the view as text; rates are over the looks given."""
    first, look = looks[0], looks[-1]
    span_s = max(look.t_s - first.t_s, 1e-9)
    full = min(_BAR, round(_BAR * look.rss_bytes / ram_bytes))
    shown = [
        f"memory  {'█' * full}{'░' * (_BAR - full)}  {_mb(look.rss_bytes)} of {_mb(ram_bytes)}",
        f"CPU     {written(look.cpu_s, 's')}, {(look.cpu_s - first.cpu_s) / span_s:.2f} cores now",
        f"time    {look.t_s:.0f} s of {deadline_s:g} s",
    ]
    if moment is not None:
        rate = (look.samples - first.samples) / span_s
        spans = f"p50 {written(moment.p50_ms / 1e3, 's')}, p99 {written(moment.p99_ms / 1e3, 's')} now, here"
        shown.insert(2, f"samples {look.samples}, {rate:.0f}/s, {spans}")
    return shown


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
