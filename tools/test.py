"""python3 -m tools test: kernels in plain Python first, then everything as it ships.

Numba's disk cache does not see edits in other files, so each run starts with an empty one. The run without
the JIT comes first and stops the tools when it fails: the last lines are then always those that count. The very last
names what was not run for want of QEMU.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

from tools._threads import ONE_THREAD
from tools._venv import ROOT

NO_TESTS_COLLECTED = 5  # pytest's exit code; the caller's selection may hold no kernel


def main(argv: Sequence[str]) -> int:
    """Run pytest twice with the caller's arguments; return the exit code of the first that failed."""
    with tempfile.TemporaryDirectory(prefix="edgelearn-numba-") as cache:
        environment = {**os.environ, **ONE_THREAD, "NUMBA_CACHE_DIR": cache}
        _say("kernels and conformance with the JIT off")
        code = _pytest([*argv, "-m", "kernels"], {**environment, "NUMBA_DISABLE_JIT": "1"})
        if code not in (0, NO_TESTS_COLLECTED):
            return code
        _say("all tests")
        return _pytest(argv, environment)


def _pytest(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-p", "tools._not_run", *argv]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _say(text: str) -> None:
    print(f"tools test: {text}", file=sys.stderr, flush=True)
