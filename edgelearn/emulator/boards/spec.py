"""What a board is built of: a port of the firmware, and the clock, memory and flash of a profile.

>>> spec_of("nrf52840").port
'mps2_an386'

Rule 1: the profile says how fast and how large; the registers are those of the port, and its timer ticks at the
port's rate.
Rule 2: pages of flash are the profile's where the firmware asks for their size, but none is larger than a slot; the
port of the M0 knows its own, of 1 KB.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from edgelearn.emulator.boards.cores import check
from edgelearn.emulator.boards.elf import Elf
from edgelearn.emulator.boards.errors import BoardError
from edgelearn.emulator.boards.peripherals import CHIPS
from edgelearn.emulator.profiles import Profile, load
from edgelearn.errors import ConfigError

PORT_OF_CORE = {"m4f": "mps2_an386", "m0": "microbit", "m0plus": "microbit"}
KIB = 1024
VECTOR_BYTES = 8  # stack and start
RAM_ROOM = 1 << 20  # from where it begins; nothing else lies there


class Spec(NamedTuple):
    """A board. ``page_bytes`` of flash, ``endurance`` in erases of a page and ``cpi`` (clock cycles an instruction
    takes on the real core, from and to) are None where no profile says."""

    name: str
    port: str
    clock_hz: int
    ram_bytes: int
    flash_bytes: int
    page_bytes: int
    endurance: int | None = None
    cpi: tuple[float, float] | None = None


def spec_of(profile: str | Path | Profile) -> Spec:
    """Return the board of a profile, or of a port by its name. Raises ConfigError for one that does not exist."""
    if isinstance(profile, str) and profile in CHIPS:
        chip = CHIPS[profile]
        flash_bytes = chip.CODE.size + chip.SLOTS.size
        return Spec(profile, profile, chip.HZ, chip.RAM.size, flash_bytes, chip.PAGE_BYTES)
    if isinstance(profile, str) and (near := get_close_matches(profile, CHIPS, 1)):
        raise ConfigError(f"there is no board {profile!r}; did you mean {near[0]!r}?")
    found = load(profile)
    if found.kind != "microcontroller":
        raise ConfigError(
            f"{found.name} is a {found.kind} device, no board; run programs on it with EdgeDevice"
        )
    port = PORT_OF_CORE.get(found.core)
    if port is None:
        raise ConfigError(f"{found.name} has a core {found.core!r}; boards have {', '.join(PORT_OF_CORE)}")
    chip = CHIPS[port]
    page_bytes = chip.PAGE_BYTES if port == "microbit" else min(found.flash_page_bytes, chip.PAGE_BYTES)
    return Spec(
        found.name, port, int(found.clock_hz), found.ram_bytes, found.flash_bytes, page_bytes,
        found.flash_endurance_cycles, found.cpi,
    )  # fmt: skip


def fit(image: Elf, spec: Spec) -> None:
    """Raise BoardError, with what it needs and what there is, where a firmware does not fit on a board."""
    chip = CHIPS[spec.port]
    check(image, chip.CORE)
    for part in image.parts:
        if not chip.CODE.address <= part.address <= part.address + len(part.data) <= chip.CODE.end:
            where = f"there is no flash at {part.address:#x} of {spec.name}"
            raise BoardError(f"{where}: the firmware is for another board")
    flash = max((part.address + len(part.data) for part in image.parts), default=0) + chip.SLOTS.size
    ram = stack_top(image) - chip.RAM.address
    if not 0 < ram <= RAM_ROOM or ram % 4:
        where = f"the stack begins at {stack_top(image):#x}, where {spec.name} has no RAM"
        raise BoardError(f"{where}: the firmware is for another board")
    for name, needs, has in (("RAM", ram, spec.ram_bytes), ("flash", flash, spec.flash_bytes)):
        if needs > has:
            raise BoardError(
                f"the firmware needs {_kib(needs)} of {name}, {spec.name} has {_kib(has)}; "
                "link it with that much in MEMORY of its linker script, or take a larger board"
            )


def stack_top(image: Elf) -> int:
    """Return where the stack of a firmware begins: the first word of its vector table. Raises BoardError without
    one."""
    for part in image.parts:
        if part.address == 0 and len(part.data) >= VECTOR_BYTES:
            return int.from_bytes(part.data[:4], "little")
    raise BoardError("the firmware has no vector table at 0: link it for a Cortex-M that starts there")


def _kib(size: int) -> str:
    return f"{size / KIB:.4g} KB"
