"""The kernel told, for the time of a run, to start arm64 programs with QEMU.

    with registered("/usr/bin/qemu-aarch64-static"):
        subprocess.run(["chroot", root, "/bin/true"])

Rule 1: a keeper registers, waits until its input ends, and takes the registration back. Its input ends with this
process, however that ends, and Ctrl-C does not reach it. Rule 2: the kernel keeps the emulator open (flag F), so the
root needs no copy of it. Rule 3: the control files are mounted in the keeper's own namespace, never in the machine's.
"""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tools.arm64.needs import Arm64Error

NAME = "edgelearn-arm64"
FOLDER = "/proc/sys/fs/binfmt_misc"
MAGIC = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"  # ELF64, EM_AARCH64
MASK = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"  # fe: PIE as well
READY = "registered\n"
KEEPER = f"""
folder=$1
mountpoint -q "$folder" || mount -t binfmt_misc binfmt_misc "$folder" || exit
take_back() {{ [ ! -e "$folder/{NAME}" ] || echo -1 > "$folder/{NAME}"; }}
take_back
printf %s ':{NAME}:M::{MAGIC}:{MASK}:'"$2"':F' > "$folder/register" || exit
printf %s '{READY}'
cat > /dev/null
take_back
"""
NAMESPACE = ("unshare", "--mount", "--propagation", "private")


@contextmanager
def registered(qemu: str, namespace: Sequence[str] = NAMESPACE, folder: str = FOLDER) -> Iterator[None]:
    """Keep arm64 programs runnable inside the block. Raises Arm64Error when the kernel does not allow it."""
    command = [*namespace, "sh", "-c", KEEPER, "keeper", folder, qemu]
    pipe = subprocess.PIPE
    keeper = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
    try:
        assert keeper.stdout is not None  # it is a pipe
        if keeper.stdout.readline() != READY:
            raise Arm64Error(
                "the kernel does not let QEMU be registered for arm64 programs (binfmt_misc; its reason is above); "
                "run this on a machine or virtual machine of your own, not in a container"
            )
        yield
    finally:
        keeper.communicate()  # closes its input and waits for its end
