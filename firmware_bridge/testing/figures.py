"""What the link reaches on a virtual line: payload carried, windows accounted for. No port, no clock."""

from itertools import pairwise
from random import Random
from typing import NamedTuple

from firmware_bridge.protocol.connection import Connection, Event, Identity, Missing, Received
from firmware_bridge.protocol.constants import ROLE_DEVICE, ROLE_HOST, WINDOW_MAX
from firmware_bridge.protocol.messages import FORMS, Window, WriteState
from firmware_bridge.testing.wire import BITS, Faults, Wire


class Carried(NamedTuple):
    """What came over in one direction."""

    share: float  # payload of baud / 10
    messages: int
    lost: int  # acknowledged and not delivered
    repeated: int
    reordered: int
    resent: int


def one_way(
    baud: int,
    seconds: float,
    *,
    round_trip_us: int = 20_000,
    size: int = 512,
    byte_errors: float = 0.0,
    window: int = WINDOW_MAX,
    key: bytes | None = None,
    seed: int = 0,
) -> Carried:
    """Send messages of ``size`` bytes for a while, start included, acknowledgements flowing the other way."""
    host = Connection(
        Identity(ROLE_HOST, 1, mtu=size), window=window, key=key, entropy=Random(seed).randbytes
    )
    device = Connection(Identity(ROLE_DEVICE, 2, mtu=size), key=key, entropy=Random(seed + 1).randbytes)
    came: list[int] = []

    def arrived(event: Event) -> None:
        if isinstance(event, Received):
            came.append(event.message.id)

    latency_us = round_trip_us // 2
    wire = Wire(
        host, device, seed=seed, faults=Faults(flip=byte_errors), baud=baud, latency_us=latency_us, on_device=arrived
    )  # fmt: skip
    data = bytes(range(1, 256)) * (size // 255 + 1)  # without zeros, which cost most
    sent = 0
    while wire.now_us < seconds * 1e6:
        wire.step()
        while host.state == "open" and host.waiting < 2 * WINDOW_MAX:
            host.send(WriteState(sent, 0, data[: size - FORMS[WriteState].fixed.size]))
            sent += 1
    share = len(came) * size / (baud / BITS * seconds)
    acknowledged = sent - host.waiting
    lost = len(set(range(acknowledged)) - set(came))
    reordered = sum(later < earlier for earlier, later in pairwise(came))
    return Carried(share, len(came), lost, len(came) - len(set(came)), reordered, host.counters.resent)


class Accounted(NamedTuple):
    """Windows made by the device, and what the host knows of them."""

    made: int
    received: int
    missing: int
    wrong: int  # delivered out of turn or not as they were made


def windows(
    count: int, *, byte_errors: float = 1e-5, baud: int = 2_000_000, size: int = 32, seed: int = 0
) -> Accounted:
    """Stream ``count`` windows of ``size`` bytes over a bad line, and wait until all are accounted for."""
    made, received, missing, wrong = 0, 0, 0, 0

    def window() -> Window | None:
        nonlocal made
        if made == count:
            return None
        made += 1
        return Window(made - 1, made - 1, 0, 1, size // 2, (made - 1).to_bytes(4, "little") * (size // 4))

    def heard(event: Event) -> None:
        nonlocal received, missing, wrong
        if isinstance(event, Missing):
            wrong += event.first != received + missing
            missing += event.count
        elif isinstance(event, Received):
            index = event.message.index
            wrong += index != received + missing or event.message.data[:4] != index.to_bytes(4, "little")
            received += 1

    host = Connection(Identity(ROLE_HOST, 1), entropy=Random(seed).randbytes)
    device = Connection(Identity(ROLE_DEVICE, 2), entropy=Random(seed + 1).randbytes, stream=window)
    wire = Wire(host, device, seed=seed, faults=Faults(flip=byte_errors), baud=baud, on_host=heard)
    wire.run(count * 1_000_000, until=lambda: made == count and received + missing >= count)
    return Accounted(made, received, missing, wrong)
