"""What the firmware is built from: ports, sources and flags; nothing here runs anything.

Rule: every path is relative to the folder of the firmware, so that no path of a machine reaches a built file.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from tools._venv import ROOT

FOLDER = ROOT / "firmware_bridge/firmware"
PREBUILT = FOLDER / "prebuilt"
BUDGET = FOLDER / "budget.json"
ZIG_VERSION = "0.17.1"  # as pinned in pyproject.toml: another one writes other bytes

COMMON = "ports/cortex_m"
SENSOR = "ports/sensor"
FLAGS = (
    *("-std=c99", "-ffp-contract=off", "-ffreestanding", "-ffunction-sections", "-fdata-sections", "-g0"),
    *("-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Werror"),
    *("-ffile-prefix-map=.=firmware", '-DEL_BOARD_H="el_board.h"'),
)
SMALL, QUICK = "-Oz", "-O2"
OWN_FLAGS = {"memory.c": ("-fno-builtin",)}  # its loops must not become calls of itself
# zig makes -Os of -Oz, and clang itself means less by it; sanitizers are zig's own idea
ZIG_FLAGS = {SMALL: ("-Xclang", "-Oz", "-fno-sanitize=all"), QUICK: ("-fno-sanitize=all",)}
LINK_FLAGS = ("--gc-sections", "--build-id=none", "-z", "max-page-size=4")


class Port(NamedTuple):
    """A board: its folder under ports/, and how each compiler names its core."""

    name: str
    core: str
    zig: tuple[str, ...]
    gcc: tuple[str, ...]


PORTS = {
    port.name: port
    for port in (
        Port(
            "mps2_an386",
            "Cortex-M4F",
            # without vfp4d16sp clang calls routines where the core has instructions
            ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp", "-mfloat-abi=hard"),
            ("-mthumb", "-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"),
        ),
        Port(
            "microbit",
            "Cortex-M0",
            ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0"),
            ("-mthumb", "-mcpu=cortex-m0"),
        ),
    )
}


def sources(port: Port) -> list[str]:
    """Return every C file of the port, relative to the folder of the firmware, in a fixed order."""
    folders = ("src", COMMON, SENSOR, f"ports/{port.name}")
    return [path.relative_to(FOLDER).as_posix() for f in folders for path in sorted((FOLDER / f).glob("*.c"))]


def includes(port: Port) -> list[str]:
    """Return the folders headers are looked for in; the port's own come first and may replace el_head.h."""
    return [f"-I{folder}" for folder in (f"ports/{port.name}", COMMON, f"{COMMON}/include", "include")]


def flags(source: str) -> list[str]:
    """Return the flags one file is built with, whatever the compiler: the head is for speed, the rest for size."""
    name = Path(source).name
    return [*FLAGS, QUICK if name.startswith("learner") else SMALL, *OWN_FLAGS.get(name, ())]


def source_hash(port: Port) -> str:
    """Hash all that decides the bytes of a port's ELF: sources, headers, linker scripts, flags, version."""
    folders = ("include", "src", COMMON, SENSOR, f"ports/{port.name}")
    files = [p for f in folders for p in sorted((FOLDER / f).rglob("*")) if p.suffix in (".c", ".h", ".ld")]
    digest = hashlib.sha256(f"zig {ZIG_VERSION} {port.zig} {ZIG_FLAGS} {LINK_FLAGS}".encode())
    for path in files:
        name = path.relative_to(FOLDER).as_posix()
        digest.update(f"\n{name} {flags(name)} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()
