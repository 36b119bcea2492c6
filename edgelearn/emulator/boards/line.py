"""The two ways of a board's UART."""

from collections import deque

BITS_A_BYTE = 10  # on the line


class Line:
    """Both directions of the UART at a pace; a byte that is not taken waits, where a real UART would lose it."""

    def __init__(self, baud: int) -> None:
        self.byte_us = max(1, BITS_A_BYTE * 1_000_000 // baud)
        self.from_board = bytearray()
        self.busy_us = 0  # until when the byte that was sent last takes
        self._to_board: deque[tuple[int, int]] = deque()  # when it has arrived, byte
        self._last_us = 0

    def give(self, data: bytes, now_us: int) -> None:
        """Put bytes on the way to the board."""
        self._last_us = max(self._last_us, now_us)
        for byte in data:
            self._last_us += self.byte_us
            self._to_board.append((self._last_us, byte))

    def arrived(self, now_us: int) -> bool:
        """Say whether a byte waits in the UART."""
        return bool(self._to_board) and self._to_board[0][0] <= now_us

    def take(self, now_us: int) -> int:
        """Take it; 0 if there is none."""
        return self._to_board.popleft()[1] if self.arrived(now_us) else 0

    def send(self, byte: int, now_us: int) -> None:
        """Send a byte to the host."""
        self.from_board.append(byte & 0xFF)
        self.busy_us = now_us + self.byte_us

    def clear(self) -> None:
        """Forget what is on the way to the board, and what it was sending: the power is gone."""
        self._to_board.clear()
        self.busy_us = 0

    def next_us(self, now_us: int) -> int | None:
        """Return when the UART has news: a byte has arrived, or was sent."""
        times = [self.busy_us] if self.busy_us > now_us else []
        if self._to_board:
            times.append(max(now_us, self._to_board[0][0]))
        return min(times, default=None)
