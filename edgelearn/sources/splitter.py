"""Bytes as they arrive, cut into lines, in bounded memory."""


class Splitter:
    """Cuts a stream of bytes at newlines; a line above ``max_bytes`` is dropped up to its newline."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()
        self._dropping = False

    def feed(self, data: bytes) -> list[bytes | None]:
        """Return the lines that end in ``data``, without their newline; None for one that was too long."""
        *ended, rest = data.split(b"\n")
        lines: list[bytes | None] = []
        for part in ended:
            self._append(part)
            lines.append(self._take())
        self._append(rest)
        return lines

    def close(self) -> list[bytes | None]:
        """Return what stands behind the last newline, if anything does."""
        return [self._take()] if self._rest or self._dropping else []

    def _append(self, part: bytes) -> None:
        if self._dropping or len(self._rest) + len(part) > self._max_bytes:
            self._dropping = True
            self._rest.clear()
        else:
            self._rest += part

    def _take(self) -> bytes | None:
        line = None if self._dropping else bytes(self._rest)
        self._rest.clear()
        self._dropping = False
        return line
