"""How soon a session goes on after the line was cut, on a virtual clock: what machines are slow at is not in it."""

from random import Random

import pytest

from firmware_bridge.protocol.connection import Connection, Event, Identity, Opened
from firmware_bridge.protocol.constants import ROLE_DEVICE, ROLE_HOST
from firmware_bridge.protocol.messages import Predict
from firmware_bridge.testing.wire import Wire
from tests.bridge.conftest import Library
from tests.bridge.firmware.c_link import CLink, Sizes, link_library

RESUMED_US = 500_000
LONGEST_US = 3_000_000  # of a cut: both ends have given each other up long before
CUTS = 40


class Untold(CLink):
    """A device whose line is always there, as a UART is, whoever pulls the cable at the host's end."""

    _there = False

    def connected(self, now_us: int) -> None:
        if not self._there:
            super().connected(now_us)
        self._there = True

    def disconnected(self, now_us: int) -> None:
        """It does not learn of it."""


@pytest.mark.parametrize("device", [CLink, Untold])
@pytest.mark.parametrize("key", [None, bytes(range(32))], ids=["plain", "key"])
@pytest.mark.parametrize("baud", [9_600, 115_200, 2_000_000])
def test_a_session_goes_on_within_half_a_second(
    library: Library, device: type[CLink], key: bytes | None, baud: int
) -> None:
    heard: list[Event] = []
    host = Connection(Identity(ROLE_HOST, 1, rx_buffer=1044), window=2, key=key, entropy=Random(0).randbytes)
    end = device(link_library(library, Sizes(auth=key is not None)), Identity(ROLE_DEVICE, 2), key=key)
    wire = Wire(host, end, seed=0, baud=baud, latency_us=5_000, on_host=heard.append)
    assert wire.run(2_000_000, until=lambda: host.state == "open")
    rng = Random(baud)
    for cut in range(CUTS):
        host.send(Predict(cut, bytes(rng.randrange(60))))
        wire.run(rng.randrange(1, 100_000))
        wire.unplug()
        wire.run(rng.randrange(1, LONGEST_US))
        heard.clear()
        wire.plug()
        assert wire.run(RESUMED_US, until=lambda: any(isinstance(event, Opened) for event in heard)), cut
        assert [event.resumed for event in heard if isinstance(event, Opened)] == [True]
    assert wire.run(5_000_000, until=lambda: not host.waiting)
