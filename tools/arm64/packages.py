"""The packages of the root: aarch64 wheels, resolved and unpacked natively, which is much faster than pip under QEMU.

Rule 1: what is installed is what pyproject.toml asks for with the extra `test`. Rule 2: the package itself is
installed as editable, from the copy of the checkout, so that its entry points are there as for any user.
"""

import hashlib
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from tools.arm64.debian import PYTHON, call
from tools.arm64.inside import inside
from tools.arm64.root import Step

SITE = f"venv/lib/python{PYTHON}/site-packages"
COPY = "/checkout"
GLIBC = ("2_36", "2_35", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17")  # Debian 12 has 2.36
TOOLS = ("pip", "setuptools>=77")  # to install the checkout without the network


def step(root: Path, pyproject: Path) -> Step:
    """Return the step that installs what the project asks for."""
    project = tomllib.loads(pyproject.read_text())["project"]
    key = hashlib.sha256(repr(project).encode()).hexdigest()
    return Step("the aarch64 wheels", key, lambda: _install(root, wanted(project)))


def wanted(project: dict[str, Any]) -> list[str]:
    """Return the requirements of the project with its extra `test`; extras that name extras are followed."""
    return sorted({*project["dependencies"], *_extra(project, "test"), *TOOLS})


def _extra(project: dict[str, Any], name: str) -> Iterator[str]:
    own = re.compile(rf"{project['name']}\[(.+)\]")
    for requirement in project["optional-dependencies"][name]:
        match = own.fullmatch(requirement)
        if match is None:
            yield requirement
        else:
            for extra in match[1].split(","):
                yield from _extra(project, extra.strip())


def fetch(site: Path, requirements: list[str]) -> list[str]:
    """Return the pip command that unpacks wheels for the root's Python into its site-packages."""
    platforms = [f"--platform=manylinux_{version}_aarch64" for version in GLIBC]
    platforms += ["--platform=manylinux2014_aarch64", "--platform=linux_aarch64"]
    tags = ["--implementation=cp", f"--python-version={PYTHON}"]
    tags += [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--upgrade"]
    return [*pip, f"--target={site}", "--only-binary=:all:", *tags, *platforms, *requirements]


def _install(root: Path, requirements: list[str]) -> None:
    make = inside(root, ["python3", "-m", "venv", "--clear", "--without-pip", "/venv"])
    call(make, "the virtual environment of the root could not be made")
    call(fetch(root / SITE, requirements), "pip could not fetch the aarch64 wheels")
    options = ["-qq", "--no-deps", "--no-index", "--no-build-isolation", "--root-user-action=ignore"]
    editable = ["python", "-m", "pip", "install", *options, "--editable", COPY]
    call(inside(root, editable), "pip could not install the checkout in the root")


def versions(root: Path, names: tuple[str, ...]) -> str:
    """Return the names with the versions the root has, for the summary."""
    found = {one.metadata["Name"].lower(): one.version for one in distributions(path=[str(root / SITE)])}
    return ", ".join(f"{name} {found[name]}" for name in names if name in found)
