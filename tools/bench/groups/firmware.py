"""The C firmware: bytes of the link, instructions of a step of each rule, inputs that find something."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools._venv import ROOT
from tools.bench.figure import Figure, Goal, Group, Measured

FUZZED = 1_000_000


def measure() -> Iterator[Measured]:
    from tools.firmware import budget, count
    from tools.firmware.build import build
    from tools.firmware.plan import PORTS

    with tempfile.TemporaryDirectory() as folder:
        (check,) = budget.check(build("zig", PORTS["mps2_an386"], Path(folder)))
    yield Measured("firmware.link_flash", check.size.flash)
    yield Measured("firmware.link_ram", check.size.ram)
    steps = count.measure()
    others = ", ".join(f"{name} {n:,}" for name, n in steps.items())
    yield Measured(
        "firmware.delta_f32_m4f", steps["delta.f32.m4f"], note=others, detail=json.loads(json.dumps(steps))
    )
    yield Measured("firmware.delta_q15_m0", steps["delta.q15.m0"])
    command = [sys.executable, "-m", "tools.firmware.fuzz", str(FUZZED)]
    fuzzed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    yield Measured("firmware.fuzz", fuzzed.returncode, note="; ".join(fuzzed.stdout.split("\n")))


GROUP = Group(
    "firmware",
    (
        Figure("firmware.link_flash", "bytes", "of flash: frame and link, Cortex-M4F, without a key", Goal("<=", 4096)),
        Figure("firmware.link_ram", "bytes", "of RAM: the same, messages of 512 bytes", Goal("<=", 3072)),
        Figure("firmware.delta_f32_m4f", "instructions", "of a delta step of 64 × 10 in float32 on a Cortex-M4F, its "
               "forward pass and checks included", Goal("<=", 8000)),
        Figure("firmware.delta_q15_m0", "instructions", "the same in Q15 on a Cortex-M0", Goal("<=", 22000)),
        Figure("firmware.fuzz", "findings", f"of {FUZZED:,} inputs each to decoder, messages and links, memory and "
               "undefined behaviour watched", Goal("<=", 0)),
    ),
    measure,
)  # fmt: skip
