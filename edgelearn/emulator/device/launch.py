"""Our end of the supervisor: start it, give it its orders, read what it tells, end it whatever happens.

Rule 1: the supervisor holds the read end of a pipe whose other end only we have; when we end, by whatever, so does the
run. Rule 2: it has its own deadline; if it does not keep it, it is killed, and the kernel kills the workload with it.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import edgelearn
from edgelearn.emulator.device import tree
from edgelearn.emulator.device.held import Look
from edgelearn.errors import EdgelearnError

_GRACE_S = 60.0
_HOME = str(Path(edgelearn.__file__).parents[1])
_MAIN = f"import sys; sys.path.insert(0, {_HOME!r}); from edgelearn.emulator.device.supervisor import main; main()"


def supervised(
    spec: dict[str, Any], keep: Sequence[int], watch: Callable[[Look], object] | None
) -> tuple[dict[str, Any], list[Look]]:
    """Run what ``spec`` says to its end; return the end and the looks. ``keep``: descriptors the supervisor shares.

    An error that ``watch`` raises ends the run and comes out here. Raises EdgelearnError if the supervisor fails.
    """
    trace, end = list[Look](), None
    with (
        Path(spec["scratch"], "supervisor.txt").open("w+") as complaints,
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _MAIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=complaints, start_new_session=True, pass_fds=keep,
        ) as process,
    ):  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        limit = threading.Timer(spec["deadline_s"] + _GRACE_S, process.kill)
        limit.daemon = True
        limit.start()
        try:
            process.stdin.write(json.dumps(spec) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                told = json.loads(line)
                end = told.get("end")
                if end is None:
                    trace.append(Look(*told["look"]))
                    if watch is not None:
                        watch(trace[-1])
        finally:
            process.stdin.close()
            process.wait()
            limit.cancel()
        complaints.seek(0)
        if end is None:
            if Path("/proc").is_dir():
                tree.end_marked(spec["scratch"])
            raise EdgelearnError(
                f"the supervisor of the run failed: {complaints.read().strip() or process.returncode}"
            )
    return end, trace
