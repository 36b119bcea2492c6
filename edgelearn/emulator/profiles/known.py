"""Which figures a board of each kind has, and what they mean. The one place where a figure is named."""

from typing import NamedTuple


class Known(NamedTuple):
    unit: str
    whole: bool  # counts and sizes
    means: str


_BOTH = {
    "cores": Known("", True, "processor cores"),
    "clock_hz": Known("Hz", False, "the clock they run at under load, cooled"),
    "ram_bytes": Known("bytes", True, "memory on the board"),
}

LINUX = _BOTH | {
    "system_bytes": Known(
        "bytes", True, "memory the firmware, the kernel and the idle system keep from a program"
    ),
    "storage_bytes": Known("bytes", True, "the card or disk"),
    "storage_write_bytes_s": Known(
        "bytes/s", False, "what it takes when written for long; low: in small pieces"
    ),
    "storage_endurance_bytes": Known("bytes", True, "what can be written to it in its life"),
    "python_rounds_s": Known("rounds/s", False, "yardstick: an interpreter's loops, one core"),
    "matmul_flops": Known("flop/s", False, "yardstick: float64 matrix product, one core"),
    "copy_bytes_s": Known("bytes/s", False, "yardstick: large memory copies, one core"),
}

MICROCONTROLLER = _BOTH | {
    "flash_bytes": Known("bytes", True, "program and data flash"),
    "flash_page_bytes": Known("bytes", True, "the least that can be erased"),
    "flash_endurance_cycles": Known("cycles", True, "erasures of a page it is good for"),
    "flash_erase_s": Known("s", False, "to erase a page"),
    "flash_write_bytes_s": Known("bytes/s", False, "into an erased page"),
    "cpi": Known("", False, "clock cycles an instruction takes, over a whole program"),
}

KINDS = {"linux": LINUX, "microcontroller": MICROCONTROLLER}
YARDSTICKS = ("python_rounds_s", "matmul_flops", "copy_bytes_s")
