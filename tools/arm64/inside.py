"""A command inside the root: its mounts live in a namespace that ends with its processes, however they end.

>>> inside(Path("/root"), ["true"], BARE)[:5]
['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount']

Rule 1: nothing is mounted outside the namespace, so nothing is unmounted: the kernel does it when the last process is
gone, and all are gone when this one is, also after SIGKILL (--pdeathsig, --kill-child). Rule 2: a shell stays process
1, for it reaps orphans as an init does. Rule 3: programs see the environment that is given and none of the machine's.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.arm64 import cpu

NAMESPACE = (
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"),
)
PATH = "/venv/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Mount(NamedTuple):
    """Arguments of mount, and the folder of the root."""

    options: tuple[str, ...]
    target: str


BARE = (Mount(("-t", "proc", "proc"), "proc"),)


def system(root: Path) -> list[Mount]:
    """Return what programs expect of a running machine, with the processor that is emulated."""
    shared = [Mount(("--rbind", f"/{name}"), name) for name in ("sys", "dev")]
    return [*BARE, *shared, read_only(root / cpu.FILE, "proc/cpuinfo")]


def read_only(source: Path, target: str) -> Mount:
    """Return a folder or file of this machine, to be read inside."""
    return Mount(("--bind", "-o", "ro", str(source)), target)


def inside(
    root: Path,
    arguments: Sequence[str],
    mounts: Sequence[Mount] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: str = "/",
) -> list[str]:
    """Return the command that runs `arguments` in a folder of the root; without `mounts`, those of `system`."""
    settings = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "QEMU_CPU": cpu.NAME, **(environment or {})}
    variables = [f"{name}={value}" for name, value in settings.items()]
    lines = ["set -e"]
    for options, target in system(root) if mounts is None else mounts:
        lines.append(shlex.join(["mount", *options, str(root / target)]))
    command = shlex.join(["chroot", str(root), "env", "-i", "-C", folder, *variables, *arguments])
    lines.append(f"{command} || exit $?")  # the shell would become the last command, were it alone
    return [*NAMESPACE, "sh", "-c", "\n".join(lines)]
