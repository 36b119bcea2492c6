"""Payload of the line's bytes, on a virtual clock: at least 97 % at messages of 512 bytes."""

from collections.abc import Iterator

import pytest

from firmware_bridge.protocol.connection import Connection, Event, Identity, Received
from firmware_bridge.protocol.constants import ROLE_DEVICE, ROLE_HOST
from firmware_bridge.protocol.messages import FORMS, WriteState
from firmware_bridge.testing.wire import BITS, Wire
from tests.bridge.conftest import Library
from tests.bridge.firmware.c_link import CLink, Sizes, link_library

MESSAGE = 512
DATA = bytes(range(1, 256)) * 3  # without zeros: the most a frame can cost


def texts() -> Iterator[WriteState]:
    """Yield messages that fill a frame."""
    number = 0
    while True:
        yield WriteState(number, 0, DATA[: MESSAGE - FORMS[WriteState].fixed.size])
        number += 1


@pytest.mark.parametrize("way", ["from C", "to C"])
@pytest.mark.parametrize(
    ("slots", "baud", "latency_us", "seconds"), [(2, 115_200, 1_000, 20.0), (16, 2_000_000, 10_000, 3.0)]
)
def test_the_line_is_full(
    library: Library, slots: int, baud: int, latency_us: int, seconds: float, way: str
) -> None:
    lib = link_library(library, Sizes(tx_slots=slots, rx_slots=slots - 1))
    device, host = CLink(lib, Identity(ROLE_DEVICE, 1)), Connection(Identity(ROLE_HOST, 2))
    sender = device if way == "from C" else host
    came: list[int] = []

    def told(event: Event) -> None:
        if isinstance(event, Received):
            came.append(event.message.id)

    wire = Wire(host, device, seed=0, baud=baud, latency_us=latency_us, on_host=told, on_device=told)
    source = texts()
    wire.run(1_000_000, until=lambda: device.state == host.state == "open")
    start_us = wire.now_us
    while wire.now_us < start_us + seconds * 1e6:
        while sender.waiting < 2 * slots:
            sender.send(next(source))
        wire.step()
    assert came == list(range(len(came)))
    assert device.counters.resent == host.counters.resent == 0
    assert len(came) * MESSAGE / (baud / BITS * seconds) >= 0.97
