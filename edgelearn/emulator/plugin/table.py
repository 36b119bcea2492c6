"""The table at the end of a run: a line for each test that used the emulator, its columns those that say something;
below it what happened to its wires, boards and power cuts.

>>> lines({"tests/test_pi.py::test_day": {"profile": "pi-zero-2w", "peak RSS": "61 MB", "budget": "held"}})
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from edgelearn.emulator.plugin.use import Use

if TYPE_CHECKING:
    from edgelearn.emulator.device.result import Result
    from edgelearn.emulator.power.report import Report

COLUMNS = ("profile", "peak RSS", "cap", "CPU", "p99 predicted", "written", "budget")
BELOW = "seen"


def cells(use: Use) -> dict[str, str]:
    """Return what is said of a test, by column; texts only, so that it travels between processes."""
    said = _runs(use.runs) if use.runs else {}
    if use.verdict is not None:
        broken, open_ = (
            ", ".join(line.name for line in part) for part in (use.verdict.broken, use.verdict.open)
        )
        said["budget"] = f"BROKEN: {broken}" if broken else f"open: {open_}" if open_ else "held"
    seen = [f"stopped: {run.stopped}" for run in use.runs if run.stopped]
    seen += [_power(cut) for cut in use.cuts]
    seen += [_wire(wire) for wire in use.wires]
    seen += [_board(board) for board in use.boards]
    return said | ({BELOW: "; ".join(seen)} if seen else {})


def lines(rows: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield the table of the cells of each test."""
    shown = [name for name in COLUMNS if any(name in said for said in rows.values())]
    table: dict[str | None, tuple[str, ...]] = {None: ("test", *shown)} if shown else {}
    table |= {test: (test, *(said.get(name, "") for name in shown)) for test, said in rows.items()}
    wide = [max(map(len, column)) for column in zip(*table.values(), strict=True)]
    for test, row in table.items():
        yield "  ".join(map(str.ljust, row, wide)).rstrip()
        if test and BELOW in rows[test]:
            yield f"    {rows[test][BELOW]}"


def _runs(runs: "Sequence[Result]") -> dict[str, str]:
    """Return the worst of a test's runs: CPU seconds are those of all."""
    from edgelearn.emulator.profiles.figure import written

    fullest = max(runs, key=lambda run: run.peak_rss_bytes / run.ram_cap_bytes)
    said = {
        "profile": ", ".join(dict.fromkeys(run.profile.name for run in runs)),
        "peak RSS": _size(fullest.peak_rss_bytes),
        "cap": _size(fullest.ram_cap_bytes),
        "CPU": written(sum(run.cpu_s for run in runs), "s"),
        "written": f"{_size(max(run.writes_per_day_bytes for run in runs))}/day",
    }
    slow = [run.predicted_latency["p99_ms"] for run in runs if run.latency is not None]
    if slow:
        slowest = max(slow, key=lambda found: found.high_s)
        said["p99 predicted"] = f"{written(slowest.low_s, 's')} to {written(slowest.high_s, 's')}"
    return said


def _power(cut: "Report") -> str:
    missed = ", recording incomplete" if cut.misses else ""
    return f"{cut.what}: {cut.states} states, {cut.corrupt} corrupt, {cut.lost} lost{missed}"


def _wire(wire: Any) -> str:
    """Return what happened to the bytes of a wire, both ways."""
    to_device, to_host, unplugged = wire.counts
    total = {name: getattr(to_device, name) + getattr(to_host, name) for name in to_device._fields}
    sent, arrived = total.pop("sent"), total.pop("arrived")
    hurt = [f"{count} {name}" for name, count in (total | {"unplugged": unplugged}).items() if count]
    return ", ".join([f"wire: {sent} bytes sent, {arrived} arrived", *hurt])


def _board(board: Any) -> str:
    from edgelearn.errors import UnsupportedError

    try:
        told = board.report()
    except UnsupportedError:
        return "board: QEMU counts nothing"
    counted = "" if told.instructions is None else f"{told.instructions} instructions, "
    return f"{told.board}: {counted}{told.stack_high_water_bytes} bytes of stack"


def _size(size: float) -> str:
    from edgelearn.emulator.profiles.figure import written

    return written(size, "bytes/").rstrip("/")
