"""A device in Python: the messages, answers, store and windows of the firmware, behind the same wire.

No port, no thread, no clock: bytes and times are arguments, so that a test may own both. `serving` gives one a thread.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from edgelearn import export
from edgelearn.emulator.boards.errors import PowerCutError
from edgelearn.emulator.boards.heads import Answer, Head
from edgelearn.emulator.boards.slots import Slots
from edgelearn.emulator.boards.windows import Windows
from edgelearn.types import Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Connection, Identity, Opened, Received
from firmware_bridge.protocol.constants import CODES, RESETS, ROLE_DEVICE

LEARNS = (m.Learn, m.LearnLast, m.Reward, m.CommitState, m.Reset)  # what changes what was learned
REBOOT_AFTER_US = 200_000  # that the last answer may still arrive

Sensor = Callable[[int], Sequence[int]]  # number of the sample -> value of each channel, int16


class _Reply(NamedTuple):
    code: str = "OK"
    detail: int = 0


class Twin:
    """One device; ``head`` as `boards.heads.head` makes it, ``slots`` its flash, ``key`` 32 bytes or None,
    ``sensor`` what it samples at the configured rate. Its own time starts at 0 with each boot.
    """

    _link: Connection
    _dead: bool  # the power is gone

    def __init__(
        self,
        head: Head,
        *,
        slots: Slots | None = None,
        key: bytes | None = None,
        sensor: Sensor | None = None,
        mtu: int = 512,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.head, self._key, self._sensor, self._mtu, self._entropy = head, key, sensor, mtu, entropy
        self._layout = export.describe(head.learned)
        self._start = export.state_bytes(head.learned)
        self.slots = slots or Slots(len(self._start) + 64)
        self._attached = False
        self._last: Array | None = None  # what was predicted last
        self._boot(0)

    # -- the line ---------------------------------------------------------------------------------------

    def connected(self, now_us: int) -> None:
        """Take a fresh line."""
        self._attached = True
        self._link.connected(now_us - self._zero_us)

    def disconnected(self, now_us: int) -> None:
        """Lose the line."""
        self._attached = False
        self._link.disconnected(now_us - self._zero_us)

    def receive(self, data: bytes, now_us: int) -> None:
        """Take bytes from the line and carry out what they say; no power, no ear."""
        self._now_us = now_us
        if self._dead:
            return
        for event in self._link.receive(data, now_us - self._zero_us):
            if isinstance(event, Received) and isinstance(event.message, m.TimeRequest):
                self._link.note(m.TimeReply(event.message.token, now_us - self._zero_us))
            elif isinstance(event, Received):
                try:
                    self._carry_out(event.message)
                except PowerCutError:
                    self._dead = True
                    return
            elif isinstance(event, Opened) and not event.resumed:
                self._last = None

    def transmit(self, now_us: int, room: int) -> bytes:
        """Return at most ``room`` bytes for the line; samples and timers run here."""
        if self._dead:
            return b""
        self._now_us = now_us
        if self._reboot_us is not None and now_us >= self._reboot_us:
            self.reboot(now_us)
        self._gather(now_us)
        self._link.poll(now_us - self._zero_us)
        return self._link.transmit(now_us - self._zero_us, room)

    # -- power ------------------------------------------------------------------------------------------

    def reboot(self, now_us: int) -> None:
        """Start as after a reset: from flash, with another boot id; what was not saved is gone."""
        attached = self._attached
        self._boot(now_us)
        if attached:
            self.connected(now_us)

    def power_cut(self, operations: int) -> None:
        """Let the power go after so many operations on flash; the device is dead until `reboot`."""
        self.slots.cut_after = operations

    @property
    def dead(self) -> bool:
        """Whether the power is gone."""
        return self._dead

    def _boot(self, now_us: int) -> None:
        self._zero_us = self._now_us = now_us
        self._dead = False
        self._reboot_us: int | None = None
        self.slots.cut_after = None
        self.windows = Windows()
        self._last = None
        self._staged: bytearray | None = None  # of a state that is being written
        self._samples = self._commands = self._unknown = self._learned = self._saves = 0
        self._sampled_us = 0
        newest = self.slots.newest()
        known = newest is not None and newest.layout == self._layout.number
        export.load_state(self.head.learned, newest.data if newest and known else self._start)
        self._applied = newest.applied if newest and known else 0
        self._link = Connection(
            self._identity(), key=self._key, entropy=self._entropy, stream=self.windows.next
        )

    def _identity(self) -> Identity:
        boot = int.from_bytes(self._entropy(4), "little") or 1
        place = self._layout
        return Identity(
            ROLE_DEVICE, boot, mtu=self._mtu, applied=self._applied, layout=place.number, rule=place.rule,
            number=place.kind, n_pre=self.head.n_pre, n_post=self.head.n_post, firmware=b"python twin",
        )  # fmt: skip

    # -- commands -----------------------------------------------------------------------------------------

    def _carry_out(self, message: Any) -> None:
        self._commands += 1
        if isinstance(message, LEARNS) and self._old(message.id):
            self._done(message.id, _Reply("ALREADY"))
            return
        handler = _HANDLERS.get(type(message))
        reply = _Reply("UNKNOWN") if handler is None else getattr(self, handler)(message)
        if reply is None:
            return
        if isinstance(message, LEARNS) and reply.code == "OK":
            self._note_applied(message.id)
        self._unknown += reply.code == "UNKNOWN"
        self._done(message.id, reply)

    def _old(self, number: int) -> bool:
        """Say whether a command of this id was carried out before: the difference of two u32, as signed."""
        return (number - self._applied + 0x80000000) % 0x100000000 <= 0x80000000

    def _note_applied(self, number: int) -> None:
        self._applied = self._link.applied = number

    def _done(self, number: int, reply: _Reply) -> None:
        self._link.send(m.Done(number, CODES[reply.code], reply.detail))

    def _configure(self, message: m.Configure) -> _Reply:
        limit = self.windows.configure(message, self._mtu)
        if limit is not None:
            return _Reply("CONFIG", limit)
        self._samples, self._sampled_us = 0, self._now_us
        return _Reply()

    def _stream(self, message: m.Stream) -> _Reply:
        self.windows.stream(bool(message.on))
        return _Reply()

    def _gather(self, now_us: int) -> None:
        """Take the samples that have come due."""
        config = self.windows.config
        if config is None or self._sensor is None or not config.rate_hz:
            return
        while (due_us := self._sampled_us + self._samples * 1_000_000 // config.rate_hz) <= now_us:
            self.windows.sample(self._sensor(self._samples), due_us - self._zero_us)
            self._samples += 1

    def _predict(self, message: m.Predict) -> _Reply | None:
        x = self._values(message.x) if message.x else self.windows.features()
        if x is None:
            return _Reply("NOTHING")
        if len(x) != self.head.n_pre:
            return _Reply("SHAPE", self.head.n_pre)
        answer = self.head.predict(x)
        if answer.scores is None:
            return _Reply(answer.code, answer.detail)
        self._last = x
        scores = answer.scores.astype(self.head.dtype)
        self._link.send(m.Prediction(message.id, answer.label, scores.tobytes()))
        return None

    def _learn(self, message: m.Learn) -> _Reply:
        x = self._values(message.x)
        if len(x) != self.head.n_pre:
            return _Reply("SHAPE", self.head.n_pre)
        return self._counted(self.head.learn(x, message.label))

    def _learn_last(self, message: m.LearnLast) -> _Reply:
        if self._last is None:
            return _Reply("NOTHING")
        return self._counted(self.head.learn(self._last, message.label))

    def _reward(self, message: m.Reward) -> _Reply:
        if self._last is None:
            return _Reply("NOTHING")
        return self._counted(self.head.reward(self._last, message.reward))

    def _counted(self, answer: Answer) -> _Reply:
        self._learned += answer.code == "OK"
        return _Reply(answer.code, answer.detail)

    def _values(self, data: bytes) -> Array:
        """Return numbers of the head's kind; none at all where the bytes are no whole number of them."""
        dtype = np.dtype(self.head.dtype)
        return np.frombuffer(data if len(data) % dtype.itemsize == 0 else b"", dtype).astype(
            dtype.newbyteorder("=")
        )

    # -- state --------------------------------------------------------------------------------------------

    def _read_state(self, message: m.ReadState) -> _Reply | None:
        state = export.state_bytes(self.head.learned)
        if message.offset > len(state):
            return _Reply("RANGE", len(state))
        assert self._link.peer is not None
        most = min(message.size, min(self._mtu, self._link.peer.mtu) - m.FORMS[m.State].fixed.size)
        part = state[message.offset :][:most]
        self._link.send(m.State(message.id, message.offset, len(state), self._applied, part))
        return None

    def _write_state(self, message: m.WriteState) -> _Reply:
        end, total = message.offset + len(message.data), len(self._start)
        if message.offset == 0:
            self._staged = bytearray()
        if end > total or self._staged is None or message.offset > len(self._staged):
            return _Reply("RANGE", total)
        known = self._staged[message.offset : end]
        if known != message.data[: len(known)]:  # flash that was written cannot be written again
            return _Reply("RANGE", total)
        self._staged += message.data[len(known) :]
        return _Reply()

    def _commit_state(self, message: m.CommitState) -> _Reply:
        if message.layout != self._layout.number:
            return _Reply("LAYOUT", self._layout.number)
        if message.total != len(self._start):
            return _Reply("RANGE", len(self._start))
        staged = b"" if self._staged is None else bytes(self._staged)
        if len(staged) != message.total or zlib.crc32(staged) != message.crc:
            return _Reply("CHECK")
        if not self._stored(message.id, staged):
            return _Reply("FLASH")
        export.load_state(self.head.learned, staged)
        return _Reply()

    def _save(self, message: m.Save) -> _Reply:  # noqa: ARG002 (one signature for all commands)
        saved = self._stored(self._applied, export.state_bytes(self.head.learned))
        return _Reply() if saved else _Reply("FLASH")

    def _stored(self, applied: int, state: bytes) -> bool:
        self._staged = None
        saved = self.slots.write(applied, self._layout.number, state)
        self._saves += saved
        return saved

    def _reset(self, message: m.Reset) -> _Reply:
        if message.what not in RESETS.values():
            return _Reply("UNABLE")
        if message.what == RESETS["device"]:
            self._reboot_us = self._now_us + REBOOT_AFTER_US
        else:
            export.load_state(self.head.learned, self._start)
        return _Reply()

    def _statistics(self, message: m.Statistics) -> None:
        counts = self._link.counters
        own = {
            "id": message.id, "malformed": counts.malformed + self._unknown, "commands": self._commands,
            "windows_made": self.windows.made, "windows_dropped": self.windows.dropped,
            "learned": self._learned, "saves": self._saves,
        }  # fmt: skip
        self._link.send(m.Counters(**{**asdict(counts), **own}))


_HANDLERS: dict[type[Any], str] = {
    m.Configure: "_configure",
    m.Stream: "_stream",
    m.Predict: "_predict",
    m.Learn: "_learn",
    m.LearnLast: "_learn_last",
    m.Reward: "_reward",
    m.ReadState: "_read_state",
    m.WriteState: "_write_state",
    m.CommitState: "_commit_state",
    m.Save: "_save",
    m.Reset: "_reset",
    m.Statistics: "_statistics",
}
