"""Where and with what a figure was made."""

import hashlib
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

PACKAGES = ("numpy", "numba", "onnxruntime", "safetensors", "torch", "avalanche-lib")


def facts() -> dict[str, str | int]:
    """Return processor, cores, memory, system and Python; equal for equal machines."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 0,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "os": _os(),
        "arch": platform.machine(),
        "python": platform.python_version(),
    }


def identity(known: dict[str, str | int]) -> str:
    """Return a short name for a machine: figures of one machine belong together."""
    return hashlib.sha256(repr(sorted(known.items())).encode()).hexdigest()[:12]


def versions() -> dict[str, str]:
    """Return the versions of what is measured with, as this Python has them."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit(root: Path) -> str:
    """Return the commit of the checkout, with + when files differ from it; "unknown" outside of git."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model"):
                return value.strip()
    return platform.processor() or platform.machine()


def _os() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return f"{platform.system()} {platform.release()}"
