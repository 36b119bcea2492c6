"""The host's calls to a device: blocking, thread-safe, and at home with a line that is unplugged.

    with connect("/dev/serial/by-id/usb-…") as device:
        device.learn(x, 3)
        print(device.predict(x).label)

Every call is carried out once, also when the line is damaged, cut, or the device restarts in between. What was learned
and answered, but not saved when a device restarts, is told: `notices.Restarted`, and ``statistics().learned_lost``.
"""

import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from types import TracebackType
from typing import Any, NamedTuple, Self

from firmware_bridge import arguments
from firmware_bridge.identity import Info, info
from firmware_bridge.notices import Notice
from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.constants import NO_LABEL, RESETS
from firmware_bridge.protocol.errors import CommandError, DeadlineError, MalformedError, PortError
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
    """Everything a device has learned, or is to know.

    Of a head on the host: ``State(export.state_bytes(head), 0, export.describe(head).number)`` with `edgelearn.export`.
    """

    data: bytes
    applied: int  # id of the last command that changed it; not looked at when it is written
    layout: int  # CRC-32 of the text that says what the bytes are


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
    url: str | os.PathLike[str],
    *,
    baud: int = 115200,
    key: bytes | None = None,
    timeout_s: float = 5.0,
    notice: Callable[[Notice], object] = lambda _: None,
) -> "Device":
    """Open ``url`` and greet the device.

    ``url`` is a path (``/dev/serial/by-id/…``, ``COM3``), ``serial:///dev/…?baud=…``, ``socket://host:port`` or
    ``memory://name``; ``baud``, bits a second, is for URLs that name none. ``key`` (32 bytes) where the firmware wants
    one. A call ends when the device has answered nothing for ``timeout_s`` seconds. ``notice`` is called with each
    `notices.Notice`, in the link's thread: it must not call the device. On a port with a virtual time (`timebase`) all
    times are its own, it passes while a call waits, and only one thread may call the device.

    Raises PortError (no such port, busy, no permission), DeadlineError (nobody answers), RefusedError (another
    protocol, schema or key), MalformedError (an argument that cannot be).
    """
    session = Session(arguments.port(url), baud, arguments.key(key), arguments.seconds(timeout_s), notice)
    return Device(session)


