"""A device small enough to be obviously right: a Connection, and a head that only remembers what it was taught."""

import os
import select
import struct
import threading
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from firmware_bridge.memory import MemoryPort
from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.connection import Connection
from firmware_bridge.protocol.constants import CODES, NO_LABEL, NUMBERS, ROLE_DEVICE, RULES
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.protocol.events import Identity, Opened, Received

N_PRE, N_POST, LAYOUT = 4, 3, 0x1234


class Pty:
    """The device's end of a pty whose slave hangs below ``link``; raises PortError once it was pulled."""

    def __init__(self, link: Path) -> None:
        import tty

        self.link = link
        self.master, slave = os.openpty()
        tty.setraw(self.master)
        self.path = os.ttyname(slave)
        self._slave: int | None = slave  # held, or a master without a reader reports EIO
        os.set_blocking(self.master, False)
        fresh = link.with_suffix(".new")
        fresh.symlink_to(self.path)
        fresh.replace(link)

    def read(self, timeout_s: float) -> bytes:
        try:
            if not select.select([self.master], [], [], timeout_s)[0]:
                return b""
            return os.read(self.master, 65536)
        except (OSError, ValueError) as error:
            raise PortError("pulled") from error

    def write(self, data: bytes) -> int:
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0
        except (OSError, ValueError) as error:
            raise PortError("pulled") from error

    def room(self) -> int:
        return 4096

    def close(self) -> None:
        self.link.unlink(missing_ok=True)
        for descriptor in (self.master, self._slave):
            with suppress(OSError, TypeError):
                os.close(descriptor)
        self.master, self._slave = -1, None


class FakeDevice:
    """Its memory outlives lines; ``restart`` loses what was not saved, ``silent`` says nothing, ``schema`` lies."""

    def __init__(self, *, key: bytes | None = None, mtu: int = 512, number: str = "f32", firmware: bytes = b"fake 1",
                 layout: int = LAYOUT) -> None:  # fmt: skip
        self.key, self.mtu, self.number, self.firmware, self.layout = key, mtu, number, firmware, layout
        self.learned: list[int] = []  # labels, in order
        self.applied = 0
        self.saved: tuple[list[int], int] = ([], 0)
        self.streaming = False
        self.every_s = 0.002
        self.forget_answers = 0  # so many DONEs of LEARN are not sent: the device restarts instead
        self.hold_answers = False
        self._lock = threading.RLock()
        self._port: Any = None
        self._thread: threading.Thread | None = None
        self._start()

    def attach(self, port: MemoryPort | Pty) -> None:
        """Be at the end of a line."""
        self._port = port
        with self._lock:
            self.link.connected(_now())
        self._thread = threading.Thread(target=self._run, args=(port,), daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """Cut the line."""
        port, self._port = self._port, None
        if port is not None:
            if self._thread is not None and threading.current_thread() is not self._thread:
                self._pulled = port
                self._thread.join()
            port.close()

    def restart(self) -> None:
        """Lose power for a moment, the line stays."""
        with self._lock:
            self.learned, self.applied = list(self.saved[0]), self.saved[1]
            self._start()
            self.link.connected(_now())

    def _start(self) -> None:
        self.boot = int.from_bytes(os.urandom(4), "little") | 1
        self.streaming, self._index, self._next_s = False, 0, 0.0
        self._aside = bytearray()
        self._held: list[Any] = []
        rule, number = RULES["delta"], NUMBERS[self.number]
        identity = Identity(ROLE_DEVICE, self.boot, mtu=self.mtu, applied=self.applied, layout=self.layout, rule=rule,
                            number=number, n_pre=N_PRE, n_post=N_POST, firmware=self.firmware)  # fmt: skip
        self.link = Connection(identity, key=self.key, stream=self._window)

    def _run(self, port: Any) -> None:
        unsent = b""
        with suppress(PortError):
            while self._port is port:
                with self._lock:
                    self.link.applied = self.applied
                    unsent = unsent or self.link.transmit(_now(), port.room())
                unsent = unsent[port.write(unsent) :] if unsent else b""
                data = port.read(0.001)
                with self._lock:
                    link = self.link
                    for event in (link.receive(data, _now()) if data else []) + link.poll(_now()):
                        if link is self.link:  # a restart forgets what came before
                            self._event(event)

    def _event(self, event: Any) -> None:
        if isinstance(event, Opened) and not event.resumed:
            self._held.clear()
        if not isinstance(event, Received):
            return
        message = event.message
        if isinstance(message, wire.TimeRequest):
            self.link.note(wire.TimeReply(message.token, _now()))
            return
        if isinstance(message, wire.Learn) and self.forget_answers:
            self.forget_answers -= 1
            self._answer(message)
            self.restart()
            return
        answer = self._answer(message)
        if self.hold_answers:
            self._held.append(answer)
        else:
            self.link.send(answer)

    def _answer(self, m: Any) -> Any:  # noqa: PLR0911 (a line a command)
        if isinstance(m, (wire.Learn, wire.LearnLast, wire.Reward, wire.CommitState, wire.Reset)):
            if not 0 < (m.id - self.applied) & 0xFFFFFFFF < 0x80000000:
                return wire.Done(m.id, CODES["ALREADY"], 0)
            code, detail = self._change(m)
            return wire.Done(m.id, CODES[code], detail)
        if isinstance(m, wire.Predict):
            if not m.x:
                return wire.Done(m.id, CODES["NOTHING"], 0)
            return wire.Prediction(m.id, NO_LABEL if self.number == "q15" else 1, m.x[: len(m.x) * 3 // 4])
        if isinstance(m, wire.ReadState):
            state = self.state()
            return wire.State(m.id, m.offset, len(state), self.applied, state[m.offset : m.offset + m.size])
        if isinstance(m, wire.WriteState):
            self._aside[m.offset :] = m.data
        if isinstance(m, wire.Save):
            self.saved = (list(self.learned), self.applied)
        if isinstance(m, wire.Stream):
            self.streaming = bool(m.on)
        if isinstance(m, wire.Statistics):
            return wire.Counters(m.id, *(range(15)))
        return wire.Done(m.id, CODES["OK"], 0)

    def _change(self, m: Any) -> tuple[str, int]:
        if isinstance(m, wire.CommitState):
            if zlib.crc32(self._aside) != m.crc:
                return "CHECK", 0
            self.learned = [value for (value,) in struct.iter_unpack("<i", self._aside)]
        elif isinstance(m, (wire.Learn, wire.LearnLast)):
            if m.label >= 30000:
                return "LABEL", N_POST
            self.learned.append(m.label)
        elif isinstance(m, wire.Reset):
            self.learned = []
        self.applied = m.id
        if isinstance(m, wire.CommitState):
            self.saved = (list(self.learned), self.applied)
        return "OK", 0

    def state(self) -> bytes:
        return struct.pack(f"<{len(self.learned)}i", *self.learned)

    def _window(self) -> Any:
        now_s = time.monotonic()
        if not self.streaming or now_s < self._next_s:
            return None
        self._next_s = now_s + self.every_s
        index, self._index = self._index, self._index + 1
        if index % 10 == 7:  # dropped by the device
            return wire.Gap(index + 1)
        data = struct.pack("<4h", index & 0x7FFF, 1, 2, 3)
        return wire.Window(index, _now() & 0xFFFFFFFF, 0, 2, 2, data)


def _now() -> int:
    return time.monotonic_ns() // 1000
