"""One group measured in a process of its own: ``python -m tools.bench.worker GROUP``; one JSON line a figure.

Threads of BLAS and the like are set to one by the parent, before anything is imported here.
"""

import json
import os
import sys
from dataclasses import asdict

from edgelearn.bench import machine
from tools.bench import groups


def main(name: str) -> int:
    """Measure a group; what its libraries print goes to standard error."""
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for measured in groups.every()[name].measure():
        print(json.dumps({**asdict(measured), "versions": machine.versions()}), file=lines, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
