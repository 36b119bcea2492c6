"""Checks of the software: Python, the packages, and whether they run on this processor."""

import re
import signal
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from edgelearn.cli._checks import Check, Probe, probe

PACKAGE = Path(__file__).parents[1]
OLDEST_PYTHON = (3, 11)
EXTRAS = {
    "cut": "cutting networks",
    "images": "reading images",
    "plot": "drawing pictures",
    "data": "scikit-learn's data sets",
}
INFERENCE = """
import sys, numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
session.run(None, {session.get_inputs()[0].name: numpy.zeros((1, 1, 8, 8), numpy.float32)})
"""
COMPILATION = """
import time, numba, numpy
from edgelearn.kernels.checks import all_finite
start = time.perf_counter()
numba.njit(lambda value: value + 1.0)(1.0)
seconds = time.perf_counter() - start
kernel = all_finite.dispatcher
kernel(numpy.zeros(4, numpy.float32))
stats = getattr(kernel, "stats", None)
print(f"a function in {seconds:.2f} s; kernels are kept in {stats.cache_path}" if stats else "off")
"""


class Requirement(NamedTuple):
    """A package, the oldest version that will do, and the extra that asks for it ("" = always needed)."""

    name: str
    oldest: str
    extra: str


def check_packages() -> Iterator[Check]:
    """Yield the checks of the software, in the order in which to mend them."""
    yield check_python()
    for requirement in requirements():
        if not requirement.extra:
            yield check_package(requirement)
    yield check_inference(probe(INFERENCE, str(PACKAGE / "demo" / "assets" / "digits04.onnx")))
    yield check_compilation(probe(COMPILATION))
    yield from check_extras(requirements())


def check_python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Check:
    """Check Python's version."""
    text = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return Check("python", "fail", text, "install Python 3.11 or newer")
    return Check("python", "ok", text)


def requirements() -> list[Requirement]:
    """Return what edgelearn asks for: from the installed package, or from pyproject.toml in a checkout."""
    try:
        lines = metadata.requires("edgelearn") or []
    except metadata.PackageNotFoundError:
        project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
        lines = list(project["dependencies"])
        for extra, wanted in project["optional-dependencies"].items():
            lines += [f'{line} ; extra == "{extra}"' for line in wanted]
    found = []
    for line in lines:
        match = re.match(r"([A-Za-z0-9._-]+)[^;]*?>=\s*([0-9.]+)", line)
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", line)
        if match:
            found.append(Requirement(match[1], match[2], extra[1] if extra else ""))
    return found


def check_package(requirement: Requirement) -> Check:
    """Check that a package is installed, and new enough."""
    name, oldest, _ = requirement
    install = f"pip install '{name}>={oldest}'"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(name, "fail", "not installed", install)
    if _numbers(version) < _numbers(oldest):
        return Check(name, "fail", f"{version} is older than {oldest}", install)
    return Check(name, "ok", version)


def check_inference(tried: Probe) -> Check:
    """Check that onnxruntime ran a small network."""
    if not tried.failure:
        return Check("inference", "ok", "a small network ran")
    advice = "pip install --force-reinstall onnxruntime, and try again"
    if tried.killer == signal.SIGILL:
        advice = "this processor lacks an instruction the package was built for: install an older onnxruntime"
    return Check("inference", "fail", f"onnxruntime could not run a small network: {tried.failure}", advice)


def check_compilation(tried: Probe) -> Check:
    """Check that numba compiled a kernel and could keep it."""
    if "cannot cache" in tried.failure:
        return Check(
            "compilation",
            "fail",
            "there is no folder in which compiled kernels can be kept",
            "set NUMBA_CACHE_DIR to a folder that can be written",
        )
    if tried.failure:
        advice = "pip install --force-reinstall numba llvmlite, and try again"
        return Check("compilation", "fail", f"numba could not compile a kernel: {tried.failure}", advice)
    if tried.output == "off":
        return Check("compilation", "warn", "switched off, learning is slow", "unset NUMBA_DISABLE_JIT")
    return Check("compilation", "ok", tried.output)


def check_extras(wanted: list[Requirement]) -> Iterator[Check]:
    """Yield one check an extra: absent is fine, and says how to get it."""
    for extra, purpose in EXTRAS.items():
        checks = [check_package(requirement) for requirement in wanted if requirement.extra == extra]
        lacking = [check.name for check in checks if check.status != "ok"]
        if lacking:
            detail = f"not installed (for {purpose}): {', '.join(lacking)}"
            yield Check(f"extra {extra}", "ok", detail, f"pip install 'edgelearn[{extra}]'")
        else:
            yield Check(f"extra {extra}", "ok", ", ".join(f"{c.name} {c.detail}" for c in checks))


def _numbers(version: str) -> tuple[int, ...]:
    release = re.match(r"[0-9]+(\.[0-9]+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()
