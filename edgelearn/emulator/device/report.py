"""A result as a person reads it: what became of it, its budget, what was measured here, what is predicted, the caps."""

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from edgelearn.emulator.device import card
from edgelearn.emulator.profiles.figure import written

if TYPE_CHECKING:
    from edgelearn.emulator.device.result import Result

_LAST_LINES = 15
_WIDE = 120


def text(result: "Result") -> str:
    """Return the block."""
    rows = [_head(result), *_failure(result)]
    if result.verdict is not None:
        rows += ["  " + line for line in str(result.verdict).splitlines()]
    rows += ["  measured on this machine", *_table(_measured(result))]
    rows += [f"  predicted for {result.profile.title}, not measured", *_table(_predicted(result))]
    rows += ["  caps, and what held them"]
    rows += _table((cap, f"{held.by}: {held.trust}") for cap, held in sorted(result.held.items()))
    rows += [line for note in result.notes for line in _wrapped("  note: ", note)]
    return "\n".join(rows)


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [line for name, said in rows for line in _wrapped(f"    {name:9} ", said)]


def _wrapped(start: str, said: str) -> list[str]:
    """Return the lines of a text that begins with ``start`` and goes on below its own first word."""
    return textwrap.wrap(
        said, _WIDE, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False
    )


def _head(result: "Result") -> str:
    became = "ran to its end" if result.ok else f"stopped: {result.stopped} ({result.why})"
    return f"{result.profile.name}: {became}"


def _failure(result: "Result") -> list[str]:
    if result.ok:
        return []
    told = result.error.traceback if result.error else result.stderr
    return [f"  | {line}" for line in told.rstrip().splitlines()[-_LAST_LINES:]]


def _measured(result: "Result") -> list[tuple[str, str]]:
    rows = [
        ("memory", f"{_size(result.peak_rss_bytes)} at its peak, of {_size(result.ram_cap_bytes)} allowed"),
        ("CPU time", f"{written(result.cpu_s, 's')} in {written(result.wall_s, 's')}"),
    ]
    if result.latency is not None:
        times = (result.latency.p50_ms, result.latency.p99_ms, result.latency.max_ms)
        p50, p99, most = (written(ms / 1e3, "s") for ms in times)
        rows.append(("samples", f"{result.latency.count}: p50 {p50}, p99 {p99}, max {most}"))
    return [*rows, ("written", _written(result))]


def _written(result: "Result") -> str:
    found = result.written
    said = _size(found.bytes)
    if found.page_bytes:
        said += f" ({_size(found.page_bytes)} in whole pages)"
    said += f", {len(result.files)} {'file' if len(result.files) == 1 else 'files'} at the end"
    return said + (f"; {found.refused} writes found the card full" if found.refused else "")


def _predicted(result: "Result") -> list[tuple[str, str]]:
    cpu = result.predicted_cpu
    rows = [("CPU time", f"{written(cpu.low_s, 's')} to {written(cpu.high_s, 's')}")]
    rows += [
        (name.removesuffix("_ms"), f"{written(said.low_s, 's')} to {written(said.high_s, 's')} a sample")
        for name, said in result.predicted_latency.items()
    ]
    low, high = result.card_years
    a_day = written(result.writes_per_day_bytes, "bytes/day")
    years = f"{low:.3g} to {high:.3g} years" if low < card.ENDLESS_YEARS else "no wear to speak of"
    return [*rows, ("card", f"{years}, at {a_day}"), ("how", cpu.how)]


def _size(size: int) -> str:
    """Return bytes in powers of 1000, also where they are whole pages: one unit for all that was measured."""
    return written(size, "bytes/").rstrip("/")
