"""What opens, resumes and ends a session of the link in C, HELLO by HELLO, and what credit it takes and gives."""

import json
from typing import NamedTuple

import pytest

from firmware_bridge.protocol import auth, messages
from firmware_bridge.protocol.connection import Identity, Opened, Received
from firmware_bridge.protocol.constants import (
    ACK,
    DATA,
    DEAD_AFTER_US,
    FLAG_AUTH,
    FLAG_OPEN,
    FRAME_COST,
    HELLO,
    HELLO_EVERY_US,
    KEEPALIVE_US,
    ROLE_DEVICE,
    ROLE_HOST,
)
from firmware_bridge.protocol.frame import Decoder, Frame, checked, encode
from firmware_bridge.protocol.messages import SCHEMA, TYPES, Ack, Done, Hello, LearnLast, Save
from tests.bridge.conftest import FIRMWARE, Library
from tests.bridge.firmware.c_link import CLink, Sizes, link_library

KEY = bytes(range(32))
KEYS = pytest.mark.parametrize("key", [None, KEY], ids=["open", "key"])
PLENTY = 1 << 16
COST = 4 + FRAME_COST  # of a Save


class Paper(NamedTuple):
    """A host whose every frame is written by hand."""

    boot: int = 6
    nonce: bytes = b"onceonly"
    key: bytes | None = None
    rx_buffer: int = 4096

    def call(self) -> bytes:
        """Return the HELLO of who has heard nobody."""
        return self._wire(self._hello())

    def session(self, device: Hello) -> auth.Names:
        """Return what the session with who said ``device`` is made of."""
        return auth.Names(self.boot, device.boot, self.nonce, device.nonce)

    def answer(
        self, device: Hello, flip: int | None = None, flags: int = 0, proof: auth.Names | None = None
    ) -> bytes:
        """Return a HELLO that proves the session, or ``proof``; one bit of byte ``flip`` of the proof is wrong."""
        hello = self._hello()._replace(peer=device.boot)
        hello = hello._replace(flags=hello.flags | flags)
        names = proof or self.session(device)
        proven = names.number().to_bytes(8, "little")
        if self.key:
            proven = auth.proof(auth.session_key(self.key, names), ROLE_HOST, messages.encode(hello))
        if flip is not None:
            proven = proven[:flip] + bytes((proven[flip] ^ 1,)) + proven[flip + 1 :]
        return self._wire(hello._replace(proof=proven))

    def ack(self, device: Hello, ack: int, limit: int) -> bytes:
        """Return an ACK of a session without a key."""
        number = self.session(device).number()
        return b"\0" + encode(ACK, TYPES[Ack], 0, ack, messages.encode(Ack(0, limit)), number)

    def _hello(self) -> Hello:
        return Hello(
            1, 1, SCHEMA, ROLE_HOST, FLAG_AUTH if self.key else 0, self.boot, 0, 512, self.rx_buffer, 10**6,
            0, 0, 0, 0, 0, 0, bytes(16), self.nonce, bytes(8),
        )  # fmt: skip

    @staticmethod
    def _wire(hello: Hello) -> bytes:
        return b"\0" + encode(HELLO, TYPES[Hello], 0, 0, messages.encode(hello), 0)


def a_device(library: Library, key: bytes | None = None, sizes: Sizes | None = None) -> CLink:
    device = CLink(
        link_library(library, sizes or Sizes(auth=key is not None)), Identity(ROLE_DEVICE, 5), key=key
    )
    device.connected(0)
    return device


def frames(wire: bytes, session: int) -> list[Frame]:
    """Return the frames of HELLO and of this session."""
    out = []
    for raw in Decoder(1000).feed(wire):
        assert isinstance(raw, bytes)
        out.append(checked(raw, 0) or checked(raw, session))
    return [one for one in out if one is not None]


def said(device: CLink, now_us: int, session: int = 0) -> list[Frame]:
    return frames(device.transmit(now_us, PLENTY), session)


def told(device: CLink, now_us: int) -> Hello:
    """Return the HELLO the device says now."""
    first = said(device, now_us)[0]
    assert first.kind == HELLO
    hello = messages.decode(first.type, first.payload)
    assert isinstance(hello, Hello)
    return hello


