"""What a link carries: payload a second in each direction, and round trips, with commands that change nothing.

Payload is everything inside a message, its fields included. Down go samples as long as a message may be, which the
device takes whole and then refuses for their length (written states would wear its flash); up come parts of its state.
Seconds are those of the port's clock.
"""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from firmware_bridge.device import OWN_MTU, Device
from firmware_bridge.ledger import Call
from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.errors import CommandError
from firmware_bridge.session import Session, payload_max

UNDER_WAY = 96  # commands without an answer: three windows of the link
WARM_UP_S = 1.0

Told = Callable[[float, float], object]  # seconds done, bytes a second so far


class Rate(NamedTuple):
    bytes_s: float  # payload
    messages: int
    message_bytes: int
    seconds: float


def _untold(_done_s: float, _bytes_s: float) -> None:
    """Tell nobody."""


def down(device: Device, seconds: float, told: Told = _untold) -> Rate:
    """Return what arrives at the device, of full PREDICT messages."""
    session = device._session
    message_bytes = payload_max(_hello(session))
    size = message_bytes - wire.FORMS[wire.Predict].fixed.size
    x = (bytes(range(256)) * (size // 256 + 1))[:size]
    return _measured(session, lambda: session.command(wire.Predict, x), message_bytes, seconds, told)


def up(device: Device, seconds: float, told: Told = _untold) -> Rate:
    """Return what arrives from the device, of full STATE messages."""
    session = device._session
    fixed = wire.FORMS[wire.State].fixed.size
    size = min(min(OWN_MTU, _hello(session).mtu) - fixed, _state_bytes(session))
    return _measured(session, lambda: session.command(wire.ReadState, 0, size), fixed + size, seconds, told)


def round_trips(device: Device, count: int) -> list[float]:
    """Return the milliseconds of ``count`` small commands, one after the other, until their answers, sorted."""
    session, times = device._session, []
    for _ in range(count):
        start_us = session.time.now_us()
        session.wait(session.command(wire.Statistics))
        times.append(1e-3 * (session.time.now_us() - start_us))
    return sorted(times)


def _measured(
    session: Session, issue: Callable[[], Call], message_bytes: int, seconds: float, told: Told
) -> Rate:
    calls: deque[Call] = deque()
    count, start_s, tell_s = 0, 0.0, 0.0
    begun_s = session.time.now_us() / 1e6
    while True:
        while len(calls) < UNDER_WAY:
            calls.append(issue())
        with suppress(CommandError):  # its length
            session.wait(calls.popleft())
        now_s = session.time.now_us() / 1e6
        if not start_s:
            start_s = now_s if now_s - begun_s >= min(WARM_UP_S, seconds) else 0.0
            continue
        count += 1
        if now_s >= tell_s:
            told(now_s - start_s, count * message_bytes / max(1e-9, now_s - start_s))
            tell_s = now_s + 0.2
        if now_s - start_s >= seconds:
            break
    session.flush()
    return Rate(count * message_bytes / (now_s - start_s), count, message_bytes, now_s - start_s)


def _hello(session: Session) -> wire.Hello:
    assert session.hello is not None
    return session.hello


def _state_bytes(session: Session) -> int:
    """Return how large the device's state is; raises CommandError where it has none."""
    total: int = session.wait(session.command(wire.ReadState, 0, 0)).total
    if not total:
        raise CommandError(
            "the device keeps no state to measure with; build its firmware with a head", "UNABLE", 0
        )
    return total
