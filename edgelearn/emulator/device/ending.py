"""Why a run ended, named: what the supervisor saw, what the function answered, what the card refused.

Rule 1: the first of these that is so: a cap that the supervisor saw overstepped; memory that the workload was refused
(MemoryError); a failure after the card refused a write; the exception; the signal; the exit code.
"""

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from edgelearn.emulator.device import latency
from edgelearn.emulator.device.caps import Plan
from edgelearn.emulator.device.card import Written
from edgelearn.emulator.device.held import Look
from edgelearn.emulator.device.result import Failure, Result
from edgelearn.emulator.device.running import Order
from edgelearn.emulator.device.work import answered

if TYPE_CHECKING:
    from edgelearn.emulator.device.edge import EdgeDevice

_OUTPUT_BYTES = 1_000_000


class Gathered(NamedTuple):
    """All that is left of a run: the supervisor's last word, its looks, the counts, the plan, the folders."""

    end: dict[str, Any]
    trace: list[Look]
    written: Written
    plan: Plan
    scratch: Path
    folder: Path
    function: bool


def result(device: "EdgeDevice", order: Order, left: Gathered) -> Result:
    """Return the result."""
    end, answer = left.end, answered(left.scratch)
    stderr = _text(left.scratch / "stderr")
    stopped, why = _why(left, answer, stderr, device.quota_bytes)
    told = answer.get("error")
    notes = list(left.plan.notes)
    if end.get("left"):
        notes.append(f"{end['left']} processes of it still ran when it ended, and were ended")
    wall_s = end.get("wall_s", 0.0)
    if order.covers_s is None and left.written.bytes:
        notes.append(
            f"writes a day and years of the card are as if these {wall_s:.3g} s went on for ever, the most it can be; "
            "say covers_s=…, the device's time that the run stands for"
        )
    return Result(
        profile=device.profile, stopped=stopped, why=why, exit_code=end["exit_code"], value=answer.get("value"),
        error=Failure(told["type"], told["message"], told["traceback"]) if told else None,
        stdout=_text(left.scratch / "stdout"), stderr=stderr, ram_cap_bytes=device.ram_bytes,
        peak_rss_bytes=end.get("peak_bytes", 0), cpu_s=end.get("cpu_s", 0.0), wall_s=wall_s,
        covers_s=order.covers_s, latency=latency.read(left.scratch / "samples"),
        written=left.written, files=_files(left.folder), held=left.plan.held, notes=tuple(notes), budget=order.budget,
        trace=left.trace,
    )  # fmt: skip


def _why(
    left: Gathered, answer: dict[str, Any], stderr: str, quota_bytes: int | None
) -> tuple[str | None, str | None]:
    code, error = left.end["exit_code"], answer.get("error")
    last = stderr.rstrip().rpartition("\n")[2]
    stopped = why = None
    if left.end["stopped"]:
        stopped, why = left.end["stopped"], left.end["why"]
    elif code and (error["memory"] if error else last.startswith("MemoryError")):
        stopped, why = "memory", f"it was refused: {error['message'] or error['type'] if error else last}"
    elif code and left.written.refused:
        stopped, why = (
            "storage",
            f"it failed after {left.written.refused} writes found no room in {quota_bytes:,} bytes",
        )
    elif error:
        stopped, why = "error", f"{error['type']}: {error['message']}"
    elif code and code < 0:
        stopped, why = f"signal {_name(-code)}", "nothing of the device sent it"
    elif code:
        stopped, why = "error", f"exit code {code}"
    elif left.function and "value" not in answer:
        stopped, why = "error", "it left Python before it returned"
    return stopped, why


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the real-time signals
        return str(number)


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _OUTPUT_BYTES))
        return file.read().decode(errors="replace")


def _files(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): p.lstat().st_size for p in sorted(folder.rglob("*")) if p.is_file()}