def met(library: Library, host: Paper, sizes: Sizes | None = None, flags: int = 0) -> tuple[CLink, Hello]:
    """Return a device that is open with ``host``, and the HELLO the session was made of."""
    device = a_device(library, host.key, sizes)
    hello = told(device, 0)
    assert [type(event) for event in device.receive(host.answer(hello, flags=flags), 0)] == [Opened]
    return device, hello


@KEYS
def test_a_proof_with_any_byte_wrong_opens_nothing(library: Library, key: bytes | None) -> None:
    host, device = Paper(key=key), a_device(library, key)
    hello = told(device, 0)
    for byte in range(8):
        assert device.receive(host.answer(hello, flip=byte), 0) == []
        assert device.state == "closed"
    (event,) = device.receive(host.answer(hello), 0)
    assert isinstance(event, Opened)


@KEYS
def test_a_session_held_is_resumed_by_its_proof_only(library: Library, key: bytes | None) -> None:
    host = Paper(key=key)
    device, hello = met(library, host)
    device.connected(1)
    for wrong in (host.answer(hello, flip=0), host.call(), host._replace(nonce=b"another!").answer(hello)):
        assert device.receive(wrong, 1) == []
    later = host._replace(nonce=b"whatever")  # the same boot, but it has forgotten the session
    assert later.session(hello).number() != host.session(hello).number()
    borrowed = later.answer(hello, proof=host.session(hello))
    assert device.receive(borrowed, 1) == []
    offered = told(device, HELLO_EVERY_US)
    assert (device.state, offered.nonce != hello.nonce) == ("closed", True)
    (event,) = device.receive(host.answer(hello), HELLO_EVERY_US)
    assert event.resumed


@KEYS
def test_an_offer_opens_one_session(library: Library, key: bytes | None) -> None:
    host, other = Paper(key=key), Paper(boot=7, key=key)
    device, hello = met(library, host)
    device.connected(1)
    device.receive(other.call(), 1)
    later = told(device, 1)
    assert (later.peer, later.nonce != hello.nonce) == (other.boot, True)
    (event,) = device.receive(other.answer(later), 1)
    assert not event.resumed
    device.connected(2)
    assert device.receive(host.answer(hello), 2) == [], "what opened once opens nothing again"
    assert device.state == "closed"


@KEYS
def test_what_was_not_acknowledged_goes_again_when_the_session_is_back(
    library: Library, key: bytes | None
) -> None:
    host = Paper(key=key)
    device, hello = met(library, host)
    number = host.session(hello).number()
    device.send(Done(1, 0, 0))
    device.send(Done(2, 0, 0))
    assert [one.kind for one in said(device, 10, number)].count(DATA) == 2
    device.connected(20)
    device.receive(host.answer(hello), 20)
    assert [one.seq for one in said(device, 20, number) if one.kind == DATA] == [0, 1]


def test_a_hello_of_an_open_session_sends_nothing_again(library: Library) -> None:
    host = Paper()
    device, hello = met(library, host)
    number = host.session(hello).number()
    device.send(Done(1, 0, 0))
    said(device, 10, number)
    assert device.receive(host.answer(hello), 20) == []
    assert [one.kind for one in said(device, 20, number)] == [HELLO], (
        "answered at once: the other end may be closed"
    )
    assert device.receive(host.answer(hello, flags=FLAG_OPEN), 30) == []
    assert said(device, 30, number) == [], "both know"


def test_who_hears_nothing_speaks_every_keepalive_and_closes_after_a_second(library: Library) -> None:
    host = Paper()
    device, hello = met(library, host, flags=FLAG_OPEN)
    number = host.session(hello).number()
    assert [one.kind for one in said(device, 0, number)] == [ACK]
    for beat in (1, 2, 3):
        assert said(device, beat * KEEPALIVE_US - 1, number) == []
        assert [one.kind for one in said(device, beat * KEEPALIVE_US, number)] == [ACK]
    device.transmit(DEAD_AFTER_US - 1, 0)
    assert device.state == "open"
    device.transmit(DEAD_AFTER_US, 0)
    assert device.state == "closed"
    assert told(device, DEAD_AFTER_US).nonce == hello.nonce, "the session is remembered"


