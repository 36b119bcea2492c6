"""A host that asks over a virtual line, several things at once.

>>> host = Host()
>>> wire = Wire(host.link, board, seed=0, baud=115_200, on_host=host.hear)  # firmware_bridge.testing.wire
"""

from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Connection, Event, Identity, Missing, Received
from firmware_bridge.protocol.constants import ROLE_HOST


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
