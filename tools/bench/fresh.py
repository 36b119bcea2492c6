"""What a piece of Python costs in a process of its own."""

import json
import subprocess
import sys

_CHILD = """
import sys, time
wall, cpu = time.perf_counter(), time.process_time()
exec(sys.argv[1])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
import json, os, resource
if os.path.exists("/proc/self/status"):  # there ru_maxrss also remembers the parent's peak
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    peak = int(lines["VmHWM"].split()[0])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([wall, cpu, peak]))
"""


def measured(code: str) -> list[float]:
    """Return wall seconds, CPU seconds and peak memory in kB of ``code``, the interpreter's start not included."""
    done = subprocess.run([sys.executable, "-c", _CHILD, code], capture_output=True, text=True, check=True)
    row: list[float] = json.loads(done.stdout)
    return row
