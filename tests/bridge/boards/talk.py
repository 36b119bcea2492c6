"""A host that asks a board of this process one thing after the other, in the board's own time."""

import numpy as np

from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.virtual import VirtualLine
from edgelearn.fixed.head import FixedHead
from edgelearn.layer import Layer
from edgelearn.testing.device_host import Host
from edgelearn.types import Array

N_PRE, N_POST = 64, 10


class Talk(Host):
    """One session with a board, opened at once; every run is the same."""

    def __init__(self, board: Board) -> None:
        self.board, line = board, VirtualLine(board)
        super().__init__(line.open, clock=line, entropy=bytes)


def samples(head: Layer | FixedHead, n: int, seed: int = 0) -> list[tuple[Array, int]]:
    """Return samples as the head takes them, with labels; some inputs are 0."""
    rng = np.random.default_rng(seed)
    x = (rng.uniform(-1, 1, (n, N_PRE)) * (rng.uniform(size=(n, N_PRE)) < 0.7)).astype(np.float32)
    labels = [int(label) for label in rng.integers(N_POST, size=n)]
    return list(zip(head.encode(x) if isinstance(head, FixedHead) else x, labels, strict=True))


def learn(head: Layer | FixedHead, x: Array, label: int) -> None:
    """Teach a head of this side what a board is taught."""
    if isinstance(head, FixedHead):
        assert head.learn(x, label).code == "OK"
    else:
        head.learn_one(x, np.eye(N_POST, dtype=np.float32)[label])
