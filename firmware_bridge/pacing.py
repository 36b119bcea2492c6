"""How much a line may be given now: never more than it sends in AHEAD_S, so that round trips stay those of the line."""

AHEAD_S = 0.02
UNPACED = 4096  # bytes at once where nothing is known of the line
BITS = 10  # a byte on the line: start, eight, stop


class Pace:
    """Keeps count of what the line still has to send; ``baud`` None: a line that paces itself."""

    def __init__(self, baud: int | None) -> None:
        self.baud = baud
        self._idle_at_s = 0.0  # when the line will have sent all it was given

    def room(self, now_s: float) -> int:
        """Return the bytes the line may be given now."""
        if self.baud is None:
            return UNPACED
        ahead_s = max(0.0, self._idle_at_s - now_s)
        return max(0 if ahead_s else 1, int((AHEAD_S - ahead_s) * self.baud / BITS))

    def sent(self, n: int, now_s: float) -> None:
        """Note that the line was given ``n`` bytes."""
        if self.baud is not None:
            self._idle_at_s = max(self._idle_at_s, now_s) + n * BITS / self.baud

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until half of the room is free: the time to come back with more."""
        if self.baud is None:
            return 0.001  # the system's buffer was full
        return max(0.0005, self._idle_at_s - now_s - AHEAD_S / 2)
