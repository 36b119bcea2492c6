"""The processor that is emulated: that of a Pi Zero 2 W and a Pi 3, so no instruction may be needed that these lack.

Rule 1: /proc/cpuinfo inside says the same. QEMU shows the machine's own there, and libraries that believe it
(onnxruntime) crash at import; Numba compiles for what it reads there.
"""

import os
from pathlib import Path

NAME = "cortex-a53"  # to QEMU
FILE = "cpuinfo"
ONE = """\
processor\t: {number}
BogoMIPS\t: 38.40
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x0
CPU part\t: 0xd03
CPU revision\t: 4

"""


def write(root: Path) -> None:
    """Write the file that is bound over /proc/cpuinfo: as many processors as this machine has."""
    text = "".join(ONE.format(number=number) for number in range(os.cpu_count() or 1))
    (root / FILE).write_text(text)
