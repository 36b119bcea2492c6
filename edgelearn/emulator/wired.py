"""A board of this process at one end of a virtual line, and a host that asks at the other.

>>> host = Host()
>>> wire = Wire(host.link, BoardEnd(board), seed=0, baud=115_200, on_host=host.hear)  # firmware_bridge.testing.wire
"""

from edgelearn.emulator.board import Board
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Connection, Event, Identity, Missing, Received
from firmware_bridge.protocol.constants import ROLE_HOST


class BoardEnd:
    """The board's end of a wire; its time goes on in `poll`."""

    def __init__(self, board: Board) -> None:
        self.board, self._there = board, False

    def connected(self, now_us: int) -> None:  # noqa: ARG002
        self.board.read()
        self._there = True

    def disconnected(self, now_us: int) -> None:  # noqa: ARG002
        self._there = False

    def receive(self, data: bytes, now_us: int) -> list[Event]:  # noqa: ARG002
        self.board.write(data)
        return []

    def poll(self, now_us: int) -> list[Event]:
        self.board.run_until(now_us)
        return []

    def transmit(self, now_us: int, room: int) -> bytes:  # noqa: ARG002
        return self.board.read(room) if self._there else b""


class Host:
    """Asks, in order, and keeps what came."""

    def __init__(self) -> None:
        self.link = Connection(Identity(ROLE_HOST, boot=1), entropy=lambda n: bytes([1]) * n)
        self.answers: dict[int, m.Message] = {}
        self.windows = self.missing = 0
        self._id = 0

    def hear(self, event: Event) -> None:
        """Take an event of the link."""
        if isinstance(event, Missing):
            self.missing += event.count
        elif isinstance(event, Received) and isinstance(event.message, m.Window):
            self.windows += 1
        elif isinstance(event, Received):
            self.answers[event.message.id] = event.message

    def ask(self, message: m.Message) -> int:
        """Send a command; return its id."""
        self._id += 1
        self.link.send(message._replace(id=self._id))
        return self._id

    @property
    def open_questions(self) -> int:
        """How many commands have no answer yet."""
        return self._id - len(self.answers)
