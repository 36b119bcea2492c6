"""A board by the name of its profile, in this process or in QEMU, behind one interface.

>>> board = open_board("cortex-m4f", seed=7)
>>> line = VirtualLine(board); check_device(line.open, clock=line)  # or a SerialWire, or serving(board, "name")

Uncounted, as opened here, a board starts in some ten milliseconds and computes as fast as unicorn; ``counted=True``
loads numpy and llvmlite, gives time, events and counts per function to the instruction, and computes slower by what a
call for each block costs: the shorter its blocks, the more (``python -m tools bench --only emulator_board``).
"""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from edgelearn.emulator.boards import prebuilt
from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.spec import spec_of
from edgelearn.emulator.profiles import Profile
from edgelearn.errors import ConfigError

if TYPE_CHECKING:
    from edgelearn.emulator.boards.qemu_served import ServedQemu

ENGINES = ("unicorn", "qemu")


def open_board(
    profile: str | Path | Profile = "cortex-m4f", *, firmware: Path | None = None, engine: str = "unicorn",
    seed: int = 0, counted: bool = False, baud: int = 1_000_000,
) -> "Board | ServedQemu":  # fmt: skip
    """Return a board that is on. ``profile``: a name, a TOML file, or a port of the firmware ("mps2_an386",
    "microbit"); ``firmware``: an ELF, by default the one that comes with the package; ``seed`` of all that is drawn;
    ``counted`` as above; ``baud`` of the board's own line, quick where a wire paces the bytes already.

    Raises ConfigError for a profile or engine that does not exist, MissingExtraError without unicorn, QemuError without
    QEMU, ElfError and BoardError for a firmware that is none, is for another core, or does not fit.
    """
    if engine not in ENGINES:
        near = get_close_matches(engine, ENGINES, 1) or ENGINES
        raise ConfigError(f"there is no engine {engine!r}; there is {' and '.join(near)}")
    spec = spec_of(profile)
    image = prebuilt.image(spec.port) if firmware is None else Path(firmware)
    if engine == "unicorn":
        return Board(image, spec, seed=seed, counted=counted, baud=baud)
    from edgelearn.emulator.boards.qemu_served import ServedQemu

    return ServedQemu(image, spec, seed=seed)
