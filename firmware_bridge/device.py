"""The host's calls to a device: blocking, thread-safe, and at home with a line that is unplugged.

    with connect("/dev/serial/by-id/usb-…") as device:
        device.learn(x, 3)
        print(device.predict(x).label)

Every call is carried out once, also when the line is damaged, cut, or the device restarts in between. What was learned
and answered, but not saved when a device restarts, is told: `notices.Restarted`, and ``statistics().learned_lost``.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from types import TracebackType
from typing import Any, NamedTuple, Self

from firmware_bridge.identity import Info, info
from firmware_bridge.notices import Notice
from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.constants import FEATURES, NO_LABEL, RESETS
from firmware_bridge.protocol.errors import CommandError, DeadlineError, MalformedError
from firmware_bridge.session import Session, payload_max
from firmware_bridge.values import from_wire, to_wire
from firmware_bridge.windows import Window

TRIES = 5  # of reading or writing a state that is changed, or a device that restarts, meanwhile
OWN_MTU = 512

Progress = Callable[[int, int], object]  # bytes done, bytes in all


def _quiet(_done: int, _total: int) -> None:
    """Show no progress."""


class Prediction(NamedTuple):
    label: int | None  # None where the head has no classes
    scores: tuple[float, ...]  # (n_post,); of a Q15 head the integers


class State(NamedTuple):
    """Everything a device has learned; ``layout`` is the CRC-32 of the text that says what the bytes are."""

    data: bytes
    applied: int
    layout: int


class Statistics(NamedTuple):
    host: dict[str, int]  # counters of this end of the link
    device: dict[str, int]  # and of the other; empty when it was not asked
    round_trip_ms: float
    frames_resent: int  # by the host
    commands_resent: int  # after the device restarted
    learned_lost: int  # answered, and forgotten by a device that restarted before a save
    unplugged: int
    restarts: int
    windows_received: int
    windows_missing: int  # told by the device; received + missing = made
    windows_dropped: int  # received, and not taken in time
    clock_offset_us: int | None  # the device's time less the host's; None before it was asked
    clock_drift_ppm: float


def connect(
    url: str,
    *,
    baud: int = 115200,
    key: bytes | None = None,
    timeout_s: float = 5.0,
    notice: Callable[[Notice], object] = lambda _: None,
) -> "Device":
    """Open ``url`` and greet the device.

    ``key`` (32 bytes) where its firmware wants one; ``timeout_s`` without any answer ends a call. Raises PortError,
    DeadlineError (nobody answers), RefusedError (another protocol, schema or key).
    """
    return Device(Session(url, baud, key, timeout_s, notice))


class Device:
    """Made by `connect`. Calls raise CommandError when the device refuses, DeadlineError when it stays silent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def url(self) -> str:
        return self._session.url

    def hello(self) -> Info:
        """Return what the device said of itself when the session was opened last."""
        with self._session.changed:
            assert self._session.hello is not None
            return info(self._session.hello)

    def configure(
        self, *, rate_hz: int, window: int, channels: int = 1, features: Iterable[str] = ()
    ) -> None:
        """Have windows of ``window`` samples a channel made, or of their ``features`` (`constants.FEATURES`)."""
        unknown = set(features) - FEATURES.keys()
        if unknown:
            raise MalformedError(f"there is no feature {sorted(unknown)[0]}; there are {', '.join(FEATURES)}")
        fields = (rate_hz, window, channels, sum(FEATURES[name] for name in set(features)))
        self._do(wire.Configure, *fields)
        self._session.setup[wire.Configure] = fields

    def stream(self, on: bool = True) -> None:
        """Start or stop windows; a device that restarts is told again."""
        self._do(wire.Stream, int(on))
        with self._session.changed:
            self._session.setup[wire.Stream] = (int(on),)
            self._session.changed.notify_all()

    def windows(self, timeout_s: float | None = None) -> Iterator[Window]:
        """Yield windows until the stream is stopped or the device closed.

        Raises DeadlineError when none comes for ``timeout_s``.
        """
        while True:
            window = self.next_window(timeout_s)
            if window is not None:
                yield window
            elif timeout_s is None or self.ended or not self.streaming:
                return
            else:
                raise DeadlineError(
                    f"no window from {self.url} for {timeout_s:g} s: has `stream()` been called?"
                )

    def next_window(self, timeout_s: float | None = None) -> Window | None:
        """Return the next window; None where `windows` would end, or when none came for ``timeout_s``."""
        return self._session.window(timeout_s)

    @property
    def streaming(self) -> bool:
        """Whether `windows` goes on once nothing waits."""
        return self._session.streaming

    @property
    def ended(self) -> bool:
        """Whether the device was closed, or another one answers in its place."""
        return self._session.ended

    def predict(self, x: Any = None) -> Prediction:
        """Return the label and scores of a sample (n_pre,); None: the features of the latest window."""
        hello = self._hello
        answer = self._do(wire.Predict, b"" if x is None else to_wire(x, hello.number, hello.n_pre))
        label = None if answer.label == NO_LABEL else answer.label
        return Prediction(label, from_wire(answer.scores, hello.number))

    def learn(self, x: Any, label: int | None, *, wait: bool = True) -> None:
        """Teach a sample (n_pre,); with ``wait=False`` return at once, `flush` waits and raises what was refused."""
        hello = self._hello
        fields = (NO_LABEL if label is None else label, to_wire(x, hello.number, hello.n_pre))
        if wait:
            self._do(wire.Learn, *fields)
        else:
            self._session.command(wire.Learn, *fields, quiet=True)

    def learn_last(self, label: int | None) -> None:
        """Teach what was predicted last."""
        self._do(wire.LearnLast, NO_LABEL if label is None else label)

    def reward(self, reward: float) -> None:
        """Reward what was done last."""
        self._do(wire.Reward, reward)

    def flush(self) -> None:
        """Wait for every answer; raises CommandError, the first, when commands nobody waited for were refused."""
        self._session.flush()

    def read_state(self, progress: Progress = _quiet) -> State:
        """Return everything learned, as it was at one moment; ``progress`` hears of bytes done and in all."""
        for _ in range(TRIES):
            state = self._read_once(progress)
            if state is not None:
                return state
        raise CommandError(
            "the device goes on learning while its state is read; stop teaching first", "ALREADY", 0
        )

    def write_state(self, state: State, progress: Progress = _quiet) -> None:
        """Replace what the device learned, whole, and save it. Raises CommandError for another layout."""
        layout = self._hello.layout
        if state.layout != layout:
            raise CommandError(
                f"the state is of layout {state.layout:#010x}, the device's is {layout:#010x}: it is of another head",
                "LAYOUT", layout,
            )  # fmt: skip
        for attempt in range(TRIES):
            restarts = self._session.ledger.restarts
            try:
                self._write_once(state, progress)
            except CommandError:
                if self._session.ledger.restarts == restarts or attempt == TRIES - 1:
                    raise
            else:
                return

    def save(self) -> None:
        """Keep what was learned through a loss of power."""
        self._do(wire.Save)

    def reset(self, what: str = "learned") -> None:
        """Go back to the weights compiled in ("learned"), or restart ("device")."""
        if what not in RESETS:
            raise MalformedError(f"reset {what!r} is none of {', '.join(RESETS)}")
        self._do(wire.Reset, RESETS[what])

    def statistics(self, *, device: bool = True) -> Statistics:
        """Return what was sent, received, lost and resent; ``device=False`` does not ask the device."""
        counters = self._do(wire.Statistics)._asdict() if device else {}
        counters.pop("id", None)
        session = self._session
        with session.changed:
            host = asdict(session.connection.counters)
            ledger, windows, clock = session.ledger, session.windows, session.timing.clock
            return Statistics(
                host, counters, (session.connection.round_trip_us or 0) / 1e3, host["resent"],
                ledger.resent, ledger.lost, session.unplugged, ledger.restarts,
                windows.received, windows.missing, windows.dropped, clock.offset_us, clock.drift_ppm,
            )  # fmt: skip

    def close(self) -> None:
        """Close the port; what has no answer yet is given up. May be called again."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self.ended:
                self.flush()
        finally:
            self.close()

    @property
    def _hello(self) -> wire.Hello:
        assert self._session.hello is not None
        return self._session.hello

    def _do(self, kind: type[Any], *fields: Any) -> Any:
        return self._session.wait(self._session.command(kind, *fields))

    def _read_once(self, progress: Progress) -> State | None:
        """Return the state, None when it changed while it was read."""
        size = min(OWN_MTU, self._hello.mtu) - wire.FORMS[wire.State].fixed.size
        restarts = self._session.ledger.restarts
        first = self._do(wire.ReadState, 0, size)
        parts = [first.data]
        calls = [
            self._session.command(wire.ReadState, offset, min(size, first.total - offset))
            for offset in range(len(first.data), first.total, size)
        ]
        for call in calls:
            answer = self._session.wait(call)
            if answer.applied != first.applied or self._session.ledger.restarts != restarts:
                return None
            parts.append(answer.data)
            progress(answer.offset + len(answer.data), first.total)
        data = b"".join(parts)
        return State(data, first.applied, self._hello.layout) if len(data) == first.total else None

    def _write_once(self, state: State, progress: Progress) -> None:
        size = payload_max(self._hello) - wire.FORMS[wire.WriteState].fixed.size
        offsets = range(0, len(state.data), size)
        calls = [
            self._session.command(wire.WriteState, offset, state.data[offset : offset + size])
            for offset in offsets
        ]
        for offset, call in zip(offsets, calls, strict=True):
            self._session.wait(call)
            progress(min(offset + size, len(state.data)), len(state.data))
        self._do(wire.CommitState, len(state.data), zlib.crc32(state.data), state.layout)