class Device:
    """Made by `connect`; any thread may call it, but on a port with a virtual time.

    A call that sends a command waits for its answer and raises CommandError when the device refuses (nothing was
    changed then; ``code`` says why), DeadlineError when it answers nothing for ``timeout_s`` (it is carried out later,
    once, unless the device is closed before), FrameError for more than the device takes at once, MalformedError before
    anything is sent for an argument that cannot be, RefusedError when another device has taken its place, PortError
    after `close`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def url(self) -> str:
        return self._session.url

    def hello(self) -> Info:
        """Return what the device said of itself when the session was opened last; sends nothing, raises nothing."""
        with self._session.changed:
            assert self._session.hello is not None
            return info(self._session.hello)

    def configure(
        self, *, rate_hz: int, window: int, channels: int = 1, features: Iterable[str] = ()
    ) -> None:
        """Have windows of ``window`` samples a channel made, or of their ``features`` (`constants.FEATURES`).

        ``rate_hz`` is samples a second and channel, 0: as the firmware likes. A device that restarts is told again.
        Raises CommandError CONFIG for more than the firmware was built for.
        """
        fields = (
            arguments.whole("rate_hz", rate_hz, 0, 2**32 - 1),
            arguments.whole("window", window, 1, 2**16 - 1),
            arguments.whole("channels", channels, 1, 2**8 - 1),
            arguments.features(features),
        )
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

        Raises DeadlineError when none comes for ``timeout_s`` seconds (None: wait for ever), RefusedError when another
        device has taken its place.
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
        """Return the next window; None where `windows` would end, or when none came for ``timeout_s`` seconds."""
        return self._session.window(timeout_s)

    @property
    def streaming(self) -> bool:
        """Whether `windows` goes on once nothing waits."""
        return self._session.streaming

    @property
    def ended(self) -> bool:
        """Whether the device was closed, or another one answers in its place."""
        return self._session.ended

    def wall_s(self, time_s: float) -> float:
        """Return the time of day, seconds since 1970, at ``Window.time_s``; on a virtual clock that time itself."""
        return self._session.time.wall_s(time_s)

    @property
    def virtual(self) -> bool:
        """Whether its port brings its own time, which passes only while a call of this thread waits."""
        return self._session.time.virtual

    def predict(self, x: Any = None) -> Prediction:
        """Return label and scores (n_post,) of a sample (n_pre,), a sequence or array of numbers.

        Of a Q15 head int16 as they are, real numbers times 2¹⁵. None: of the features of the latest window. Raises
        CommandError VALUE (not finite, 1000 and beyond, or a drive there), NOTHING (no window yet), SHAPE (its size).
        """
        hello = self._hello
        answer = self._do(wire.Predict, b"" if x is None else to_wire(x, hello.number, hello.n_pre))
        label = None if answer.label == NO_LABEL else answer.label
        return Prediction(label, from_wire(answer.scores, hello.number))

    def learn(self, x: Any, label: int | None, *, wait: bool = True) -> None:
        """Teach a sample (n_pre,), a sequence or array of numbers, of class ``label``, 0 … n_post - 1.

        None where the head learns without labels. With ``wait=False`` it returns at once, while fewer than 256 commands
        have no answer; `flush` waits for them and raises what was refused. Raises CommandError LABEL, VALUE (see
        `predict`), UNABLE (a head that only predicts); nothing was learned then.
        """
        hello = self._hello
        fields = (arguments.label(label), to_wire(x, hello.number, hello.n_pre))
        if wait:
            self._do(wire.Learn, *fields)
        else:
            self._session.command(wire.Learn, *fields, quiet=True)

    def learn_last(self, label: int | None) -> None:
        """Teach what was predicted last in this session; raises as `learn`, and NOTHING before a prediction."""
        self._do(wire.LearnLast, arguments.label(label))

    def reward(self, reward: float) -> None:
        """Reward what was predicted last in this session; ``reward`` is a finite number, float32 on the device.

        Raises CommandError NOTHING before a prediction, UNABLE where the head takes no reward.
        """
        self._do(wire.Reward, arguments.reward(reward))

    def flush(self) -> None:
        """Wait for every answer; raises CommandError, the first, when commands nobody waited for were refused.

        DeadlineError as every call: what was sent stays on its way, and `flush` may be called again.
        """
        self._session.flush()

    def read_state(self, progress: Progress = _quiet) -> State:
        """Return everything learned, as it was at one moment; ``progress`` hears of bytes done and in all.

        Raises CommandError ALREADY when others go on teaching meanwhile.
        """
        for _ in range(TRIES):
            state = self._read_once(progress)
            if state is not None:
                return state
        raise CommandError(
            "the device goes on learning while its state is read; stop teaching first", "ALREADY", 0
        )

    def write_state(self, state: State, progress: Progress = _quiet) -> None:
        """Replace what the device learned, whole, and save it; ``progress`` hears of bytes done and in all.

        Raises CommandError LAYOUT (of another head: nothing is sent), RANGE (of another size), FLASH (not saved; what
        the device knew stands).
        """
        if not isinstance(state, State):
            raise MalformedError(
                f"a state is a State, as `read_state` returns it, not {type(state).__name__}; of a head on the host "
                "it is State(export.state_bytes(head), 0, export.describe(head).number)"
            )
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
        """Keep what was learned through a loss of power: erases and writes one of two slots of flash.

        Raises CommandError FLASH when it cannot; what was saved before stands.
        """
        self._do(wire.Save)

    def reset(self, what: str = "learned") -> None:
        """Go back to the weights compiled in ("learned"; not saved), or restart from what was saved ("device")."""
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

    def close(self, *, tell: bool = True) -> None:
        """Close the port; calls that wait in other threads end with PortError. May be called again.

        Then raises what `flush` would have told, unless ``tell`` is False: CommandError for the first refusal of a
        command nobody waited for, PortError where such commands had no answer (they may or may not be carried out).
        """
        self._session.close()
        refused, unanswered = self._session.untold()
        if refused is not None and tell:
            raise refused
        if unanswered and tell:
            raise PortError(
                f"{self.url} was closed before {unanswered} commands had an answer; whether the device carried them "
                "out is not known: call flush() before close()"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self.ended:
                self.flush()
        finally:
            self.close(tell=False)  # an error on its way comes first

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
