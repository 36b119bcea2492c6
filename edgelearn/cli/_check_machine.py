"""Checks of the machine: processor, memory, and the disk a store is to lie on."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from edgelearn.cli._checks import Check

FEW_BYTES = 100 * 1000**2  # of disk: worth a warning
TOO_FEW_BYTES = 10 * 1000**2
SMALL_RAM_BYTES = 400 * 1000**2  # numba and onnxruntime alone take about half
SLOW_FSYNC_S = 0.5
WRITES, WRITE_BYTES = 5, 64 * 1024


def check_machine(folder: Path) -> Iterator[Check]:
    """Yield the checks of the machine; ``folder`` is where a store is to lie."""
    yield check_processor(platform.machine(), sys.maxsize > 2**32)
    yield Check("cores", "ok", str(os.cpu_count()))
    yield check_memory(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    yield from check_folder(folder)


def check_processor(machine: str, wide: bool) -> Check:
    """Check that Python is a 64-bit program: onnxruntime and numba are published for nothing else."""
    if wide:
        return Check("processor", "ok", f"{machine}, 64-bit")
    advice = "install a 64-bit system (on a Raspberry Pi: Raspberry Pi OS 64-bit)"
    return Check("processor", "fail", f"{machine}, but Python is a 32-bit program", advice)


def check_memory(ram_bytes: int) -> Check:
    """Check that the packages fit in memory."""
    detail = f"{ram_bytes / 1000**2:.0f} MB"
    if ram_bytes < SMALL_RAM_BYTES:
        return Check("memory", "warn", detail, "add swap: compiling the kernels may need more")
    return Check("memory", "ok", detail)


def check_folder(folder: Path) -> Iterator[Check]:
    """Yield the checks of a folder: space left, permission to write, seconds until a write is durable."""
    if not folder.is_dir():
        yield Check("disk", "fail", f"there is no folder {folder}", f"mkdir -p {folder}")
        return
    yield check_space(folder, shutil.disk_usage(folder).free)
    try:
        seconds = fsync_s(folder)
    except OSError as error:
        yield Check(
            "write", "fail", f"{folder} cannot be written: {error.strerror}", "choose another with --folder"
        )
        return
    yield check_fsync(folder, seconds)


def check_space(folder: Path, free_bytes: int) -> Check:
    """Check the space left."""
    detail = f"{free_bytes / 1000**2:.0f} MB free in {folder}"
    if free_bytes < TOO_FEW_BYTES:
        return Check("disk", "fail", detail, "free some space, saves will fail")
    if free_bytes < FEW_BYTES:
        return Check("disk", "warn", detail, "free some space")
    return Check("disk", "ok", detail)


def check_fsync(folder: Path, seconds: float) -> Check:
    """Check how long a save has to wait for the disk."""
    detail = (
        f"{WRITE_BYTES // 1024} KiB are durable in {folder} after {seconds * 1e3:.1f} ms (median of {WRITES})"
    )
    if seconds > SLOW_FSYNC_S:
        return Check(
            "write", "warn", detail, "save less often, or use another card: this one may be wearing out"
        )
    return Check("write", "ok", detail)


def fsync_s(folder: Path) -> float:
    """Return the median seconds of a write with fsync; raises OSError."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(WRITES):
            start = time.perf_counter()
            file.write(os.urandom(WRITE_BYTES))
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - start)
    return median(taken)
