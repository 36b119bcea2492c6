"""The firmware as a process on a pseudo-terminal or a socket, and a host that asks it one thing after the other."""

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import time
import tty
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Connection, Event, Identity, Missing, Opened, Received
from firmware_bridge.protocol.constants import ROLE_HOST
from tests.bridge.conftest import FIRMWARE, SANITIZED, SOURCES, Build

PORTS = FIRMWARE / "ports"
PORT = PORTS / "posix"
PATIENCE = 20.0  # seconds until a device that does not answer is an error
PR_SET_PDEATHSIG = 1


def made(build: Build, name: str, *flags: str) -> Path:
    """Compile the firmware for this machine, with checks of memory and of undefined behaviour."""
    sources = [*sorted(SOURCES.glob("*.c")), *sorted(PORT.glob("*.c")), PORTS / "sensor" / "sensor.c"]
    return build(name, sources, [*SANITIZED, '-DEL_BOARD_H="el_board.h"', f"-I{PORT}", *flags])


class Host:
    """One end of a connection over an open file; ``events`` is everything that happened."""

    def __init__(self, file: int, *, key: bytes | None = None, mtu: int = 512) -> None:
        self._file = file
        boot = int.from_bytes(os.urandom(4), "little") or 1
        self.link = Connection(Identity(ROLE_HOST, boot, mtu=mtu, rx_buffer=65536), key=key)
        self.events: list[Event] = []
        self.spoil: Callable[[bytes], bytes] = lambda data: (
            data
        )  # what the line does to what the device sends
        self.next_id = 1
        self._pending = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(file, selectors.EVENT_READ)
        self.link.connected(now_us())

    def run(self, until: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Keep the line going until so; raises TimeoutError."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"the device did not answer; last of the events: {self.events[-3:]}")
            self._turn()

    def open(self) -> m.Hello:
        """Wait for a session; return the HELLO of the device."""
        self.run(lambda: self.link.state == "open")
        assert self.link.peer is not None
        self.next_id = max(self.next_id, self.link.peer.applied + 1)
        return self.link.peer

    def tell(self, message: Any) -> int:
        """Send a command with the next id; return that."""
        number = self.next_id
        self.next_id += 1
        self.link.send(message._replace(id=number))
        return number

    def answer(self, number: int) -> Any:
        """Wait for the answer to the command with this id."""
        found: list[Any] = []

        def here() -> bool:
            found[:] = [e.message for e in self.received() if e.message.id == number]
            return bool(found)

        self.run(here)
        assert len(found) == 1, f"answered more than once: {found}"
        return found[0]

    def ask(self, message: Any) -> Any:
        return self.answer(self.tell(message))

    def received(self) -> list[Received]:
        return [e for e in self.events if isinstance(e, Received) and hasattr(e.message, "id")]

    def windows(self) -> list[m.Window]:
        return [e.message for e in self.events if isinstance(e, Received) and isinstance(e.message, m.Window)]

    def missing(self) -> int:
        return sum(e.count for e in self.events if isinstance(e, Missing))

    def opened(self) -> list[Opened]:
        return [e for e in self.events if isinstance(e, Opened)]

    def flood(self, commands: int) -> None:
        """Send so many commands at once; raises AssertionError unless each is answered once, in order."""
        self.events.clear()
        told = [self.tell(m.Statistics(0)) for _ in range(commands)]
        self.answer(told[-1])
        assert [e.message.id for e in self.received()] == told

    def read_state(self) -> bytes:
        state, total = b"", 1
        while len(state) < total:
            part = self.ask(m.ReadState(0, len(state), 4096))
            assert isinstance(part, m.State), part
            assert part.offset == len(state)
            state, total = state + part.data, part.total
        return state

    def write_state(self, state: bytes, *, step: int = 300) -> None:
        """Send all of ``state``, not committed."""
        for at in range(0, len(state), step):
            assert self.ask(m.WriteState(0, at, state[at : at + step])).code == 0

    def commit(self, state: bytes) -> Any:
        """Return the answer to taking over ``state``, written before."""
        assert self.link.peer is not None
        return self.ask(m.CommitState(0, len(state), zlib.crc32(state), self.link.peer.layout))

    def _turn(self) -> None:
        now = now_us()
        for _ in self._selector.select(0.002):
            try:
                data = os.read(self._file, 65536)
            except OSError:  # the terminal of a device that is gone
                data = b""
            self.events += self.link.receive(self.spoil(data), now_us())
        self.events += self.link.poll(now)
        self._pending = self._pending or self.link.transmit(now_us(), 4096)
        if self._pending:
            try:
                self._pending = self._pending[os.write(self._file, self._pending) :]
            except BlockingIOError:
                pass
            except OSError:
                self._pending = b""


def now_us() -> int:
    return time.monotonic_ns() // 1000


class Device:
    """One run of the process; `kill` is the power going."""

    def __init__(self, program: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        libc = ctypes.CDLL(None)
        self.process = subprocess.Popen(
            [str(program), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | (environment or {}),
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509  (no threads here)
        )
        assert self.process.stdout is not None
        self.path = self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.close()

    def close(self) -> None:
        """End the process; raises AssertionError for what the sanitizers found."""
        self.process.kill()
        _, errors = self.process.communicate()
        assert not errors, errors


@contextmanager
def device(program: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Device]:
    run = Device(program, "--pty", *options, environment=environment)
    try:
        yield run
    finally:
        run.close()


@contextmanager
def terminal(path: str) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(file)
        yield file
    finally:
        os.close(file)


@contextmanager
def calling(path: str) -> Iterator[int]:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(path)
        caller.setblocking(False)
        yield caller.fileno()


@contextmanager
def talking(program: Path, *options: str, key: bytes | None = None, mtu: int = 512) -> Iterator[Host]:
    """Start a device, and open a session with it."""
    with device(program, *options) as run, terminal(run.path) as file:
        host = Host(file, key=key, mtu=mtu)
        host.open()
        yield host
