"""The firmware that comes with the package: one ELF a board, and the head each of them begins with.

>>> from edgelearn.emulator.boards import prebuilt
>>> board = Board(prebuilt.image("microbit"), "microbit")
"""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from edgelearn.errors import ConfigError

if TYPE_CHECKING:
    from edgelearn.fixed.head import FixedHead
    from edgelearn.layer import Layer

BOARDS = ("mps2_an386", "microbit")
N_PRE, N_POST = 64, 10


def image(board: str) -> Path:
    """Return the ELF of a board. Raises ConfigError for a board without one."""
    path = Path(str(files("firmware_bridge"))) / "firmware/prebuilt" / f"{board}.elf"
    if board not in BOARDS or not path.is_file():
        raise ConfigError(f"there is no firmware for {board!r}; there is some for {', '.join(BOARDS)}")
    return path


def head(board: str) -> "Layer | FixedHead":
    """Return what the board learns with, before it has learned: delta, in float32 or, without an FPU, fixed point."""
    import numpy as np

    from edgelearn.fixed.quantize import quantize
    from edgelearn.layer import Layer

    layer = Layer(N_POST, "delta", "linear", "label_error")
    layer.bind(N_PRE)
    layer.w[...] = 0.0
    return quantize(layer, np.ones((1, N_PRE))) if board == "microbit" else layer
