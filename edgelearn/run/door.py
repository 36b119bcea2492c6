"""The feedback door: lines of JSON come in through a Unix socket or standard input, each is answered.

Everything runs in the thread of the loop: the door hands a line to ``answer`` and sends back what it
returns. A client that does not read its answers is not read from either, so nothing piles up.
"""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector

from edgelearn.errors import ConfigError
from edgelearn.sources.splitter import Splitter

MAX_LINE_BYTES = 1 << 16
MAX_CLIENTS = 64
CHUNK_BYTES = 1 << 14
STDIN = 0

Answer = Callable[[bytes | None], bytes]  # a line, None for one that was too long -> a line


class StdinDoor:
    """Feedback from standard input; its answers are events only."""

    def __init__(self, selector: BaseSelector, answer: Answer) -> None:
        self._selector, self._answer = selector, answer
        self._splitter = Splitter(MAX_LINE_BYTES)
        self.open = True
        selector.register(STDIN, EVENT_READ, self._read)

    def close(self) -> None:
        """Stop listening."""
        if self.open:
            self._selector.unregister(STDIN)
            self.open = False

    def _read(self, _mask: int) -> None:
        data = os.read(STDIN, CHUNK_BYTES)
        for line in self._splitter.feed(data) if data else self._splitter.close():
            self._answer(line)
        if not data:
            self.close()


class SocketDoor:
    """A Unix socket that only its owner may open, for several clients at once.

    Raises ConfigError when the path is used by another process, is no socket, or cannot be made.
    """

    open = True

    def __init__(self, path: Path, selector: BaseSelector, answer: Answer) -> None:
        self._path, self._selector, self._answer = path, selector, answer
        self._clients: set[_Client] = set()
        self._listener = _listen(path)
        self._inode = path.stat().st_ino
        selector.register(self._listener, EVENT_READ, self._accept)

    def close(self) -> None:
        """Close every connection and remove the socket, unless another has taken its place."""
        for client in tuple(self._clients):
            client.close()
        self._selector.unregister(self._listener)
        self._listener.close()
        if self._path.exists() and self._path.stat().st_ino == self._inode:
            self._path.unlink()

    def _accept(self, _mask: int) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it hung up before it was let in, or descriptors ran out
            return
        if len(self._clients) >= MAX_CLIENTS:
            connection.close()
            return
        connection.setblocking(False)
        self._clients.add(_Client(connection, self._selector, self._answer, self._clients.discard))


class _Client:
    def __init__(
        self,
        connection: socket.socket,
        selector: BaseSelector,
        answer: Answer,
        closed: Callable[["_Client"], None],
    ) -> None:
        self._connection, self._selector = connection, selector
        self._answer, self._closed = answer, closed
        self._splitter = Splitter(MAX_LINE_BYTES)
        self._pending = b""
        self._ended = False
        selector.register(connection, EVENT_READ, self._serve)

    def close(self) -> None:
        self._selector.unregister(self._connection)
        self._connection.close()
        self._closed(self)

    def _serve(self, mask: int) -> None:
        try:
            if mask & EVENT_READ:
                self._read()
            if self._pending:
                self._pending = self._pending[self._connection.send(self._pending) :]
        except BlockingIOError:
            pass
        except OSError:  # the client has gone; what it asked for was done
            self.close()
            return
        if self._ended and not self._pending:
            self.close()
        else:
            wanted = EVENT_WRITE if self._pending else EVENT_READ
            self._selector.modify(self._connection, wanted, self._serve)

    def _read(self) -> None:
        data = self._connection.recv(CHUNK_BYTES)
        self._ended = not data
        lines = self._splitter.feed(data) if data else self._splitter.close()
        self._pending += b"".join(self._answer(line) + b"\n" for line in lines)


def _listen(path: Path) -> socket.socket:
    if path.exists() and not path.is_socket():
        raise ConfigError(f"{path} is there and no socket; name another path for the feedback socket")
    if path.is_socket():
        if _is_alive(path):
            raise ConfigError(f"another process listens at {path}; stop it, or name another feedback socket")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
        listener.listen()
    except OSError as error:  # also a path above about 100 bytes
        listener.close()
        reason = error.strerror or str(error)
        raise ConfigError(f"the feedback socket {path} cannot be made: {reason}") from error
    finally:
        os.umask(mask)
    listener.setblocking(False)
    return listener


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except BlockingIOError:  # its queue is full: somebody is there
            return True
    return True
