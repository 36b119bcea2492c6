"""What a check of `edgelearn doctor` says, and programs tried in a process of their own."""

import signal
import subprocess
import sys
from typing import Literal, NamedTuple, TypeAlias

Status: TypeAlias = Literal["ok", "warn", "fail"]
PROBE_TIMEOUT_S = 300.0  # the first compilation on a small board takes its time


class Check(NamedTuple):
    """One line of the report; ``next`` is what to do, empty when nothing is."""

    name: str
    status: Status
    detail: str
    next: str = ""


class Probe(NamedTuple):
    """What a piece of Python printed, or why it did not come to its end."""

    output: str
    failure: str = ""
    killer: signal.Signals | None = None


def probe(code: str, *arguments: str) -> Probe:
    """Run Python code in a process of its own; what kills it leaves this one alive."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Probe("", f"it did not end within {PROBE_TIMEOUT_S:.0f} s")
    if done.returncode < 0:
        killer = signal.Signals(-done.returncode)
        return Probe("", f"it was killed by {killer.name}", killer)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return Probe("", lines[-1] if lines else f"it ended with code {done.returncode}")
    return Probe(done.stdout.strip())