def test_who_was_not_heard_to_be_open_is_called_every_tenth_of_a_second(library: Library) -> None:
    host = Paper()
    device, hello = met(library, host)
    number = host.session(hello).number()
    kinds = [one.kind for one in said(device, 0, number)]
    assert kinds == [HELLO, ACK]
    assert said(device, HELLO_EVERY_US - 1, number) == []
    assert [one.kind for one in said(device, HELLO_EVERY_US, number)] == [HELLO]
    device.receive(host.ack(hello, 0, 4096), HELLO_EVERY_US + 1)
    assert said(device, 2 * HELLO_EVERY_US, number) == []


def test_credit_is_spent_to_the_last_byte_and_an_older_limit_or_an_impossible_one_changes_nothing(
    library: Library,
) -> None:
    def sent(now_us: int) -> int:
        return [one.kind for one in said(device, now_us, number)].count(DATA)

    host = Paper(rx_buffer=3 * COST)
    device, hello = met(library, host, Sizes(tx_slots=16, rx_slots=15))
    number = host.session(hello).number()
    for i in range(12):
        device.send(Save(i))
    assert sent(1) == 3
    for limit in (2 * COST, 6 * COST + 1, 2**31, 2**32 - 1):  # older; of more than was sent; far beyond
        device.receive(host.ack(hello, 0, limit), 2)
        assert sent(2) == 0
    device.receive(host.ack(hello, 0, 4 * COST - 1), 3)
    assert sent(3) == 0
    device.receive(host.ack(hello, 0, 4 * COST), 4)
    assert sent(4) == 1
    device.receive(host.ack(hello, 4, 4 * COST), 5)
    assert sent(5) == 3, "`ack` alone opens as much"


@pytest.mark.parametrize("rx_buffer", [2**31 - 1, 2**31, 2**32 - 2**20])
def test_credit_without_end_stops_nobody(library: Library, rx_buffer: int) -> None:
    host = Paper(rx_buffer=rx_buffer)
    device, hello = met(library, host, Sizes(tx_slots=16, rx_slots=15))
    number = host.session(hello).number()
    for i in range(5):
        device.send(Save(i))
        kinds = [one.kind for one in said(device, i, number)]
        assert kinds.count(DATA) == 1
        device.receive(host.ack(hello, i + 1, ((i + 1) * COST + rx_buffer) & 0xFFFFFFFF), i)


def test_credit_given_is_what_was_delivered_and_the_buffer(library: Library) -> None:
    host = Paper()
    device, hello = met(library, host)
    number = host.session(hello).number()
    said(device, 0, number)
    for i in range(3):
        wire = encode(DATA, TYPES[Save], i, 0, messages.encode(Save(i)), number)
        assert device.receive(b"\0" + wire, 1) == [Received(Save(i))]
    (ack,) = said(device, 1, number)
    assert messages.decode(ack.type, ack.payload) == Ack(0, 3 * COST + 2 * 522)
    assert ack.ack == 3


@pytest.mark.parametrize("role", [ROLE_HOST, ROLE_DEVICE])
@pytest.mark.parametrize("which", [0, 1], ids=["open", "key"])
def test_the_conversations_of_the_vectors_are_what_c_says(library: Library, role: int, which: int) -> None:
    case = json.loads((FIRMWARE.parent / "protocol" / "vectors.json").read_text())["handshakes"][which]
    key = bytes.fromhex(case["key"]) or None
    identity = Identity(role, case["boots"][role], applied=7 * role, firmware=b"vectors 1")
    one = CLink(link_library(library, Sizes(auth=key is not None)), identity, key=key)
    one.connected(0)
    heard: list[object] = []
    for step in case["steps"]:
        wire = bytes.fromhex(step["wire"])
        if step["from"] == role:
            if step["at_us"] == 5_000 and role == ROLE_HOST:
                one.send(LearnLast(8, 3))
            assert one.transmit(step["at_us"], PLENTY) == wire
            continue
        events = one.receive(wire, step["at_us"])
        heard += events
        if role == ROLE_DEVICE and Received(LearnLast(8, 3)) in events:
            one.send(Done(8, 0, 0))
    assert [type(event) for event in heard] == [Opened, Received]
    assert one.waiting == 0
