"""A result as a person reads it: what became of it, what was measured here, what is predicted, what held the caps."""

from typing import TYPE_CHECKING

from edgelearn.emulator.device import card
from edgelearn.emulator.profiles.figure import written

if TYPE_CHECKING:
    from edgelearn.emulator.device.result import Result

_LAST_LINES = 15


def text(result: "Result") -> str:
    """Return the block."""
    rows = [_head(result), *_failure(result), "  measured here"]
    rows += [f"    {name:9} {said}" for name, said in _measured(result)]
    rows += [f"  predicted for {result.profile.title}, not measured"]
    rows += [f"    {name:9} {said}" for name, said in _predicted(result)]
    rows += ["  caps"]
    rows += [f"    {cap:9} {held.by}: {held.trust}" for cap, held in sorted(result.held.items())]
    rows += [f"  note: {note}" for note in result.notes]
    if result.verdict is not None:
        rows += ["  " + line for line in str(result.verdict).splitlines()]
    return "\n".join(rows)


def _head(result: "Result") -> str:
    became = "ran to its end" if result.ok else f"stopped: {result.stopped} ({result.why})"
    return f"{result.profile.name}: {became}"


def _failure(result: "Result") -> list[str]:
    if result.ok:
        return []
    told = result.error.traceback if result.error else result.stderr
    return [f"  | {line}" for line in told.rstrip().splitlines()[-_LAST_LINES:]]


def _measured(result: "Result") -> list[tuple[str, str]]:
    peak, cap = (
        written(result.peak_rss_bytes, "bytes/").rstrip("/"),
        written(result.ram_cap_bytes, "bytes/").rstrip("/"),
    )
    rows = [
        ("memory", f"{peak} at its peak, of {cap} allowed"),
        ("CPU", f"{written(result.cpu_s, 's')} in {written(result.wall_s, 's')}"),
    ]
    if result.latency is not None:
        spans = (
            written(ms / 1e3, "s")
            for ms in (result.latency.p50_ms, result.latency.p99_ms, result.latency.max_ms)
        )
        rows.append(("samples", "{}: p50 {}, p99 {}, slowest {}".format(result.latency.count, *spans)))
    return [*rows, ("written", _written(result))]


def _written(result: "Result") -> str:
    found = result.written
    said = written(found.bytes, "bytes/").rstrip("/")
    if found.page_bytes is not None:
        said += f" ({written(found.page_bytes, 'bytes/').rstrip('/')} in whole pages)"
    said += f", {len(result.files)} files at the end"
    return said + (f"; {found.refused} writes found the card full" if found.refused else "")


def _predicted(result: "Result") -> list[tuple[str, str]]:
    cpu = result.predicted_cpu
    rows = [("CPU", f"{written(cpu.low_s, 's')} to {written(cpu.high_s, 's')}")]
    rows += [
        (name.removesuffix("_ms"), f"{written(said.low_s, 's')} to {written(said.high_s, 's')}")
        for name, said in result.predicted_latency.items()
    ]
    low, high = result.card_years
    a_day = written(result.writes_per_day_bytes, "bytes/day")
    years = f"{low:.3g} to {high:.3g} years" if low < card.ENDLESS_YEARS else "no wear"
    basis = f"as if the {result.covers_s:.3g} s it stands for went on for ever"
    return [*rows, ("card", f"{years} at {a_day}, {basis}"), ("", cpu.how)]
