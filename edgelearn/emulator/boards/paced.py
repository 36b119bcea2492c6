"""A board of this process at the pace of a clock: real with `serving`, virtual with `virtual` or a wire.

>>> wire = Wire(host.link, PacedBoard(board), seed=0, baud=115_200)  # firmware_bridge.testing.wire

Rule: the board's time follows the clock as long as this machine is quick enough; a board that falls behind is late, it
does not catch up. Bytes go to it at the pace of its own line.
"""

from edgelearn.emulator.boards.board import Board
from firmware_bridge.protocol.connection import Event

BEHIND_US = 20_000  # how much of the past is made up for in one turn


class PacedBoard:
    """Gives a board its line and its time. Raises as `Board.run`."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._now_us: int | None = None
        self._there = False

    def connected(self, now_us: int) -> None:
        """Take a fresh line."""
        self._pass(now_us)
        self.board.read()
        self._there = True

    def disconnected(self, now_us: int) -> None:
        """Lose the line; what the board says from now on is lost."""
        self._pass(now_us)
        self._there = False

    def receive(self, data: bytes, now_us: int) -> list[Event]:
        """Take bytes from the line; what they mean only the firmware knows."""
        self.board.write(data)
        self._pass(now_us)
        return []

    def poll(self, now_us: int) -> list[Event]:
        """Let time pass."""
        self._pass(now_us)
        return []

    def transmit(self, now_us: int, room: int) -> bytes:
        """Return what the board has for the line."""
        self._pass(now_us)
        return self.board.read(room) if self._there else b""

    def _pass(self, now_us: int) -> None:
        """Let the board live until now."""
        passed = 0 if self._now_us is None else max(0, min(now_us - self._now_us, BEHIND_US))
        self._now_us = now_us
        if passed:
            self.board.run_until(self.board.now_us + passed)
