"""What the machine must have before anything is made: Linux, root, and programs that apt has."""

import os
import platform
import shutil
import sys

QEMU = "qemu-aarch64-static"
PACKAGES = {  # program: the Debian package that has it
    "debootstrap": "debootstrap",
    QEMU: "qemu-user-static",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "mount": "mount",
    "chroot": "coreutils",
}


class Arm64Error(Exception):
    """The arm64 root cannot be made or used; one sentence that says what to do."""


def check() -> str:
    """Return the path of the emulator; raise Arm64Error for the first thing that is missing."""
    if sys.platform != "linux":
        raise Arm64Error("an arm64 root needs Linux; run this on a Linux machine or in a virtual one")
    if platform.machine() == "aarch64":
        raise Arm64Error("this machine is arm64 itself; run: python3 -m tools test")
    if os.geteuid() != 0:
        raise Arm64Error("chroot and mounts need root; run the same command with sudo")
    missing = [program for program in PACKAGES if shutil.which(program) is None]
    if missing:
        packages = " ".join(dict.fromkeys(PACKAGES[program] for program in missing))
        raise Arm64Error(
            f"{', '.join(missing)} missing; on Debian and Ubuntu: sudo apt install {packages}, "
            "then run the same command again"
        )
    return str(shutil.which(QEMU))
