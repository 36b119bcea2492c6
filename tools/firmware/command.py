"""Build every port of the firmware, print what each module takes; what zig built within the budget becomes prebuilt."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.firmware import budget, prebuilt
from tools.firmware.build import Built, build
from tools.firmware.compilers import COMPILERS, BuildError
from tools.firmware.plan import PORTS


def main(argv: Sequence[str]) -> int:
    """Build; return 1 when a build fails or a module is beyond its budget."""
    parser = argparse.ArgumentParser(prog="python3 -m tools firmware", description=__doc__)
    parser.add_argument(
        "--compiler",
        choices=COMPILERS,
        default="zig",
        help="zig: of the package ziglang (default); gcc: arm-none-eabi-gcc, which keeps nothing",
    )
    parser.add_argument("--json", action="store_true", help="print sizes as JSON")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="edgelearn-firmware-") as folder:
        try:
            built = [build(arguments.compiler, port, Path(folder) / port.name) for port in PORTS.values()]
        except BuildError as error:
            print(f"tools firmware: {error}", file=sys.stderr)
            return 1
        print(json.dumps([_plain(one) for one in built], indent=2) if arguments.json else _tables(built))
        kept = all(check.kept for one in built for check in budget.check(one))
        if kept and arguments.compiler == "zig":  # reproducible wherever pip installs it
            prebuilt.write(built)
    return 0 if kept else 1


def _plain(built: Built) -> dict[str, Any]:
    return {
        "port": built.port.name,
        "core": built.port.core,
        "compiler": built.compiler,
        "modules": {name: size._asdict() for name, size in built.modules.items()},
        "total": built.total._asdict(),
        "limits": [
            {**check.limit._asdict(), "measured": check.size._asdict(), "kept": check.kept}
            for check in budget.check(built)
        ],
    }


def _tables(built: Sequence[Built]) -> str:
    return "\n\n".join(_table(one) for one in built)


def _table(built: Built) -> str:
    lines = [
        f"{built.port.name} ({built.port.core}), {built.compiler}: bytes",
        _row("module", "flash", "RAM"),
    ]
    lines += [_row(name, size.flash, size.ram) for name, size in built.modules.items()]
    lines.append(_row("all", built.total.flash, built.total.ram))
    for check in budget.check(built):
        verdict = "kept" if check.kept else "EXCEEDED"
        limit, size = check.limit, check.size
        lines.append(
            f"budget {limit.name}: flash {size.flash} of {limit.flash}, "
            f"RAM {size.ram} of {limit.ram}: {verdict}"
        )
    return "\n".join(lines)


def _row(name: str, flash: object, ram: object) -> str:
    return f"  {name:<14}{flash:>8}{ram:>8}"
