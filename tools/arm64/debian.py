"""The Debian system of the root: debootstrap unpacks it natively, its second stage configures it under QEMU."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.arm64.inside import BARE, inside
from tools.arm64.needs import Arm64Error
from tools.arm64.root import Step, empty

RELEASE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
PYTHON = "3.11"  # the release's
PACKAGES = (
    "python3",
    "python3-venv",
    "python3-pip",
    "gcc",
    "libc6-dev",
)  # tests build C for the machine they are on


def step(root: Path) -> Step:
    """Return the step that makes the system."""
    return Step("the Debian system", " ".join((RELEASE, *PACKAGES)), lambda: _make(root))


def _make(root: Path) -> None:
    empty(root)  # an interrupted debootstrap cannot go on
    options = ["--arch=arm64", "--foreign", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    call(["debootstrap", *options, RELEASE, str(root), MIRROR], "debootstrap could not fetch the system")
    second = inside(root, ["/debootstrap/debootstrap", "--second-stage"], BARE)
    call(second, "the second stage of debootstrap failed under QEMU")


def call(command: Sequence[str], failure: str) -> None:
    """Run a command; raise Arm64Error with the sentence when it fails."""
    if subprocess.run(command, check=False).returncode != 0:
        raise Arm64Error(f"{failure} (its reason is above); run the same command again")
