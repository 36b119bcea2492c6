"""ELFs of a few instructions, and a host that talks to a board."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.opening import open_board
from edgelearn.emulator.boards.virtual import VirtualLine
from edgelearn.testing.device_host import Host
from edgelearn.types import F32
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES

RAM, CODE_AT = 0x20000000, 8
COUNTS_FOR_EVER = (0x3001, 0x3102, 0x3203, 0xE7FB)  # adds r0, #1; adds r1, #2; adds r2, #3; back to the first
ARM, THUMB = 40, 1


def elf_of(
    folder: Path, code: Sequence[int] = COUNTS_FOR_EVER, *, stack: int = RAM + 0x1000, machine: int = ARM,
    flags: int = 0, attributes: bytes = b"",
) -> Path:  # fmt: skip
    """Write a program of half words behind a stack and a start; returns the file."""
    content = struct.pack("<II", stack, CODE_AT | THUMB) + struct.pack(f"<{len(code)}H", *code)
    section_at = 52 + 32 + len(content) + len(attributes)
    header = b"\x7fELF\x01\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIIIIIHHHHHH", 2, machine, 1, CODE_AT | THUMB, 52, section_at, flags, 52, 32, 1, 40, 1, 0
    )
    program = struct.pack("<IIIIIIII", 1, 84, 0, 0, len(content), len(content), 5, 4)
    section = struct.pack("<IIIIIIIIII", 0, 0x70000003, 0, 0, 84 + len(content), len(attributes), 0, 0, 1, 0)
    path = folder / "made.elf"
    path.write_bytes(header + program + content + attributes + section)
    return path


def attributes_of(*tags: int) -> bytes:
    """Return .ARM.attributes with these tags and values, all below 128."""
    inner = b"\x01" + struct.pack("<I", 5 + len(tags)) + bytes(tags)
    return b"A" + struct.pack("<I", 4 + 6 + len(inner)) + b"aeabi\0" + inner


def board(
    profile: str = "cortex-m4f", *, seed: int = 0, counted: bool = True, firmware: Path | None = None
) -> Board:
    """Return a board of this process."""
    made = open_board(profile, seed=seed, counted=counted, firmware=firmware)
    assert isinstance(made, Board)
    return made


class Talk(Host):
    """A session with a board, in virtual time."""

    def __init__(self, it: Board) -> None:
        line = VirtualLine(it)
        super().__init__(line.open, clock=line, entropy=bytes)

    def learn(self, x: F32, label: int) -> None:
        assert self.ask(m.Learn, label, x.tobytes()).code == CODES["OK"]

    def save(self) -> str:
        return self.code(m.Save)[0]


def samples(n: int, seed: int = 0) -> F32:
    """Return samples (n, 64)."""
    return np.random.default_rng(seed).uniform(0.1, 1, (n, 64)).astype(np.float32)
