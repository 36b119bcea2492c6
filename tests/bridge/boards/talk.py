"""A host that asks a board of this process one thing after the other, in the board's own time."""

import numpy as np

from edgelearn.emulator.board import Board
from edgelearn.fixed.head import FixedHead
from edgelearn.layer import Layer
from edgelearn.types import Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Connection, Identity, Opened, Received
from firmware_bridge.protocol.constants import ROLE_HOST

STEP_US = 500
PATIENCE_US = 5_000_000
N_PRE, N_POST = 64, 10


class Talk:
    """One session with a board, opened at once; ``boot`` is the host's."""

    def __init__(self, board: Board, boot: int = 7) -> None:
        self.board, self.events = board, list[object]()
        self.link = Connection(Identity(ROLE_HOST, boot), entropy=lambda n: bytes(n))
        self.link.connected(board.now_us)
        self._until(lambda: any(isinstance(event, Opened) for event in self.events))
        assert self.link.peer is not None
        self.hello: m.Hello = self.link.peer
        self._id = self.hello.applied

    def ask(self, message: m.Message) -> m.Message:
        """Send a command with the next id; return its answer."""
        self._id += 1
        self.link.send(message._replace(id=self._id))
        found: list[m.Message] = []

        def answered() -> bool:
            said = [event.message for event in self.events if isinstance(event, Received)]
            found[:] = [one for one in said if getattr(one, "id", None) == self._id]
            return bool(found)

        self._until(answered)
        self.events.clear()
        return found[0]

    def state(self) -> bytes:
        """Read everything the board has learned."""
        size, data, total = 64, b"", 1
        while len(data) < total:
            part = self.ask(m.ReadState(0, len(data), size))
            assert isinstance(part, m.State), part
            data, total = data + part.data, part.total
            size = min(size, total - len(data))
        return data

    def _until(self, true: object) -> None:
        end = self.board.now_us + PATIENCE_US
        while not true():  # type: ignore[operator]
            assert self.board.now_us < end, (
                f"the board does not answer; the last of what it said: {self.events[-3:]}"
            )
            now_us = self.board.now_us
            self.events += self.link.poll(now_us)
            self.board.write(self.link.transmit(now_us, 4096))
            self.board.run_until(now_us + STEP_US)
            self.events += self.link.receive(self.board.read(), self.board.now_us)


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
